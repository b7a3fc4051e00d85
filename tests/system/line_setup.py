# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The line as an administrator sets it up for a test: menus, messages, hours."""

import contextlib
from datetime import datetime, timedelta, timezone

ROUTE_JOB = "WhatsApp: route what waited for opening or did not choose"
WELCOME, CLOSED = "Welcome to the test centre", "We are closed"
#: More options than fit on buttons: they are shown as a list.
PRODUCTS = ("New one", "Used one", "Spare part", "Something else")


@contextlib.contextmanager
def nested_menus(admin, agent_ids=()):
    """Let the line welcome and go through nested menus; yield their queue's id.

    :param agent_ids: the users who attend the queue for as long
    """
    queue_id = admin.create(
        "whatsapp_omni.queue", name="Sales", agent_ids=[[6, 0, list(agent_ids)]]
    )
    inner_id = make_menu(
        admin, "Which product?", [(title, "queue", queue_id) for title in PRODUCTS]
    )
    outer_id = make_menu(
        admin, "What is it about?", [("Buying", "target_menu", inner_id)]
    )
    menu = {
        "destination": "menu",
        "menu_id": outer_id,
        "welcome_template_id": make_template(admin, WELCOME),
    }
    try:
        with line_with(admin, **menu):
            yield queue_id
    finally:
        nobody = {"agent_ids": [[5, 0, 0]]}
        admin.call("whatsapp_omni.queue", "write", [queue_id], nobody)


@contextlib.contextmanager
def closed_until_tomorrow(admin):
    """Let the line open tomorrow at 9:00 UTC, and say so until then.

    Yield the time group's id, and the moment of the opening as PostgreSQL has it.
    """
    tomorrow = datetime.now(timezone.utc) + timedelta(days=1)
    calendar_id = make_hours(admin, [(str(tomorrow.weekday()), 9, 17)])
    with line_with(
        admin,
        calendar_id=calendar_id,
        welcome_template_id=make_template(admin, WELCOME),
        after_hours_template_id=make_template(admin, CLOSED),
    ):
        opening = tomorrow.replace(hour=9, minute=0, second=0, microsecond=0)
        yield calendar_id, opening.replace(tzinfo=None)


def open_always(admin, calendar_id):
    """Change a time group, so that the line is open from now on."""
    every_day = [(str(day), 0, 24) for day in range(7)]
    admin.call(
        "resource.calendar",
        "write",
        [calendar_id],
        {"attendance_ids": commands(every_day)},
    )


def make_menu(admin, body, options):
    """Return a menu with options of (title, kind of target, id of target)."""
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
