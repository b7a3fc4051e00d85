# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The desk in a dark theme, in a real browser: everything can be read."""

from harness.callbacks import new_phone, profile_name
from screens import Desk, window

from tools import dark

#: What WCAG asks for text of ordinary size (AA).
READABLE = 4.5
WHATSAPP = ".o-whatsapp_omni-"
MESSAGE = ".o-mail-Message"
NOTE, OURS = f"{MESSAGE}{WHATSAPP}note", f"{MESSAGE}{WHATSAPP}outgoing"
CARD = f"{WHATSAPP}ConversationCard"

#: Selectors of what is read, by what a failure calls it.
TEXTS = {
    "customer's message": f"{MESSAGE}:not({WHATSAPP}outgoing) {MESSAGE}-body",
    "our message": f"{OURS} {MESSAGE}-body",
    "author": f"{OURS} {MESSAGE}-author",
    "note": f"{NOTE} {MESSAGE}-body",
    "who sees the note": f"{WHATSAPP}Message-private",
    "ticks of what was read": f"{WHATSAPP}MessageStatus.o-read",
    "ticks of what has left": f"{WHATSAPP}MessageStatus.o-sent",
    "sign of what failed": f"{WHATSAPP}MessageStatus.o-failed",
    "why it failed": f"{WHATSAPP}MessageTrouble > span",
    "name on a card": f"{CARD}-name",
    "text on a card": f"{CARD}-text",
    "facts on a card": f"{CARD}-facts > span",
    "time on a card": f"{CARD} time",
}

#: The contrast of an element's text with what is behind it, as WCAG computes it.
CONTRAST = """
element => {
    const parse = text => {
        const [r, g, b, a = 1] = text.match(/[\\d.]+/g).map(Number);
        return { rgb: [r, g, b], a };
    };
    const over = (top, below) =>
        top.rgb.map((value, i) => value * top.a + below[i] * (1 - top.a));
    const light = rgb => {
        const [r, g, b] = rgb.map(value => {
            const part = value / 255;
            return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
        });
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const layers = [];
    let opacity = 1;
    for (let box = element; box; box = box.parentElement) {
        const style = getComputedStyle(box);
        layers.unshift(parse(style.backgroundColor));
        opacity *= Number(style.opacity);
    }
    const ground = layers.reduce((below, layer) => over(layer, below), [255, 255, 255]);
    const ink = parse(getComputedStyle(element).color);
    const text = over({ ...ink, a: ink.a * opacity }, ground);
    const [dim, bright] = [light(text), light(ground)].sort((a, b) => a - b);
    return (bright + 0.05) / (dim + 0.05);
}
"""


def test_everything_on_the_desk_can_be_read_in_dark(new_centre, chromium):
    """The dark bundle is served, and no text of ours is too faint on its ground."""
    centre = new_centre(0, dark.ODOO_OPTIONS)
    number = new_phone()
    ana = centre.browser("ana")
    centre.emulator.write(number, "Hello, are you open?")
    centre.wait_applied()
    ana.capture(centre.conversations(number)[0])
    let_everything_be_said(centre, ana, number)
    with window(chromium) as page:
        dark.choose(page.context, centre.odoo.url)
        desk = Desk(page, centre.odoo.url, "ana", profile_name(number))
        assert page.locator("link[href*='web.assets_web_dark']").count() == 1
        assert page.evaluate("getComputedStyle(document.body).colorScheme") == "dark"
        desk.open()
        desk.shows("Yes, until eight.", "It is in the shop.", "Only for us")
        faint = {name: worst for name, worst in contrasts(page) if worst < READABLE}
    assert faint == {}


def let_everything_be_said(centre, ana, number):
    """Have messages that were read, have left and failed, and a note."""
    channel = centre.channel(number)
    ana.post(channel, "Yes, until eight.")
    centre.wait_answers(number, "delivered")
    receipt = {"gs_id": centre.emulator.sent(number)[0]["gs_id"], "status": "read"}
    centre.emulator.call("POST", "receipt", {**receipt, "wait": True})
    centre.emulator.faults(fail_code=131026)
    ana.post(channel, "It is in the shop.")
    centre.wait_answers(number, "read", "failed")
    centre.emulator.faults(sent_only=True)
    ana.post(channel, "The price is 20 euros.")
    centre.wait_answers(number, "read", "failed", "sent")
    note = {"body": "Only for us", "message_type": "comment"}
    ana.json(
        "/mail/message/post",
        thread_model="discuss.channel",
        thread_id=channel,
        post_data={**note, "subtype_xmlid": "mail.mt_note"},
    )


def contrasts(page):
    """Yield each text with the worst contrast of those like it."""
    for name, selector in TEXTS.items():
        found = page.locator(selector)
        found.first.wait_for()
        yield name, round(min(text.evaluate(CONTRAST) for text in found.all()), 2)
