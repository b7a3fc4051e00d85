"""Look at every screen: ``./dev shots --all DIRECTORY``.

The sample centre with everything in it (tools/scene.py), each screen at the widths of
two desktops and a phone, in light and in dark, as ``NAME-WIDTH-THEME.png``. What cannot
be opened is named at the end, and the command fails; the other pictures are there.
Names after the directory take only the screens whose names begin so.
"""

import argparse
import contextlib
import sys
from pathlib import Path

from playwright.sync_api import Error

from tools import browser, dark, database, odoo_env, scene, shots
from tools.demo import CALLBACK_PATH

WIDE = ({"width": 1440, "height": 900}, {"width": 1280, "height": 800})
NARROW = ({"width": 390, "height": 844},)
THEMES = ("light", "dark")
PEOPLE = ("agent", "agent2", "supervisor", "admin")
WAIT_MS = 15_000

HEADER = ".o-whatsapp_omni-ConversationHeader"
CARD = ".o-whatsapp_omni-ConversationCard"
STATE = ".o-whatsapp_omni-AgentState"

#: Lists and forms of the back office, by the path of their action: who looks, and which
#: of the records is opened (None: it has no form worth a picture of its own).
RECORDS = {
    "waiting": ("supervisor", 0),
    "active": ("supervisor", 0),
    "about-to-expire": ("supervisor", None),
    "unmanaged": ("supervisor", None),
    "history": ("supervisor", 0),
    "conversations": ("supervisor", None),
    "unanswered": ("supervisor", None),
    "agents": ("supervisor", 0),
    "agent-time": ("supervisor", None),
    "assignments": ("supervisor", None),
    "transfers": ("supervisor", None),
    "filled-in": ("supervisor", None),
    "consent": ("supervisor", None),
    "blocked": ("supervisor", 0),
    "revealed": ("supervisor", None),
    "customers": ("supervisor", 0),
    "messages": ("supervisor", 0),
    "lines": ("admin", 0),
    "providers": ("admin", 0),
    "queues": ("admin", 0),
    "menus": ("admin", 0),
    "time-groups": ("admin", 0),
    "dispositions": ("admin", 1),
    "tags": ("admin", None),
    "pause-reasons": ("admin", None),
    "skills": ("admin", None),
    "approved-templates": ("admin", 6),
    "message-templates": ("admin", 2),
    "events": ("admin", 0),
}


class Walk:
    """One walk past all screens, at some widths in one theme.

    :param sizes: of which the first is the one that screens are opened at
    """

    def __init__(self, chromium, gupshup, people, sizes, theme, urls, directory, only):
        self._gupshup = gupshup
        self._people = people
        self._chromium = chromium
        self._sizes = sizes
        self._theme = theme
        self._url, self._phone_url = urls
        self._directory = directory
        self._only = only
        self._stack = contextlib.ExitStack()
        self._pages = {}
        self.failures = []

    def __enter__(self):
        return self

    def __exit__(self, *exc_info):
        self._stack.close()

    @property
    def _is_narrow(self):
        return self._sizes == NARROW

    def _open_context(self, login=None):
        state = login and self._people[login].page.context.storage_state()
        context = self._chromium.new_context(
            viewport=self._sizes[0], storage_state=state, locale="en-GB"
        )
        self._stack.callback(context.close)
        dark.choose(context, self._url, self._theme)
        return context

    def page(self, login):
        """Return this person's page at these sizes."""
        if login not in self._pages:
            page = self._open_context(login).new_page()
            page.set_default_timeout(WAIT_MS)
            self._pages[login] = page
        return self._pages[login]

    def go(self, login, path):
        """Have somebody open a page of Odoo; return it, loaded."""
        page = self.page(login)
        page.goto(f"{self._url}/odoo/{path}")
        page.wait_for_selector(".o_action_manager > *")
        return page

    @contextlib.contextmanager
    def screen(self, name):
        """Take what is opened inside; go on when that fails."""
        try:
            yield
        except (Error, RuntimeError) as error:
            reason = str(error).splitlines()[0]
            self.failures.append(f"{name}, {self._theme}: {reason}")
            print(f"  {self.failures[-1]}", flush=True)

    def take(self, page, name, tall=False):
        """Take a picture at each size; a tall one has all that can be scrolled to."""
        for size in self._sizes:
            page.set_viewport_size(size)
            page.wait_for_timeout(400)  # until what moves into its place is there
            with contextlib.suppress(Error):
                shots.settle(page)
            if tall:
                page.set_viewport_size({**size, "height": self._height(page, size)})
                page.wait_for_timeout(150)
            file = f"{name}-{size['width']}-{self._theme}.png"
            page.screenshot(path=str(self._directory / file), animations="disabled")
        page.set_viewport_size(self._sizes[0])

    def _height(self, page, size):
        hidden = page.evaluate(
            "Math.max(0, ...[...document.querySelectorAll("
            "'.o_content, .o_form_sheet_bg, .o_form_view_container, .settings')]"
            ".map((box) => box.scrollHeight - box.clientHeight))"
        )
        return min(size["height"] + hidden, 4000)

    def wants(self, name):
        return not self._only or any(name.startswith(part) for part in self._only)

    # --- what there is to see -----------------------------------------------------

    def see_all(self):
        """Go past everything."""
        for part in (
            self.see_desk,
            self.see_dialogs,
            self.see_supervision,
            self.see_records,
            self.see_windows,
            self.see_others,
        ):
            part()

    def conversation(self, phone, login="agent"):
        """Open a conversation on the desk."""
        found = self._people["admin"].conversation(phone)
        page = self.go(login, f"whatsapp/{found['id']}")
        page.wait_for_selector(HEADER)
        return page

    def see_desk(self):
        """Take the desk with each kind of conversation, and its side panel."""
        for name, phone in (
            ("thread", scene.LUCIA),
            ("window-over", scene.PAST),
            ("transferred", scene.SENT_ON),
            ("conference", scene.JOINT),
            ("parked", scene.ASIDE),
            ("archived", scene.ARCHIVED),
            ("waiting", scene.BEN),
            ("closed", scene.CLOSED),
        ):
            self._see_conversation(f"desk-{name}", phone)
        self._see_conversation("desk-arrived", scene.SENT_ON, "agent2")
        self._see_conversation("desk-guest", scene.JOINT, "agent2")
        self._see_thread_above()
        self._see_lists()
        self._see_panel()

    def _see_conversation(self, name, phone, login="agent"):
        if self.wants(name):
            with self.screen(name):
                page = self.conversation(phone, login)
                page.wait_for_timeout(1200)
                self.take(page, name)

    def _see_thread_above(self):
        if self.wants("desk-above"):
            with self.screen("desk-above"):
                page = self.conversation(scene.LUCIA)
                page.wait_for_timeout(1500)
                for step in range(1, 4):
                    page.evaluate(
                        "document.querySelector('.o-mail-Thread').scrollBy(0, -620)"
                    )
                    page.wait_for_timeout(300)
                    self.take(page, f"desk-above{step}")

    def _see_lists(self):
        for tab in ("new", "attended"):
            if self.wants(f"desk-list-{tab}"):
                with self.screen(f"desk-list-{tab}"):
                    page = self.go("agent", "whatsapp")
                    page.locator(f"[role=tab][data-tab={tab}]").click()
                    page.locator(CARD).first.wait_for()
                    self.take(page, f"desk-list-{tab}")
        if self.wants("desk-search"):
            with self.screen("desk-search"):
                page = self.go("agent", "whatsapp")
                page.fill(".o-whatsapp_omni-ConversationList-search", "pieza")
                page.wait_for_selector(".o-whatsapp_omni-ConversationList-messages")
                self.take(page, "desk-search")

    def _see_panel(self):
        for tab in ("contact", "records", "files"):
            name = f"panel-{tab}"
            if self.wants(name):
                with self.screen(name):
                    page = self.conversation(scene.LUCIA)
                    self._open_panel(page)
                    page.locator(
                        f".o-whatsapp_omni-SidePanel-tab[data-tab={tab}]"
                    ).click()
                    page.wait_for_timeout(800)
                    self.take(page, name)
        if self.wants("panel-stranger"):
            with self.screen("panel-stranger"):
                page = self.conversation(scene.PAST)
                self._open_panel(page)
                page.locator(".o-whatsapp_omni-SidePanel-tab[data-tab=contact]").click()
                page.wait_for_selector(".o-whatsapp_omni-SidePanel-stranger")
                self.take(page, "panel-stranger")

    def _open_panel(self, page):
        panel = page.locator(".o-whatsapp_omni-SidePanel")
        page.wait_for_timeout(500)
        if not panel.count():
            page.locator(f"{HEADER}-panel").click()
        panel.wait_for()

    def see_dialogs(self):
        """Take what opens above a conversation."""
        for name, phone, open_ in (
            ("close", scene.BEN, self._close_form),
            ("close-records", scene.LUCIA, self._close_records),
            ("close-warnings", scene.LUCIA, self._button("close")),
            ("close-parked", scene.ASIDE, self._button("close")),
            ("transfer", scene.LUCIA, self._button("transfer")),
            ("invite", scene.LUCIA, self._button("conference")),
            ("put-aside", scene.LUCIA, self._button("put-aside")),
            ("tags", scene.LUCIA, self._button("tags")),
            ("menu", scene.LUCIA, self._more),
            ("identify", scene.PAST, self._button("identify")),
            ("identify-create", scene.PAST, self._create_contact),
            ("close-meanwhile", scene.JOINT, self._close_meanwhile),
            ("picker", scene.LUCIA, self._picker),
            ("picker-templates", scene.PAST, self._restart),
            ("list-builder", scene.LUCIA, self._composer("question", self._list)),
            ("buttons-builder", scene.LUCIA, self._composer("question")),
            ("location", scene.LUCIA, self._composer("location")),
            ("contact", scene.LUCIA, self._composer("contact")),
            ("contact-chosen", scene.LUCIA, self._composer("contact", self._choose)),
            ("camera", scene.LUCIA, self._composer("camera")),
            ("send-later", scene.LUCIA, self._composer("send-later")),
            ("composer-menu", scene.LUCIA, self._composer_menu),
            ("start", scene.LUCIA, self._start),
            ("shortcuts", scene.LUCIA, self._shortcuts),
            ("note", scene.LUCIA, self._button("note")),
            ("state-menu", scene.LUCIA, self._state_menu),
            ("going-home", scene.LUCIA, self._going_home),
        ):
            name = f"dialog-{name}"
            if self.wants(name):
                with self.screen(name):
                    login = "agent2" if phone == scene.BEN else "agent"
                    page = self.conversation(phone, login)
                    page.wait_for_timeout(800)
                    open_(page)
                    page.wait_for_timeout(600)
                    self.take(page, name)
                    # Else a form saves what it holds when its page is left.
                    page.keyboard.press("Escape")

    def _more(self, page):
        page.locator(f"{HEADER}-more").click()

    def _button(self, action):
        def press(page):
            button = page.locator(f"{HEADER}-{action}")
            page.locator(HEADER).wait_for()
            page.wait_for_timeout(300)
            if not button.count():
                self._more(page)
            button.click()

        return press

    def _close_form(self, page):
        if page.locator(f"{HEADER}-take").count():
            page.locator(f"{HEADER}-take").click()
        self._button("close")(page)
        page.get_by_role("option", name="Won").click()
        page.locator("#o-whatsapp_omni-FollowUp-switch").check()

    def close(self, page):
        """Close the conversation on a page."""
        self._button("close")(page)
        page.get_by_role("option", name="Solved").click()
        page.locator(".o-whatsapp_omni-CloseDialog-confirm").click()
        page.locator("[role=dialog]").wait_for(state="detached")

    def _close_records(self, page):
        self._button("close")(page)
        page.locator(".o-whatsapp_omni-CloseDialog-tab[data-tab=records]").click()

    def _create_contact(self, page):
        self._button("identify")(page)
        page.locator(".o-whatsapp_omni-IdentifyDialog-create").click()
        page.locator(".modal .o_form_view").wait_for()

    def _close_meanwhile(self, page):
        """Close while an answer is on its way and the customer goes on writing."""
        self._gupshup.call("PATCH", "faults", {"http_status": 503})
        try:
            self._people["agent"].post(scene.JOINT, "Let me have a look.")
            page.get_by_text("Let me have a look.").last.wait_for()
            self._button("close")(page)
            self._gupshup.write(scene.JOINT, "One more question")
            page.locator(".o-whatsapp_omni-CloseDialog-warning").nth(1).wait_for()
        finally:
            self._gupshup.call("PATCH", "faults", {"http_status": None})

    def _choose(self, page):
        page.locator(".o-whatsapp_omni-ContactDialog-search").fill("Lucía")
        page.locator(".o-whatsapp_omni-ContactDialog-contact", has_text="Lucía").click()

    def _picker(self, page):
        page.locator("button[name=whatsapp-quick-replies]").click()
        page.locator(".o-whatsapp_omni-MessagePicker-option").first.click()

    def _restart(self, page):
        page.locator(".o-whatsapp_omni-ComposerBar-restart").click()
        page.locator("[role=option][data-name=order_ready]").click()

    def _composer_menu(self, page):
        page.locator(".o-mail-Composer button[name=more-actions]").click()

    def _composer(self, window, then=None):
        def open_(page):
            self._composer_menu(page)
            page.locator(f"button[name=whatsapp-{window}]").click()
            page.locator("[role=dialog]").wait_for()
            if then:
                then(page)

        return open_

    def _list(self, page):
        dialog = page.locator(".o-whatsapp_omni-QuestionDialog")
        dialog.locator(".o-whatsapp_omni-QuestionDialog-list").click()
        dialog.get_by_label("Question", exact=True).fill("Which size do you need?")
        for number, row in enumerate(("Small", "Medium, for most people")):
            dialog.get_by_label("Row", exact=True).nth(number).fill(row)

    def _start(self, page):
        if self._is_narrow:
            page = self.go("agent", "whatsapp")
        page.locator(".o-whatsapp_omni-ConversationList-start").click()
        page.locator(".o-whatsapp_omni-PersonPicker-search").fill("Luc")

    def _shortcuts(self, page):
        page.locator(f"{HEADER}-name").click()
        page.keyboard.press("?")
        page.locator(".o-whatsapp_omni-ShortcutsDialog").wait_for()

    def _state_menu(self, page):
        page.locator(f".o_menu_systray {STATE}-toggle").click()

    def _going_home(self, page):
        self._state_menu(page)
        page.locator(f"{STATE}-logout").click()

    def see_supervision(self):
        """Take the desk as a supervisor sees it, and how they have a say in it."""
        self._see_conversation("desk-supervised", scene.LUCIA, "supervisor")
        for name, phone, open_ in (
            ("desk-supervisor-menu", scene.LUCIA, self._more),
            ("desk-whispering", scene.LUCIA, self._button("whisper")),
            ("desk-barged-in", scene.JOINT, self._barge_in),
        ):
            if self.wants(name):
                with self.screen(name):
                    page = self.conversation(phone, "supervisor")
                    page.wait_for_timeout(800)
                    open_(page)
                    page.wait_for_timeout(600)
                    self.take(page, name)

    def _barge_in(self, page):
        # It is there already in the walks after the first.
        if not page.locator(".o-whatsapp_omni-TogetherStrip-leave").count():
            self._button("barge-in")(page)

    def see_records(self):
        """Take lists and forms."""
        for path, (login, opened) in RECORDS.items():
            if self.wants(f"list-{path}"):
                with self.screen(f"list-{path}"):
                    page = self.go(login, f"whatsapp-{path}")
                    page.wait_for_selector(".o_view_controller .o_content")
                    self.take(page, f"list-{path}", tall=True)
            if opened is not None and self.wants(f"form-{path}"):
                with self.screen(f"form-{path}"):
                    page = self.go(login, f"whatsapp-{path}")
                    self._open_record(page, opened)
                    self.take(page, f"form-{path}", tall=True)
                    self._see_pages(page, f"form-{path}")

    def _open_record(self, page, number):
        rows = page.locator(
            ".o_data_row .o_data_cell:not(.o_handle_cell):not(.o_list_button),"
            " .o_kanban_record:not(.o_kanban_ghost)"
        )
        rows.first.wait_for()
        if page.locator(".o_data_row").count():
            row = page.locator(".o_data_row").nth(number)
            row.locator(".o_data_cell:not(.o_handle_cell)").first.click()
        else:
            page.locator(".o_kanban_record:not(.o_kanban_ghost)").nth(number).click()
        page.wait_for_selector(".o_form_view")
        page.wait_for_timeout(500)

    def _see_pages(self, page, name):
        tabs = page.locator(".o_form_view .o_notebook_headers .nav-link:visible")
        for number in range(1, tabs.count()):
            tabs.nth(number).click()
            self.take(page, f"{name}-page{number + 1}", tall=True)

    def see_windows(self):
        """Take what opens above a form: by a button, on a phone by a card as well."""
        windows = [
            ("transfer", "waiting", 0, self._form_button("Transfer")),
            (
                "delete",
                "approved-templates",
                6,
                self._form_button("Delete at WhatsApp"),
            ),
            ("simulator", "lines", 0, self._form_button("Simulate")),
        ]
        if self._is_narrow:
            windows += [
                ("option", "menus", 0, self._card("options")),
                ("word", "lines", 0, self._card("consent")),
                ("sub-option", "dispositions", 1, self._card("sub_options")),
                ("range", "time-groups", 0, self._card("working_hours")),
                ("value", "approved-templates", 6, self._card("values")),
            ]
        for name, path, number, press in windows:
            name = f"window-{name}"
            if self.wants(name):
                with self.screen(name):
                    page = self.go(RECORDS[path][0], f"whatsapp-{path}")
                    self._open_record(page, number)
                    press(page)
                    page.locator("[role=dialog]").wait_for()
                    page.wait_for_timeout(500)
                    self.take(page, name)

    def _form_button(self, text):
        def press(page):
            more = page.locator(".o_statusbar_buttons .dropdown-toggle")
            if self._is_narrow and more.count():
                more.click()
            page.get_by_role("button", name=text).locator("visible=true").click()

        return press

    def _card(self, tab):
        def press(page):
            page.locator(f".o_notebook_headers .nav-link[name={tab}]").click()
            cards = page.locator(".o_notebook .o_kanban_record:not(.o_kanban_ghost)")
            cards.first.click()

        return press

    def see_others(self):
        """Take what is elsewhere in Odoo, and the customer's phone."""
        for name, login, path, ready in (
            ("settings", "admin", "whatsapp-settings", ".settings"),
            ("form-sub-option", "admin", self._sub_option_path(), ".o_form_view"),
            ("partner", "agent", self._partner_path(), ".o_form_view"),
            ("lead", "admin", self._lead_path(), ".o_form_view"),
        ):
            if self.wants(name):
                with self.screen(name):
                    page = self.go(login, path)
                    page.wait_for_selector(ready)
                    page.wait_for_timeout(500)
                    self.take(page, name)
        self._see_phone()

    def _sub_option_path(self):
        options = self._people["admin"].find(
            "whatsapp_omni.disposition", [["name", "=", "Not yet"]]
        )
        return f"whatsapp-dispositions/{options[0]['id']}"

    def _partner_path(self):
        (contact,) = self._people["admin"].find(
            "res.partner", [["name", "=", "Lucía Gómez"]]
        )
        return f"action-base.action_partner_form/{contact['id']}"

    def _lead_path(self):
        leads = self._people["admin"].find("crm.lead", [["phone", "!=", False]])
        return f"action-crm.crm_lead_all_leads/{leads[0]['id']}"

    def _see_phone(self):
        if self.wants("phone"):
            with self.screen("phone"):
                context = self._chromium.new_context(
                    viewport=self._sizes[0], color_scheme=self._theme
                )
                self._stack.callback(context.close)
                page = context.new_page()
                page.goto(self._phone_url)
                page.wait_for_selector(".live.on", state="attached")
                if self._is_narrow:
                    for view in ("Phones", "Controls"):
                        page.get_by_role("button", name=view, exact=True).click()
                        self.take(page, f"phone-{view.lower()}")
                    page.get_by_role("button", name="Phones", exact=True).click()
                page.locator(f".phone-row[data-phone='{scene.LUCIA}']").click()
                page.wait_for_timeout(500)
                self.take(page, "phone")


def see_offer(walk, gupshup, people):
    """Take the card that rings."""
    if not walk.wants("offer"):
        return
    with walk.screen("offer"):
        queues = people["admin"].find("whatsapp_omni.queue", [])
        ids = [queue["id"] for queue in queues]
        settings = {"strategy": "least_busy", "offer_seconds": 600}
        people["admin"].call("whatsapp_omni.queue", "write", ids, settings)
        agents = people["admin"].find(
            "whatsapp_omni.agent", [["user_id.login", "=", "agent"]]
        )
        people["admin"].call(
            "whatsapp_omni.agent", "write", [agents[0]["id"]], {"capacity": 50}
        )
        people["agent2"].call("whatsapp_omni.agent", "set_state", "offline")
        people["agent"].call("whatsapp_omni.agent", "set_state", "available")
        page = walk.conversation(scene.LUCIA)
        page.wait_for_selector(".o-whatsapp_omni-OfferCard")
        walk.take(page, "offer")


def see_wrap_up(walk, gupshup, people):
    """Take the time that an agent has after closing."""
    if not walk.wants("wrap-up"):
        return
    with walk.screen("wrap-up"):
        queues = people["admin"].find("whatsapp_omni.queue", [])
        ids = [queue["id"] for queue in queues]
        settings = {"strategy": "manual", "wrap_up": "optional", "wrap_up_seconds": 600}
        people["admin"].call("whatsapp_omni.queue", "write", ids, settings)
        agent = people["agent"]
        agent.call("whatsapp_omni.agent", "set_state", "available")
        gupshup.write(scene.CARLA, "Thank you!", name="Carla")
        agent.conversation(scene.CARLA, ["state", "!=", "closed"])
        agent.do(scene.CARLA, "capture")
        page = walk.conversation(scene.CARLA)
        page.wait_for_timeout(800)
        walk.close(page)
        walk.take(page, "wrap-up")


def look(chromium, gupshup, odoo_url, directory, only):
    """Play the scene and take all pictures; return what could not be opened."""
    people = {
        login: scene.Person(
            shots.log_in(chromium.new_context(), odoo_url, login), odoo_url
        )
        for login in PEOPLE
    }
    scene.Scene(gupshup, people).play()
    failures = []
    walks = [(sizes, theme) for theme in THEMES for sizes in (WIDE, NARROW)]
    see = [
        lambda walk: walk.see_all(),
        lambda walk: see_offer(walk, gupshup, people),
        lambda walk: see_wrap_up(walk, gupshup, people),
    ]
    for visit in see:
        for sizes, theme in walks:
            urls = (odoo_url, gupshup.url)
            with Walk(
                chromium, gupshup, people, sizes, theme, urls, directory, only
            ) as walk:
                visit(walk)
                failures += walk.failures
            print(f"  {sizes[0]['width']} px, {theme}", flush=True)
    return failures


def main():
    """Start everything, look, and say what is missing."""
    parser = argparse.ArgumentParser(
        prog="./dev shots --all", description=__doc__.splitlines()[0]
    )
    parser.add_argument("directory", type=Path)
    parser.add_argument("only", nargs="*", help="how names begin of what is looked at")
    arguments = parser.parse_args()
    arguments.directory.mkdir(parents=True, exist_ok=True)
    port = odoo_env.free_port()
    odoo_url = f"http://127.0.0.1:{port}"
    with contextlib.ExitStack() as stack:
        gupshup = stack.enter_context(
            shots.Emulator(
                "--fast",
                f"--callback={odoo_url}{CALLBACK_PATH}",
                log_path=odoo_env.STATE / "log" / "emulator-shots.log",
            )
        )
        shots.prepare_database(gupshup.url, odoo_url, apps=[database.ADDON, "crm"])
        stack.callback(odoo_env.drop, shots.NAME)
        stack.enter_context(
            odoo_env.start_odoo(shots.NAME, port=port, options=dark.ODOO_OPTIONS)
        )
        chromium = stack.enter_context(browser.chromium())
        failures = look(
            chromium, gupshup, odoo_url, arguments.directory, arguments.only
        )
    if failures:
        sys.exit("\n".join(["Not seen:", *failures]))


if __name__ == "__main__":
    main()
