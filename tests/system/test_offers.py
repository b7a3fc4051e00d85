# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""An offer on the screens of two agents: it rings at one, then at the other."""

from contextlib import contextmanager

import pytest
from harness.callbacks import new_phone, profile_name

from conftest import SERVER_MODES

WAIT_MS = 60_000
SCREEN = {"width": 1280, "height": 800}
#: Long enough to click, short enough to wait for.
RING_SECONDS = 6
OFFER = ".o-whatsapp_omni-OfferCard"
STATE = ".o-whatsapp_omni-AgentStateSystray .o-whatsapp_omni-AgentState"


@pytest.fixture(params=SERVER_MODES, ids="workers{}".format)
def centre(request, new_centre):
    """Return a centre that gives out what waits, and where nothing waits yet."""
    started = new_centre(request.param)
    admin = started.browser("admin")
    [queue] = admin.search_read(
        "whatsapp_omni.queue", [("agent_ids.login", "=", "ana")], ["id"]
    )
    values = {"strategy": "round_robin", "offer_seconds": RING_SECONDS}
    admin.call("whatsapp_omni.queue", "write", [queue["id"]], values)
    return started


@contextmanager
def desk(chromium, url, login):
    """Open the web client of an agent in a window of its own."""
    context = chromium.new_context(viewport=SCREEN, locale="en-US")
    page = context.new_page()
    page.set_default_timeout(WAIT_MS)
    page.set_default_navigation_timeout(WAIT_MS)
    try:
        page.goto(f"{url}/web/login?redirect=/odoo/whatsapp")
        page.fill("input[name=login]", login)
        page.fill("input[name=password]", login)
        page.press("input[name=password]", "Enter")
        page.wait_for_selector(STATE)
        yield page
    finally:
        context.close()


def become_available(page):
    """Choose the state, and return when the server has agreed."""
    page.locator(f"{STATE}-toggle").first.click()
    with page.expect_response(lambda response: "set_state" in response.url):
        page.locator("[data-choice=available]").click()
    page.wait_for_selector(f"{STATE}[data-state=available]")


def test_offer_goes_from_one_agent_to_the_other(centre, chromium):
    """Declined by one it rings at the other, who is not there, and comes back.

    Whoever does not answer gets nothing more until they are back. One click on the next
    that rings opens it with the cursor in the composer.
    """
    number = new_phone()
    url = centre.odoo.url
    with desk(chromium, url, "ana") as ana, desk(chromium, url, "luis") as luis:
        become_available(ana)
        centre.emulator.write(number, "Hello, are you open today?")
        ana.locator(OFFER, has_text=profile_name(number)).wait_for()
        become_available(luis)
        ana.locator(f"{OFFER}-decline").click()
        luis.locator(OFFER).wait_for()
        assert ana.locator(OFFER).count() == 0
        luis.wait_for_selector(f"{STATE}[data-state=rona]")
        luis.locator(".o-whatsapp_omni-Offers-missed").wait_for()
        luis.locator(f"{STATE}-back").first.click()
        luis.wait_for_selector(f"{STATE}[data-state=available]")
        # who declined or missed it is not asked again: it waits for anybody
        card = ana.locator(".o-whatsapp_omni-ConversationCard")
        card.locator(".o-whatsapp_omni-ConversationCard-capture").wait_for()
        centre.emulator.write(new_phone(), "Is my order ready?")
        ana.locator(f"{OFFER}-accept").click()
        ana.wait_for_selector(".o-mail-Composer-input:focus")
        ana.locator(".o-mail-Message", has_text="Is my order ready?").wait_for()
