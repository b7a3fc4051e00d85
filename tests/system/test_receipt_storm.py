# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Receipts of a hundred messages, in every disorder that GupShup is known for."""

import random
import time
from collections import Counter
from itertools import permutations

from harness.callbacks import APP_NAME, now_milliseconds
from harness.waiting import at_once, wait_until

from conftest import in_one_mode

CUSTOMERS = 5
ROUNDS = (
    # Before the answer that tells the id, backwards, and each three times.
    {
        "receipts_before_answer": True,
        "receipt_order": ["delivered", "sent", "enqueued"],
        "duplicate_receipts": 2,
    },
    # All at once in random order, without GupShup's own id.
    {"shuffle": True, "omit_gs_id": True, "duplicate_callbacks": 1},
    # WhatsApp's id is none that later receipts use; numbers come as texts.
    {"enqueued_other_id": True, "uuid_wa_id": True, "ts_as_string": True},
    # A failure that turns out to be none.
    {"fail_then_delivered": True, "duplicate_receipts": 1},
)


def test_every_message_ends_at_its_highest_status(centre):
    """Four kinds of disorder, 25 messages each: all are delivered, then read."""
    agent = centre.browser("ana")
    chats = [centre.attended(agent) for _customer in range(CUSTOMERS)]
    for number, faults in enumerate(ROUNDS):
        centre.emulator.faults(**faults)
        for text in range(5):
            for _phone, channel_id in chats:
                agent.post(channel_id, f"Round {number}, message {text}")
        for phone, _channel_id in chats:
            centre.wait_answers(phone, *["delivered"] * 5 * (number + 1))
    centre.emulator.wait_for_callbacks()
    assert all(row["state"] == "delivered" for row in centre.emulator.callbacks())

    read_by_hand(centre, [phone for phone, _channel_id in chats])
    for phone, _channel_id in chats:
        centre.wait_answers(phone, *["read"] * 20)

    wait_until(lambda: not dirty(centre), what="ticks on all screens")
    assert failed_counts(centre, chats) == [0] * CUSTOMERS
    texts = [f"Round {number}, message {n}" for number in range(4) for n in range(5)]
    for phone, _channel_id in chats:
        assert centre.emulator.sent_texts(phone) == texts


def test_receipts_in_every_order_in_several_processes(centre):
    """Each of the 24 orders of four receipts, one message each, eight at a time.

    Every receipt is a request of its own, so that any process may get it, and those of
    one message do not come in one batch. All messages are read in the end.
    """
    agent = centre.browser("ana")
    orders = list(permutations(("sent", "delivered", "read", "failed")))
    chats = [centre.attended(agent) for _customer in range(4)]
    per_chat = len(orders) // len(chats)
    centre.emulator.faults(hold=True)  # its own receipts stay out of it
    for number in range(per_chat):
        for _phone, channel_id in chats:
            agent.post(channel_id, f"Message {number}")
    for phone, _channel_id in chats:
        centre.wait_answers(phone, *["submitted"] * per_chat)
    sent = [record for phone, _id in chats for record in centre.emulator.sent(phone)]

    def confirm(record, order):
        return [centre.deliver(receipt(record, kind)).status for kind in order]

    pairs = list(zip(sent, orders, strict=True))
    assert at_once(lambda pair: confirm(*pair), pairs, workers=8) == [[200] * 4] * 24

    for phone, _channel_id in chats:
        centre.wait_answers(phone, *["read"] * per_chat)
    wait_until(lambda: not dirty(centre), what="ticks on all screens")
    assert failed_counts(centre, chats) == [0] * len(chats)
    assert incomplete(centre, chats) == []


@in_one_mode
def test_ticks_that_change_as_the_job_ends_are_shown(centre):
    """No receipt is left for the next minute, whenever it comes in the job's life.

    The first of three wakes the job. The second, which changes nothing, finds it at
    work; the third comes so soon after it that nobody is woken for it, and the job may
    have looked for the last time.
    """
    agent = centre.browser("ana")
    phone, channel_id = centre.attended(agent)
    centre.emulator.faults(hold=True)
    pauses = [0.3 + 0.04 * number for number in range(10)]
    for number in range(2 * len(pauses)):
        agent.post(channel_id, f"Message {number}")
    centre.wait_answers(phone, *["submitted"] * 2 * len(pauses))
    sent = centre.emulator.sent(phone)
    for pause, first, last in zip(pauses, sent[::2], sent[1::2], strict=True):
        wait_until(lambda: not dirty(centre), what="ticks on all screens")
        centre.deliver(receipt(first, "delivered"))
        time.sleep(pause)  # the moments themselves are what is tried
        centre.deliver(receipt(first, "sent"))
        time.sleep(0.2)  # less than the pause in which a process wakes nobody again
        centre.deliver(receipt(last, "delivered"))
    wait_until(lambda: not dirty(centre), what="ticks on all screens")


def receipt(record, kind):
    """Return the callback that tells what became of a message that was sent."""
    content = {"ts": int(time.time())}
    if kind == "failed":
        content = {"code": 131026, "reason": "Message undeliverable"}
    return {
        "app": APP_NAME,
        "timestamp": now_milliseconds(),
        "version": 2,
        "type": "message-event",
        "payload": {
            "id": f"wamid.{record['gs_id']}",
            "gsId": record["gs_id"],
            "type": kind,
            "destination": record["phone"],
            "payload": content,
        },
    }


def incomplete(centre, chats):
    """Return the answers that miss one of their times, or still show an error."""
    return centre.query(
        "SELECT id, sent_at, delivered_at, read_at, error_code"
        "  FROM whatsapp_omni_message"
        " WHERE channel_id = ANY(%s) AND direction = 'outbound'"
        "   AND (sent_at IS NULL OR delivered_at IS NULL OR read_at IS NULL"
        "        OR coalesce(error_code, 0) != 0)",
        [channel_id for _phone, channel_id in chats],
    )


def read_by_hand(centre, phones):
    """Let the customers read everything, newest and oldest mixed, eight at a time."""
    gs_ids = [
        record["gs_id"] for phone in phones for record in centre.emulator.sent(phone)
    ]
    random.shuffle(gs_ids)
    centre.emulator.faults(omit_gs_id=False)
    at_once(
        lambda gs_id: centre.emulator.call(
            "POST", "receipt", {"gs_id": gs_id, "status": "read", "wait": True}
        ),
        gs_ids,
        workers=8,
    )


def dirty(centre):
    """Return how many messages have ticks that no screen shows yet."""
    return centre.value("SELECT count(*) FROM whatsapp_omni_message WHERE dirty")


def failed_counts(centre, chats):
    """Return the number on the red badge of each chat."""
    return [
        centre.value(
            "SELECT coalesce(failed_count, 0) FROM whatsapp_omni_conversation"
            " WHERE channel_id = %s",
            channel_id,
        )
        for _phone, channel_id in chats
    ]


def test_failure_is_shown_with_its_reason(centre):
    """WhatsApp refuses: the agent sees code, reason and what to do, and may retry."""
    agent = centre.browser("ana")
    phone, channel_id = centre.attended(agent)
    centre.emulator.faults(fail_code=131000, fail_times=1)
    mail_id = agent.post(channel_id, "Hello")
    centre.wait_answers(phone, "failed")
    wait_until(lambda: not dirty(centre))
    assert failed_counts(centre, [(phone, channel_id)]) == [1]

    status = shown_status(agent, channel_id, mail_id)
    assert (status["state"], status["code"], status["can_retry"]) == (
        "failed",
        131000,
        True,
    )
    assert status["reason"] and status["action"]

    agent.call("mail.message", "action_whatsapp_omni_retry", [mail_id])
    centre.wait_answers(phone, "failed", "delivered")
    wait_until(lambda: not dirty(centre))
    assert shown_status(agent, channel_id, mail_id)["state"] == "delivered"
    assert failed_counts(centre, [(phone, channel_id)]) == [0]


def shown_status(agent, channel_id, mail_id):
    """Return the status that the agent's screen gets for a message."""
    found = agent.json(
        "/discuss/channel/messages", channel_id=channel_id, fetch_params={"limit": 30}
    )
    (message,) = (row for row in found["data"]["mail.message"] if row["id"] == mail_id)
    return message["whatsapp_omni_status"]


def test_receipts_of_strangers_change_nothing(centre):
    """A receipt of a message that we never sent waits a while and is then ignored."""
    before = Counter(centre.journal())
    body = {
        "app": "DemoSupport",
        "timestamp": 1760000000000,
        "version": 2,
        "type": "message-event",
        "payload": {
            "id": "wamid.STRANGE",
            "gsId": "11111111-2222-3333-4444-555555555555",
            "type": "delivered",
            "destination": "34600999999",
            "payload": {"ts": 1760000000},
        },
    }
    assert [centre.deliver(body).status for _time in range(3)] == [200] * 3
    assert Counter(centre.journal()) - before == {"pending": 1, "duplicate": 2}
    centre.query(
        "UPDATE whatsapp_omni_event SET received_at = received_at - '6m'::interval"
        " WHERE state = 'pending'"
    )
    centre.run_job("WhatsApp: apply callbacks")
    assert Counter(centre.journal()) - before == {"ignored": 1, "duplicate": 2}
