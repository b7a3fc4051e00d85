# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Menus and opening hours, with customers at the emulator's phones."""

import contextlib
from datetime import datetime, timedelta, timezone

import pytest
from harness import (
    at_once,
    new_phone,
    text_message,
    wait_until,
)

ROUTE_JOB = "WhatsApp: route what waited for opening or did not choose"
WELCOME, CLOSED = "Welcome to the test centre", "We are closed"


@pytest.fixture
def admin(centre):
    return centre.browser("admin")


@pytest.fixture
def menus(centre, admin):
    """Let the line welcome and go through nested menus; yield their queue."""
    queue_id = admin.create("whatsapp_omni.queue", name="Sales")
    inner_id = make_menu(admin, "Which product?", [("New one", "queue", queue_id)])
    outer_id = make_menu(
        admin, "What is it about?", [("Buying", "target_menu", inner_id)]
    )
    with line_with(
        admin,
        destination="menu",
        menu_id=outer_id,
        welcome_template_id=make_template(admin, WELCOME),
    ):
        yield queue_id


def make_menu(admin, body, options):
    return admin.create(
        "whatsapp_omni.menu",
        name=body,
        body=body,
        option_ids=[
            [
                0,
                0,
                {
                    "title": title,
                    "target_kind": kind.removeprefix("target_"),
                    f"{kind}_id": target_id,
                },
            ]
            for title, kind, target_id in options
        ],
    )


def make_template(admin, body):
    return admin.create("whatsapp_omni.message.template", name=body, body=body)


def make_hours(admin, ranges):
    """Return a time group in UTC with ranges of (day of week, from, to)."""
    return admin.create(
        "resource.calendar", name="Hours", tz="UTC", attendance_ids=commands(ranges)
    )


def commands(ranges):
    names = ("dayofweek", "hour_from", "hour_to")
    return [
        [5, 0, 0],
        *(
            [0, 0, {"name": "Open", **dict(zip(names, r, strict=False))}]
            for r in ranges
        ),
    ]


@contextlib.contextmanager
def line_with(admin, **values):
    """Set up the line, and leave it as it was."""
    (line_id,) = admin.call("whatsapp_omni.line", "search", [])
    plain = {
        "destination": "direct",
        "menu_id": False,
        "calendar_id": False,
        "welcome_template_id": False,
        "after_hours_template_id": False,
    }
    admin.call("whatsapp_omni.line", "write", [line_id], {**plain, **values})
    try:
        yield line_id
    finally:
        admin.call("whatsapp_omni.line", "write", [line_id], plain)


def state(centre, phone):
    """Return the state and queue of the customer's last conversation."""
    ((found, queue_id),) = centre.query(
        "SELECT state, queue_id FROM whatsapp_omni_conversation WHERE id = %s",
        centre.conversations(phone)[-1],
    )
    return found, queue_id


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
    tomorrow = datetime.now(timezone.utc) + timedelta(days=1)
    calendar_id = make_hours(admin, [(str(tomorrow.weekday()), 9, 17)])
    phones = [new_phone() for _customer in range(4)]
    with line_with(
        admin,
        calendar_id=calendar_id,
        welcome_template_id=make_template(admin, WELCOME),
        after_hours_template_id=make_template(admin, CLOSED),
    ):
        for phone in phones:
            centre.emulator.write(phone, "Hola")
            centre.emulator.write(phone, "¿Hola?")
            wait_shown(centre, phone, CLOSED)
            assert state(centre, phone)[0] == "waiting"
        assert centre.value(
            "SELECT count(*) FROM ir_cron_trigger WHERE call_at = %s",
            tomorrow.replace(hour=9, minute=0, second=0, microsecond=0, tzinfo=None),
        )

        every_day = [(str(day), 0, 24) for day in range(7)]
        admin.call(
            "resource.calendar",
            "write",
            [calendar_id],
            {"attendance_ids": commands(every_day)},
        )
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
