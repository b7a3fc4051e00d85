"""Take the screenshots of the documentation: ``./dev shots [DIRECTORY]``.

A sample conversation is played through a real Odoo, the emulator and Chromium, once in
each language of the agent's guide (tools/guide_words.py). The English pictures go to
docs/images, those of another language to a folder in it.
"""

import argparse
import base64
import contextlib
from pathlib import Path

from tools import browser, database, odoo_env, shots
from tools.demo import CALLBACK_PATH
from tools.guide_words import ENGLISH, LANGUAGES
from tools.scene import LUCIA, Person, media, wait_until

MARTA, OSCAR, BEN, NURIA = (
    "34600222001",
    "34600222002",
    "34600222003",
    "34600222004",
)
DESKTOP = {"width": 1440, "height": 900}
TALL = {"width": 1440, "height": 1000}
# What fills only its upper part is taken of a lower window.
LOW = {"width": 1440, "height": 640}
LOWEST = {"width": 1440, "height": 400}
PHONE = {"width": 390, "height": 844}
ANDROID = (
    "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko)"
    " Chrome/130.0.0.0 Mobile Safari/537.36"
)
# What the line's form warns of otherwise: the address of a real Odoo.
PUBLIC_URL = "https://odoo.example.com"
WAIT_MS = 15_000

BANNER = ".o-whatsapp_omni-IdentifyBanner"
HEADER = ".o-whatsapp_omni-ConversationHeader"
INPUT = ".o-mail-Composer-input"
PANEL = ".o-whatsapp_omni-SidePanel"
THREAD = ".o-whatsapp_omni-Inbox-thread"
DIALOG = ".modal-content"


class Guide:
    """The centre of the guide, in one language.

    :param url: of Odoo
    :param words: of the language, :class:`tools.guide_words.Words`
    """

    def __init__(self, chromium, gupshup, url, words, directory):
        self._chromium = chromium
        self._gupshup = gupshup
        self._url = url
        self._words = words
        self._texts = words.texts
        self._directory = directory

    def take_all(self):
        """Play everything that happens, and take the pictures."""
        self._admin = self._log_in("admin")
        self._speak()
        self._ana = self._log_in("agent")
        self._luis = self._log_in("agent2")
        self._page = self._ana.page
        self._play()
        self._page.bring_to_front()
        self._take_stranger()
        self._take_desk()
        self._take_dialogs()
        self._take_conference()
        self._take_phone()
        if self._words is ENGLISH:
            self._take_others()
        self._take_offer()

    def _log_in(self, login):
        context = self._chromium.new_context(
            viewport=DESKTOP, locale=self._words.locale
        )
        context.set_default_timeout(WAIT_MS)
        return Person(shots.log_in(context, self._url, login), self._url)

    def _speak(self):
        """Have everybody use the language, and things be called in it."""
        users = [row["id"] for row in self._admin.find("res.users", [])]
        self._admin.call("res.users", "write", users, {"lang": self._words.code})
        (company,) = self._admin.find("res.company", [], "partner_id")
        self._admin.call(
            "res.partner", "write", company["partner_id"][0], {"lang": self._words.code}
        )
        for (model, name), values in self._words.renamed.items():
            found = self._admin.find(model, [["name", "=", name]])
            self._admin.call(model, "write", [row["id"] for row in found], values)

    # --- what happens -------------------------------------------------------------

    def _play(self):
        for person in (self._ana, self._luis):
            person.call("whatsapp_omni.agent", "set_state", "available")
        self._let_sell()
        self._create_contacts()
        self._play_earlier()
        self._play_shared()
        self._play_others()
        self._play_conversation()

    def _let_sell(self):
        """Have Ana see leads, as agents do who sell."""
        (group,) = self._admin.find(
            "ir.model.data",
            [
                ["module", "=", "sales_team"],
                ["name", "=", "group_sale_salesman_all_leads"],
            ],
            "res_id",
        )
        values = {"group_ids": [[4, group["res_id"]]]}
        self._admin.call("res.users", "write", [self._find_user("agent")], values)

    def _find_user(self, login):
        (user,) = self._admin.find("res.users", [["login", "=", login]])
        return user["id"]

    def _create_contacts(self):
        """Two of the same name, one of whom has the number."""
        for company, phone in (("Talleres Gómez SL", f"+{LUCIA}"), ("Bar Sol", False)):
            parent = self._create("res.partner", name=company, is_company=True)
            self._contact = self._create(
                "res.partner",
                name="Lucía Gómez",
                phone=phone,
                parent_id=parent,
                lang=self._words.code,
            )
            if phone:
                self._create_lead()

    def _create(self, model, **values):
        return self._admin.call(model, "create", [values])[0]

    def _create_lead(self):
        self._create(
            "crm.lead",
            name=self._texts["lead"],
            partner_id=self._contact,
            user_id=self._find_user("agent"),
            type="opportunity",
            expected_revenue=1200,
        )

    def _write(self, phone, name, text, **message):
        self._gupshup.write(phone, self._texts[text], name=name, **message)
        self._ana.conversation(phone, ["state", "!=", "closed"])

    def _attend(self, phone, name, text):
        self._write(phone, name, text)
        self._ana.do(phone, "capture")

    def _play_earlier(self):
        self._attend(LUCIA, "Lucía Gómez", "earlier")
        self._ana.post(LUCIA, self._texts["earlier_answer"])
        (solved,) = self._admin.find(
            "whatsapp_omni.disposition", [["name", "=", self._texts["solved"]]]
        )
        note = self._texts["earlier_note"]
        self._ana.do(LUCIA, "close", solved["id"], note=note, farewell=False)

    def _play_shared(self):
        self._attend(MARTA, "Marta Vidal", "shared")
        self._ana.post(MARTA, self._texts["shared_answer"])
        question = self._texts["shared_question"]
        luis = self._find_user("agent2")
        self._ana.do(MARTA, "invite", user_id=luis, note=question)
        (invitation,) = self._luis.find("whatsapp_omni.invitation", [])
        self._luis.call("whatsapp_omni.invitation", "action_join", [invitation["id"]])
        self._luis.post(MARTA, self._texts["shared_guest"])
        self._write(MARTA, "Marta Vidal", "shared_last")

    def _play_others(self):
        self._attend(OSCAR, "Óscar Peña", "aside")
        self._ana.do(OSCAR, "put_aside")
        tag = self._create("whatsapp_omni.tag", name=self._texts["tag"], color=4)
        self._ana.do(MARTA, "set_tags", [tag])
        self._write(BEN, "Benito Ramos", "waiting")
        self._write(NURIA, "Nuria Soler", "waiting_too")

    def _play_conversation(self):
        self._attend(LUCIA, "Lucía Gómez", "hello")
        self._ana.post(LUCIA, self._texts["answer"])
        self._wait_for_sent()
        picture = media(shots.photo(), "image/png", self._texts["broken_file"])
        self._gupshup.write(
            LUCIA, type="image", caption=self._texts["broken"], media=picture
        )
        self._ana.post(LUCIA, self._texts["thanks"])
        self._read_all()
        self._gupshup.write(LUCIA, self._texts["please"])

    def _wait_for_sent(self):
        waiting = [["state", "in", ["queued", "sending"]]]
        wait_until(
            lambda: not self._admin.find("whatsapp_omni.message", waiting),
            "end of what is sent",
        )

    def _read_all(self):
        """Have customers read everything, once it has left."""
        self._wait_for_sent()
        for sent in self._gupshup.call("GET", "sent")["sent"]:
            receipt = {"gs_id": sent["gs_id"], "status": "read", "wait": True}
            self._gupshup.call("POST", "receipt", receipt)

    # --- pictures -----------------------------------------------------------------

    def _take(self, name, of=None, page=None):
        """Take a picture of a page, or of one thing on it."""
        page = page or self._page
        page.mouse.move(0, 0)  # else what is under it looks chosen
        page.wait_for_timeout(500)  # until what moves into its place is there
        shots.settle(page)
        target = page.locator(of).last if of else page
        target.screenshot(
            path=str(self._directory / f"{name}.png"), animations="disabled"
        )
        print(f"  {self._words.folder or '.'}/{name}.png", flush=True)

    def _open(self, phone):
        """Open a conversation, its last messages and its panel included."""
        id_ = self._ana.conversation(phone)["id"]
        self._page.goto(f"{self._url}/odoo/whatsapp/{id_}")
        self._page.locator(f"{PANEL}-timeline").wait_for()
        self._page.locator(".o-mail-Message").last.wait_for()

    def _press(self, action):
        """Press a button above the conversation, or behind its three dots."""
        button = self._page.locator(f"{HEADER}-{action}")
        if not button.count():
            self._page.locator(f"{HEADER}-more").click()
        button.click()

    def _leave(self):
        """Leave the dialog."""
        self._page.keyboard.press("Escape")
        self._page.locator(DIALOG).wait_for(state="detached")

    def _take_stranger(self):
        """Take how an unknown customer is identified."""
        page = self._page
        self._open(LUCIA)
        page.locator(f"{BANNER} [data-match=number]").wait_for()
        self._take("unknown", of=THREAD)
        page.locator(f"{BANNER}-here").click()
        page.locator(".o-whatsapp_omni-IdentifyDialog-contact").first.wait_for()
        self._take("identify", of=DIALOG)
        self._leave()
        page.locator(f"{BANNER} [data-match=number]").click()
        page.locator(BANNER).wait_for(state="detached")

    def _take_desk(self):
        """Take the whole desk, what the panel shows besides, and a private note."""
        page = self._page
        self._open(LUCIA)
        page.locator(f"{PANEL} .o_form_view").wait_for()
        self._take("desk")
        page.set_viewport_size(LOWEST)
        page.locator(f"{PANEL}-tab[data-tab=records]").click()
        page.locator(f"{PANEL}-previous").wait_for()
        self._take("records", of=PANEL)
        page.locator(f"{PANEL}-tab[data-tab=contact]").click()
        page.set_viewport_size(LOW)
        self._ana.post(LUCIA, self._texts["noted"], note=True)
        page.get_by_text(self._texts["noted"]).last.wait_for()
        page.keyboard.press("Alt+n")
        page.locator(".o-whatsapp_omni-NoteStrip").wait_for()
        page.locator(INPUT).fill(self._texts["note"])
        self._take("note", of=THREAD)
        page.locator(INPUT).fill("")
        page.locator(".o-whatsapp_omni-NoteStrip-leave").click()
        page.set_viewport_size(DESKTOP)

    def _take_dialogs(self):
        page = self._page
        page.locator("button[name=whatsapp-quick-replies]").click()
        page.locator(f"[role=option][data-name='{self._texts['hours']}']").click()
        self._take("quick-replies", of=DIALOG)
        self._leave()
        self._press("transfer")
        page.locator(".o-whatsapp_omni-TransferDialog-option").first.click()
        page.locator("#o-whatsapp_omni-TransferDialog-note").fill(
            self._texts["transfer"]
        )
        self._take("transfer", of=DIALOG)
        self._leave()
        page.set_viewport_size(TALL)
        self._press("close")
        page.get_by_role("option", name=self._texts["won"]).click()
        form = page.locator(".o-whatsapp_omni-ResultForm")
        form.locator(".o-whatsapp_omni-ResultForm-field input").fill(
            self._texts["order"]
        )
        form.locator("#o-whatsapp_omni-ResultForm-note").fill(self._texts["close"])
        # No follow-up: its date is written as the browser's own language has it.
        self._take("close", of=DIALOG)
        self._leave()
        page.set_viewport_size(DESKTOP)

    def _take_conference(self):
        self._page.set_viewport_size(LOW)
        self._open(MARTA)
        self._page.locator(f"{HEADER}-name").click()
        self._open(MARTA)  # again: what is new has been read now
        self._page.locator(".o-whatsapp_omni-TogetherStrip").wait_for()
        self._take("conference", of=THREAD)
        self._page.set_viewport_size(DESKTOP)

    def _take_phone(self):
        """Take the three pages of the desk on a phone, side by side."""
        state = self._page.context.storage_state()
        context = self._chromium.new_context(
            viewport=PHONE,
            storage_state=state,
            locale=self._words.locale,
            has_touch=True,
            user_agent=ANDROID,
        )
        context.set_default_timeout(WAIT_MS)
        page = context.new_page()
        page.goto(f"{self._url}/odoo/whatsapp")
        page.locator("[role=tab][data-tab=attended]").tap()
        card = page.locator(".o-whatsapp_omni-ConversationCard", has_text="Lucía")
        card.wait_for()
        views = [self._look(page)]
        card.tap()
        page.get_by_text(self._texts["please"]).last.wait_for()
        views.append(self._look(page))
        page.locator(f"{HEADER}-panel").tap()
        page.locator(f"{PANEL} .o_form_view").wait_for()
        views.append(self._look(page))
        self._join(page, views)
        context.close()

    @staticmethod
    def _look(page):
        page.wait_for_timeout(800)  # until what moves into its place is there
        shots.settle(page)
        return base64.b64encode(page.screenshot(animations="disabled")).decode()

    def _join(self, page, views):
        images = "".join(
            f'<img style="border:1px solid #ccc" src="data:image/png;base64,{view}">'
            for view in views
        )
        page.set_viewport_size({"width": 1300, "height": 900})
        page.set_content(f'<div style="display:inline-flex;gap:24px">{images}</div>')
        self._take("phone", of="div", page=page)

    def _take_others(self):
        """Take what the English documents show besides."""
        page = self._ana.page.context.new_page()
        page.goto(self._gupshup.url)
        page.locator(f".phone-row[data-phone='{LUCIA}']").click()
        self._take("phone-page", page=page)
        page.close()
        page = self._admin.page
        self._admin.call("ir.config_parameter", "set_param", "web.base.url", PUBLIC_URL)
        page.goto(f"{self._url}/odoo/action-whatsapp_omni.line_action/1")
        page.wait_for_selector(".o_form_view")
        self._take("line", page=page)

    def _take_offer(self):
        """Take what rings: queues give out what waits, and only Ana is there."""
        queues = [row["id"] for row in self._admin.find("whatsapp_omni.queue", [])]
        self._luis.call("whatsapp_omni.agent", "set_state", "offline")
        settings = {"strategy": "least_busy", "offer_seconds": 60}
        self._admin.call("whatsapp_omni.queue", "write", queues, settings)
        self._ana.call("whatsapp_omni.agent", "set_state", "available")
        self._page.bring_to_front()
        self._open(LUCIA)
        self._page.wait_for_selector(".o-whatsapp_omni-OfferCard")
        self._take("offer")


def take_in(words, chromium, template, directory):
    """Take the pictures in one language, in a copy of a database."""
    directory = directory / words.folder
    directory.mkdir(parents=True, exist_ok=True)
    port = odoo_env.free_port()
    url = f"http://127.0.0.1:{port}"
    with contextlib.ExitStack() as stack:
        gupshup = stack.enter_context(
            shots.Emulator(
                "--fast",
                f"--callback={url}{CALLBACK_PATH}",
                log_path=odoo_env.STATE / "log" / "emulator-shots.log",
            )
        )
        odoo_env.create_copy(shots.NAME, template)
        stack.callback(odoo_env.drop, shots.NAME)
        shots.connect(shots.NAME, gupshup.url, url)
        stack.enter_context(odoo_env.start_odoo(shots.NAME, port=port))
        Guide(chromium, gupshup, url, words, directory).take_all()


def main():
    """Take the pictures in every language."""
    parser = argparse.ArgumentParser(
        prog="./dev shots", description=__doc__.splitlines()[0]
    )
    default = odoo_env.ROOT / "docs" / "images"
    parser.add_argument("directory", nargs="?", type=Path, default=default)
    parser.add_argument(
        "--language", choices=[words.code for words in LANGUAGES], help="only this one"
    )
    arguments = parser.parse_args()
    template = f"{shots.NAME}_template"
    with contextlib.ExitStack() as stack:
        stack.callback(odoo_env.drop, template)
        database.create_demo(
            template, [database.ADDON, "crm"], [words.code for words in LANGUAGES[1:]]
        )
        chromium = stack.enter_context(browser.chromium())
        for words in LANGUAGES:
            if arguments.language in (None, words.code):
                take_in(words, chromium, template, arguments.directory)


if __name__ == "__main__":
    main()
