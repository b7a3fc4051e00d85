# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Menus and opening hours, with customers at the emulator's phones."""

import pytest
from harness.callbacks import new_phone, text_message
from harness.waiting import at_once, wait_until
from line_setup import (
    CLOSED,
    ROUTE_JOB,
    WELCOME,
    closed_until_tomorrow,
    nested_menus,
    open_always,
    state,
)


@pytest.fixture
def admin(centre):
    return centre.browser("admin")


@pytest.fixture
def menus(admin):
    """Let the line welcome and go through nested menus; yield their queue."""
    with nested_menus(admin) as queue_id:
        yield queue_id


def shown(centre, phone):
    """Return the texts on the customer's phone, questions with their body."""
    texts = []
    for record in centre.emulator.sent(phone):
        message = record["message"]
        content = message.get("content") or {}
        texts.append(content.get("text") or message.get("body") or message["text"])
    return texts


def wait_shown(centre, phone, *texts):
    wait_until(lambda: shown(centre, phone) == list(texts), 20, f"{texts}")


def tap(centre, phone, option):
    """Tap an option of the last message on the phone."""
    last = centre.emulator.sent(phone)[-1]
    centre.emulator.write(phone, type="tap", option=option, target=last["gs_id"])
    centre.wait_applied()


def test_nested_menus_by_taps(centre, menus):
    phone = new_phone()
    centre.emulator.write(phone, "Hola")
    wait_shown(centre, phone, WELCOME, "What is it about?")
    assert state(centre, phone) == ("menu", None)
    tap(centre, phone, 0)
    wait_shown(centre, phone, WELCOME, "What is it about?", "Which product?")
    tap(centre, phone, 0)
    assert state(centre, phone) == ("new", menus)


def test_nested_menus_by_typed_text(centre, menus):
    phone = new_phone()
    centre.emulator.write(phone, "Hola")
    wait_shown(centre, phone, WELCOME, "What is it about?")
    centre.emulator.write(phone, "BUYING")
    wait_shown(centre, phone, WELCOME, "What is it about?", "Which product?")
    centre.emulator.write(phone, "1")
    centre.wait_applied()
    assert state(centre, phone) == ("new", menus)


def test_one_welcome_however_often_it_is_delivered(centre, menus):
    phones = [new_phone() for _customer in range(6)]
    bodies = [text_message(phone, "Hola") for phone in phones] * 3
    at_once(centre.deliver, bodies, workers=6)
    centre.wait_applied()
    for phone in phones:
        wait_shown(centre, phone, WELCOME, "What is it about?")


def test_after_hours_then_opening(centre, admin):
    """Closed until tomorrow; then the hours change, and the line opens at once."""
    phones = [new_phone() for _customer in range(4)]
    with closed_until_tomorrow(admin) as (calendar_id, opening):
        for phone in phones:
            centre.emulator.write(phone, "Hola")
            centre.emulator.write(phone, "¿Hola?")
            wait_shown(centre, phone, CLOSED)
            assert state(centre, phone)[0] == "waiting"
        assert centre.value(
            "SELECT count(*) FROM ir_cron_trigger WHERE call_at = %s",
            opening,
        )

        open_always(admin, calendar_id)
        # The scheduled action and the customers themselves: whoever comes first.
        work = [lambda: centre.run_job(ROUTE_JOB)] + [
            lambda p=phone: centre.deliver(text_message(p, "¿Ya?"))
            for phone in phones[:2]
        ]
        at_once(lambda job: job(), work)
        centre.wait_applied()

        for phone in phones:
            wait_shown(centre, phone, CLOSED, WELCOME)
            assert state(centre, phone)[0] == "new"
