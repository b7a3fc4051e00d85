# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The open page of who is no agent any more."""

import pytest
from harness.callbacks import new_phone, profile_name
from harness.databases import AGENT_GROUP
from screens import CARD, WAIT_MS, Desk, window

SOON_MS = 15_000
SECRET = "My new address is Calle Mayor 7"
DEPARTED = ".o-whatsapp_omni-EmptyState:has-text('not a WhatsApp agent any more')"
STATE = ".o-whatsapp_omni-AgentStateSystray .o-whatsapp_omni-AgentState"


@pytest.fixture
def reading(new_centre, chromium):
    """Yield a centre, and Ana's page where she reads what her customer wrote."""
    centre = new_centre(2)
    with window(chromium) as page:
        desk = start_reading(centre, page)
        yield centre, desk, page


def start_reading(centre, page):
    number = new_phone()
    desk = Desk(page, centre.odoo.url, "ana", profile_name(number))
    page.wait_for_selector(STATE)
    centre.emulator.write(number, SECRET)
    desk.capture(SECRET)
    return desk


def test_a_groups_own_form_empties_the_page_at_once(reading):
    """Nothing of customers stays; with the rights the desk comes back by itself."""
    centre, desk, page = reading
    admin = centre.browser("admin")
    group, ana = admin.ref(AGENT_GROUP), centre.browser("ana").user_id

    admin.call("res.groups", "write", [group], {"user_ids": [[3, ana]]})
    page.wait_for_selector(DEPARTED)
    page.wait_for_selector(STATE, state="detached")
    assert SECRET not in page.inner_text("body")
    assert page.locator(CARD).count() == 0

    admin.call("res.groups", "write", [group], {"user_ids": [[4, ana]]})
    desk.wait_for_new(SECRET)
    page.wait_for_selector(STATE)
    desk.capture(SECRET)


def test_who_is_archived_keeps_nothing_on_the_screen(new_centre, chromium):
    """Odoo knows them no more; their page is empty at once, and asks for a log-in."""
    centre = new_centre(2)
    context = chromium.new_context()
    page = context.new_page()
    page.set_default_timeout(WAIT_MS)
    start_reading(centre, page)
    admin = centre.browser("admin")
    ana = centre.browser("ana").user_id
    admin.call("res.users", "write", [ana], {"active": False})
    # sooner than their page would say next that it is there
    expired = page.locator(".modal", has_text="Session Expired")
    expired.wait_for(timeout=SOON_MS)
    assert expired.count() == 1
    assert SECRET not in page.inner_text("body")
    assert page.locator(CARD).count() == 0
    context.close()
