# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Menus, opening hours and templates on the screens of those who meet them.

A real browser shows the customer's phone beside the agent's or the supervisor's screen.
"""

from contextlib import contextmanager
from itertools import count

import pytest
from harness.callbacks import APP_ID, new_phone, profile_name
from line_setup import (
    CLOSED,
    ROUTE_JOB,
    WELCOME,
    closed_until_tomorrow,
    nested_menus,
    open_always,
    state,
)
from screens import Desk, Phone, TemplateList, window

from conftest import in_one_mode
from gupshup_emulator import samples

pytestmark = in_one_mode

TEMPLATE = "whatsapp_omni.approved.template"

_numbers = count(1)


@contextmanager
def desk_and_phone(centre, chromium, number):
    """Open Ana's desk, and the phone of the customer with this number."""
    with window(chromium) as screen, window(chromium) as phone_screen:
        phone = Phone(phone_screen, centre.emulator.url, number)
        yield Desk(screen, centre.odoo.url, "ana", profile_name(number)), phone


def by_taps(phone):
    """Return what the customer says last."""
    phone.tap("What is it about?", "Buying")
    phone.choose("Which product?", "Choose", "Spare part")
    return "Spare part"


def by_typed_text(phone):
    """Return what the customer says last."""
    phone.write("BUYING")
    phone.answer("Which product?")
    phone.write("spare part")
    return "spare part"


@pytest.mark.parametrize("answer", [by_taps, by_typed_text])
def test_nested_menu_leads_to_its_queue(centre, chromium, answer):
    """Buttons, then a list; the agents of the queue see who chose, and what."""
    number, admin = new_phone(), centre.browser("admin")
    ana = centre.browser("ana").user_id
    with (
        nested_menus(admin, [ana]) as queue_id,
        desk_and_phone(centre, chromium, number) as (desk, phone),
    ):
        phone.write("Good morning")
        phone.answer(WELCOME)
        phone.answer("What is it about?")
        assert not desk.is_listed(), "nobody has chosen yet"

        said = answer(phone)

        desk.capture(said)
        desk.shows("Good morning", WELCOME, "What is it about?", "Which product?")
        assert state(centre, number) == ("attended", queue_id)
        desk.write("Which part is it?")
        phone.answer("Which part is it?")
        desk.close("Solved")


def test_after_hours_message_then_opening(centre, chromium):
    """Who writes at night is answered, kept, and with the agents in the morning."""
    number, admin = new_phone(), centre.browser("admin")
    with (
        closed_until_tomorrow(admin) as (calendar_id, _opening),
        desk_and_phone(centre, chromium, number) as (desk, phone),
    ):
        phone.write("Is anybody there?")
        phone.answer(CLOSED)
        desk.wait_for_new("Is anybody there?")
        desk.waits_for_opening()
        assert state(centre, number)[0] == "waiting"

        open_always(admin, calendar_id)
        centre.run_job(ROUTE_JOB)

        phone.answer(WELCOME)
        desk.waits_for_opening(False)
        assert state(centre, number)[0] == "new"
        desk.capture("Is anybody there?")
        desk.shows(CLOSED, WELCOME)
        desk.write("Good morning")
        phone.answer("Good morning")
        desk.close("Solved")


def test_template_with_values_and_picture(centre, chromium, files):
    """An agent writes first; the customer gets the values, the link and the picture."""
    number = new_phone()
    centre.browser("admin").call(TEMPLATE, "action_sync_all", [])
    with desk_and_phone(centre, chromium, number) as (desk, phone):
        templates = desk.new_conversation(number)
        templates.choose("order_ready", "4712", "4712-B")
        assert templates.upload(files("parcel.png", samples.png(60, 20))) == 60
        text = "Your order 4712 is ready to be picked up."
        assert templates.preview() == text
        templates.send()

        phone.answer(text)
        assert phone.picture_width(text) == 60
        assert phone.link(text, "See order") == "https://example.com/orders/4712-B"
        assert desk.photo_width(text) == 60
        phone.write("Thank you, I am on my way")
        desk.shows("Thank you, I am on my way")
        desk.close("Solved")


def test_template_with_its_own_picture(centre, chromium):
    """Without another file the approved sample is sent, and everybody sees it."""
    number = new_phone()
    centre.browser("admin").call(TEMPLATE, "action_sync_all", [])
    with desk_and_phone(centre, chromium, number) as (desk, phone):
        templates = desk.new_conversation(number)
        templates.choose("order_ready", "4713", "4713-B")
        width = templates.picture_width()
        templates.send()
        text = "Your order 4713 is ready to be picked up."
        assert phone.picture_width(text) == width
        assert desk.photo_width(text) == width
        desk.close("Solved")


def test_restart_with_a_parked_reply(centre, chromium):
    """The reply waits until the customer has answered the template, then leaves."""
    number, name = new_phone(), f"shall_we_{next(_numbers)}"
    centre.approve_template(name, "Shall we go on?")
    with desk_and_phone(centre, chromium, number) as (desk, phone):
        centre.expired(centre.browser("ana"), number)
        phone.shows("Hello")
        desk.open()
        templates = desk.park("It has arrived")
        templates.choose(name)
        templates.send()
        phone.answer("Shall we go on?")
        desk.waits_for_answer("It has arrived")
        assert len(centre.emulator.sent(number)) == 1

        phone.write("Yes, please")

        phone.answer("It has arrived")
        desk.is_told_of_answer("It has arrived")
        desk.shows("Shall we go on?", "Yes, please", "It has arrived")
        assert len(centre.emulator.sent(number)) == 2
        desk.close("Solved")


def test_switched_off_template_stays_off(centre, chromium):
    """A supervisor's word outlasts the provider's list; agents are not offered it."""
    with window(chromium) as screen:
        templates = TemplateList(screen, centre.odoo.url, "admin")
        templates.synchronise()
        assert templates.is_on("autumn_offer")
        templates.switch("autumn_offer")
        asked = len(centre.emulator.requests(f"{APP_ID}/template"))
        templates.synchronise()
        assert len(centre.emulator.requests(f"{APP_ID}/template")) > asked
        assert not templates.is_on("autumn_offer")
        assert templates.is_on("order_ready")

        with window(chromium) as desk_screen:
            desk = Desk(desk_screen, centre.odoo.url, "ana", "nobody")
            offer = desk.new_conversation(new_phone())
            assert offer.offers("order_ready")
            assert not offer.offers("autumn_offer")
            offer.cancel()

        templates.switch("autumn_offer")
        templates.synchronise()
        assert templates.is_on("autumn_offer")
