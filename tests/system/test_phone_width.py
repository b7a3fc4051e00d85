# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""People with a phone in the hand: every page fits, and a finger is enough."""

import re

from harness.callbacks import new_phone, profile_name
from screens import CARD, PHONE_SCREEN, Desk, mark, sign_in, window

from conftest import in_one_mode

pytestmark = in_one_mode

WIDTH = PHONE_SCREEN["viewport"]["width"]
ROOT_MENU = "whatsapp_omni.menu_root"
HEADER = ".o-whatsapp_omni-ConversationHeader"
TRANSFER = ".o-whatsapp_omni-TransferDialog"
#: Longer than a phone is wide, and without a place to break it.
LONG = "https://shop.example.com/" + "_and_on" * 12
#: Whatever could be moved sideways by a finger, or is out of reach without that, but
#: for what is made to be moved.
SIDEWAYS = """([width, moved]) => [...document.querySelectorAll("body *")]
    .filter((element) => !moved || !element.closest(moved))
    .filter((element) => element.checkVisibility({ visibilityProperty: true }))
    .filter((element) => {
        const { overflowX } = getComputedStyle(element);
        const isScroller = ["auto", "scroll"].includes(overflowX);
        const scrolls = isScroller && element.scrollWidth > element.clientWidth;
        const { left, right } = element.getBoundingClientRect();
        const isOut = left < -1 || right > width + 1;
        return scrolls || (isOut && element.matches("button, input, textarea"));
    })
    .map((element) => element.className || element.localName)"""


def test_a_case_on_a_phone(centre, chromium):
    """List, capture, answer, panel and back, the sheet, a dialog, close.

    Nothing scrolls sideways on any of these pages.
    """
    number = new_phone()
    with window(chromium, **PHONE_SCREEN) as screen:
        desk = HandDesk(screen, centre.odoo.url, "ana", profile_name(number))
        centre.emulator.write(number, LONG)
        desk.shows_card(LONG)
        desk.fits()
        desk.take(LONG)
        desk.fits()
        desk.answer(f"Look: {LONG}")
        desk.fits()

        desk.open_panel()
        desk.fits()
        desk.go_back()

        desk.open_sheet()
        desk.fits()
        desk.choose_transfer()
        desk.fits()
        desk.cancel_transfer()

        desk.end("Solved")
        desk.fits()

    assert centre.emulator.sent_texts(number) == [f"Look: {LONG}"]


def test_what_hangs_under_the_menus_on_a_phone(centre, chromium):
    """Neither the list of a menu nor the form of its first record moves sideways."""
    centre.emulator.write(new_phone(), LONG)
    centre.wait_applied()
    with window(chromium, **PHONE_SCREEN) as screen:
        office = HandOffice(screen, centre.odoo.url)
        paths = office.paths()
        assert {"whatsapp-queues", "whatsapp-lines", "whatsapp-agents"} <= set(paths)
        for path in paths:
            has_form = office.open(path)
            assert office.sideways() == [], path
            if has_form and office.open_first():
                assert office.sideways() == [], f"the form of {path}"


class HandOffice:
    """Odoo's own lists and forms on an administrator's phone."""

    #: A list that is empty may show samples, which nobody can open.
    RECORD = ".o_content:not(.o_view_sample_data) :is({}, {})".format(
        ".o_data_cell:not(.o_handle_cell)", ".o_kanban_record:not(.o_kanban_ghost)"
    )
    #: Rows of tabs and of icons are made to be moved with a finger.
    MOVED = ".o_notebook_headers, .settings_tab, .o-mail-Chatter-topbar, .ace_editor"

    def __init__(self, page, url):
        self._page = page
        self._url = url
        sign_in(page, url, "admin", "/odoo/whatsapp")
        page.wait_for_selector(".o_main_navbar")
        mark(page)

    def paths(self):
        """Return the paths of all actions with views under the app's menus."""
        return self._page.evaluate(
            """async (root) => {
                const { menu, orm } = odoo.__WOWL_DEBUG__.root.env.services;
                const below = (node) => [node, ...node.childrenTree.flatMap(below)];
                const app = menu.getApps().find((one) => one.xmlid === root);
                const ids = below(menu.getMenuAsTree(app.id))
                    .filter((one) => one.actionModel === "ir.actions.act_window")
                    .map((one) => one.actionID);
                const rows = await orm.read("ir.actions.act_window", ids, ["path"]);
                return rows.map((row) => row.path);
            }""",
            ROOT_MENU,
        )

    def open(self, path):
        """Go to an action as its menu does; return whether its records have a form."""
        kinds = self._page.evaluate(
            """async (path) => {
                const { action } = odoo.__WOWL_DEBUG__.root.env.services;
                await action.doAction(path, { clearBreadcrumbs: true });
                return action.currentController.action.views.map(([, kind]) => kind);
            }""",
            path,
        )
        self._page.wait_for_url(re.compile(rf"/{path}(\?|$)"))
        return len(kinds) > 1 and "form" in kinds

    def open_first(self):
        """Open the first record; return whether there is one."""
        records = self._page.locator(self.RECORD)
        if not records.count():
            return False
        records.first.tap()
        self._page.wait_for_selector(".o_form_view")
        return True

    def sideways(self):
        """Return what is wider than the phone, but for what is made to be moved."""
        return self._page.evaluate(SIDEWAYS, [WIDTH, self.MOVED])


class HandDesk(Desk):
    """The desk on a phone, where one page shows at a time."""

    def fits(self):
        """Assert that the page on the screen is no wider than the phone."""
        width = self._page.evaluate("document.documentElement.scrollWidth")
        assert width == WIDTH
        assert self._page.evaluate(SIDEWAYS, [WIDTH, ""]) == []

    def shows_card(self, text):
        """Return when the customer waits with this text."""
        self._card(text).wait_for()

    def take(self, text):
        """Take the customer who wrote this; return when it can be answered."""
        self._card(text).locator(f"{CARD}-capture").tap()
        self._message(text).wait_for()
        self._page.locator(".o-mail-Composer-input").wait_for()

    def answer(self, text):
        """Write with the keyboard on the screen, and tap the arrow."""
        composer = self._page.locator(".o-mail-Composer-input")
        composer.tap()
        composer.fill(text)
        self._page.locator("button[name=send-message]:enabled").tap()
        self._message(text).wait_for()

    def open_panel(self):
        """Go on to the page about customer and conversation."""
        self._page.locator(f"{HEADER}-panel").tap()
        panel = self._page.locator(".o-whatsapp_omni-SidePanel")
        panel.locator(".o-whatsapp_omni-SidePanel-title").first.wait_for()

    def go_back(self):
        """Go back to the thread."""
        self._page.locator(".o-whatsapp_omni-back").tap()
        self._page.locator(".o-mail-Composer-input").wait_for()

    def open_sheet(self):
        """Open what can be done with the conversation."""
        self._page.locator(f"{HEADER}-more").tap()
        self._page.locator(f".o_bottom_sheet {HEADER}-transfer").wait_for()

    def choose_transfer(self):
        """Choose it in the sheet, and see to whom."""
        self._page.locator(f".o_bottom_sheet {HEADER}-transfer").tap()
        self._page.locator(f"{TRANSFER}-option").first.wait_for()
        self._page.locator(".o_bottom_sheet").wait_for(state="detached")

    def cancel_transfer(self):
        """Leave the dialog; the conversation stays."""
        dialog = self._page.locator(TRANSFER)
        dialog.get_by_role("button", name="Cancel").tap()
        dialog.wait_for(state="detached")

    def end(self, result):
        """Close with a result; return when the list is there, without the customer."""
        self._page.locator(f"{HEADER}-close").tap()
        dialog = self._page.locator(".o-whatsapp_omni-CloseDialog")
        dialog.get_by_role("option", name=result).tap()
        self.fits()
        dialog.locator(".o-whatsapp_omni-CloseDialog-confirm:enabled").tap()
        dialog.wait_for(state="detached")
        self._page.locator(".o-whatsapp_omni-ConversationList").wait_for()
        self._card().wait_for(state="detached")
