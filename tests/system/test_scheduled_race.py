# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Scheduled replies leave once, however many workers and people are at it."""

from datetime import datetime, timedelta, timezone
from itertools import count

import pytest
from harness.browser import RpcError
from harness.callbacks import text_message
from harness.waiting import at_once, wait_until

CONVERSATION = "whatsapp_omni.conversation"
PARKED = "whatsapp_omni.parked.reply"
CUSTOMERS = 24
ROUNDS = 6

_numbers = count(1)


@pytest.fixture
def action(centre):
    """Return an action that does what the scheduled one does, for many at a time."""
    admin = centre.browser("admin")
    (model,) = admin.search_read("ir.model", [("model", "=", CONVERSATION)], ["id"])
    return admin.create(
        "ir.actions.server",
        name=f"Send what is scheduled {next(_numbers)}",
        model_id=model["id"],
        state="code",
        code="model._cron_send_scheduled()",
    )


def test_four_workers_send_each_reply_once(centre, action):
    agent = centre.browser("ana")
    phones = [scheduled(centre, agent) for _customer in range(CUSTOMERS)]
    workers = [centre.browser("admin", fresh=True) for _worker in range(4)]

    let_it_be_due(centre, phones)
    at_once(lambda w: w.call("ir.actions.server", "run", [action]), workers, 4)

    for phone in phones:
        wait_until(lambda phone=phone: centre.emulator.sent_texts(phone))
    # and a second time, when there is nothing left
    workers[0].call("ir.actions.server", "run", [action])
    for phone in phones:
        assert centre.emulator.sent_texts(phone) == ["Later"]
        assert states(centre, phone) == ["queued"]
        assert queued(centre, phone) == 1


def test_a_customer_who_writes_at_that_moment_gets_it_or_not(centre, action):
    """Either it left before they wrote, or it was discarded. Never both."""
    agent, admin = centre.browser("ana"), centre.browser("admin")
    for _round in range(ROUNDS):
        phone = scheduled(centre, agent)
        let_it_be_due(centre, [phone])
        at_once(
            lambda act: act(),
            [
                lambda phone=phone: centre.deliver(text_message(phone, "Hello?")),
                lambda: admin.call("ir.actions.server", "run", [action]),
            ],
            2,
        )
        centre.wait_applied()
        # left to the message, if it came first
        admin.call("ir.actions.server", "run", [action])
        (state,) = states(centre, phone)
        assert state in ("queued", "cancelled")
        assert queued(centre, phone) == (1 if state == "queued" else 0)


def test_sending_it_by_hand_at_its_time_sends_it_once(centre, action):
    """A worker, a click on *Send now* and one on *Discard*: one of them has it."""
    admin = centre.browser("admin")
    agents = [centre.browser("ana", fresh=True) for _page in range(2)]
    for _round in range(ROUNDS):
        phone = scheduled(centre, agents[0])
        reply_id = centre.value(
            "SELECT id FROM whatsapp_omni_parked_reply WHERE conversation_id = ANY(%s)",
            centre.conversations(phone),
        )
        let_it_be_due(centre, [phone])
        outcomes = at_once(
            lambda act: outcome(act),
            [
                lambda: admin.call("ir.actions.server", "run", [action]),
                lambda i=reply_id: agents[0].call(PARKED, "action_send_now", [i]),
                lambda i=reply_id: agents[1].call(PARKED, "action_cancel", [i]),
            ],
            3,
        )
        (state,) = states(centre, phone)
        assert queued(centre, phone) == (1 if state == "queued" else 0)
        by_hand = [not isinstance(result, RpcError) for result in outcomes[1:]]
        assert sum(by_hand) <= 1
        assert by_hand[1] == (state == "cancelled")


def scheduled(centre, agent):
    """Let an agent schedule a reply to a new customer; return the phone."""
    phone, _channel = centre.attended(agent)
    send_at = datetime.now(timezone.utc) + timedelta(hours=1)
    agent.call(
        CONVERSATION,
        "action_schedule",
        centre.conversations(phone),
        body="Later",
        send_at=f"{send_at:%Y-%m-%d %H:%M:%S}",
    )
    return phone


def let_it_be_due(centre, phones):
    """Move what is scheduled for these customers into the past."""
    ids = [conversation for p in phones for conversation in centre.conversations(p)]
    centre.query(
        "UPDATE whatsapp_omni_parked_reply"
        "   SET send_at = date_trunc('second', now() AT TIME ZONE 'UTC')"
        " WHERE state = 'waiting' AND conversation_id = ANY(%s) RETURNING id",
        ids,
    )


def states(centre, phone):
    rows = centre.query(
        "SELECT state FROM whatsapp_omni_parked_reply WHERE conversation_id = ANY(%s)",
        centre.conversations(phone),
    )
    return [state for (state,) in rows]


def queued(centre, phone):
    """Return how many messages were made of the customer's scheduled replies."""
    return centre.value(
        "SELECT count(*) FROM whatsapp_omni_message"
        " WHERE parked_reply_id IS NOT NULL AND conversation_id = ANY(%s)",
        centre.conversations(phone),
    )


def outcome(act):
    """Return what an act returns, or what Odoo raised."""
    try:
        return act()
    except RpcError as error:
        return error
