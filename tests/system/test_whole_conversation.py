# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A whole conversation on two screens: the agent's desk and the customer's phone.

Two windows of a real browser. Between them are Odoo, its bus and the emulator, and
nothing that happens on one screen is helped to the other by hand or by a reload.
"""

from harness.callbacks import new_phone, profile_name
from screens import BLUE, GREY, Desk, Phone, window

from gupshup_emulator import samples


def test_whole_conversation(centre, chromium, files):
    """Text, a photo and a document each way, blue ticks, the end, and a new beginning.

    The customer writes; the agent sees it come, takes it with one click, answers, gets
    and sends files, sees what was delivered and what was read, and closes. When the
    customer writes once more, it is a new conversation.
    """
    number = new_phone()
    with window(chromium) as screen, window(chromium) as phone_screen:
        desk = Desk(screen, centre.odoo.url, "ana", profile_name(number))
        phone = Phone(phone_screen, centre.emulator.url, number)

        phone.write("Hello, are you open today?")
        desk.capture("Hello, are you open today?")

        phone.look_away()
        desk.write("Yes, until eight")
        assert desk.ticks("Yes, until eight", "delivered") == (2, GREY)
        phone.look_back()
        phone.answer("Yes, until eight")
        assert desk.ticks("Yes, until eight", "read") == (2, BLUE)

        bill = samples.pdf()
        phone.send(
            "Photo or video", files("part.png", samples.png(40, 30)), "This part broke"
        )
        assert desk.photo_width("This part broke") == 40
        phone.send("Document", files("receipt.pdf", bill))
        assert desk.download("receipt.pdf") == bill

        desk.send(files("spare.png", samples.png(60, 20)), "This one fits")
        assert phone.photo_width("This one fits") == 60
        desk.send(files("offer.pdf", bill), "And its price")
        assert phone.download("offer.pdf") == bill
        for text in ("Yes, until eight", "This one fits", "And its price"):
            assert desk.ticks(text, "read") == (2, BLUE)

        desk.close("Solved")
        phone.write("One more question")
        desk.wait_for_new("One more question")

    assert states(centre, number) == ["closed", "new"]
    assert centre.transcript(number) == [
        "Hello, are you open today?",
        "This part broke",
        "",
        "One more question",
    ]
    assert [
        (record["message"]["type"], record["state"])
        for record in centre.emulator.sent(number)
    ] == [("text", "read"), ("image", "read"), ("file", "read")]


def states(centre, number):
    """Return the states of the customer's conversations, in their order."""
    rows = centre.query(
        "SELECT state FROM whatsapp_omni_conversation WHERE id = ANY(%s) ORDER BY id",
        centre.conversations(number),
    )
    return [state for (state,) in rows]
