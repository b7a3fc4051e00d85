# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""GupShup is down, slow, overloaded or vague: each answer arrives once, or is shown."""

import time

import pytest
from harness.waiting import wait_until

from conftest import in_one_mode

SLOW = 8
#: Longer than the client waits for an answer (gupshup/wire.py).
TOO_SLOW = 22


def test_unreachable_then_back(centre):
    """Nobody answers at GupShup: the answer waits, and leaves when it is back."""
    agent = centre.browser("ana")
    phone, channel_id = centre.attended(agent)
    centre.emulator.stop()
    agent.post(channel_id, "Hello")
    agent.post(channel_id, "Still there?")
    wait_until(lambda: tries(centre, channel_id), what="a first try")
    assert centre.answers(phone) == ["queued", "queued"]

    centre.emulator.start()
    centre.wait_answers(phone, "delivered", "delivered", timeout=60)
    assert centre.emulator.sent_texts(phone) == ["Hello", "Still there?"]


@pytest.mark.parametrize(
    "faults",
    [
        {"http_status": 429, "http_status_times": 2},
        {"http_status": 500, "http_status_times": 1},
        {"http_status": 503, "http_status_times": 1, "http_body": "<html>Sorry</html>"},
    ],
    ids=["429", "500", "503"],
)
def test_refused_for_the_moment(centre, faults):
    """GupShup is overloaded: tried again after a while, delivered once."""
    agent = centre.browser("ana")
    phone, channel_id = centre.attended(agent)
    centre.emulator.faults(**faults)
    agent.post(channel_id, "Hello")
    centre.wait_answers(phone, "delivered", timeout=60)
    assert centre.emulator.sent_texts(phone) == ["Hello"]
    requests = centre.emulator.requests("/wa/api/v1/msg")
    assert len(requests) == faults["http_status_times"] + 1


def test_wrong_key(centre):
    """The key is refused: no use to try again, the agent is told why."""
    agent = centre.browser("ana")
    phone, channel_id = centre.attended(agent)
    centre.emulator.faults(http_status=401)
    agent.post(channel_id, "Hello")
    centre.wait_answers(phone, "failed")
    assert error_reason(centre, channel_id)
    assert len(centre.emulator.requests("/wa/api/v1/msg")) == 1


def test_slow_provider_blocks_nobody_else(centre):
    """Two agents wait for GupShup; their and others' screens work on meanwhile."""
    ana, luis = centre.browser("ana"), centre.browser("luis")
    chats = [(agent, *centre.attended(agent)) for agent in (ana, luis)]
    centre.emulator.faults(latency=SLOW)
    seconds = []

    def measure(work, *arguments):
        began = time.monotonic()
        found = work(*arguments)
        seconds.append(time.monotonic() - began)
        return found

    for text in ("Hello", "And another thing"):
        for agent, _phone, channel_id in chats:
            measure(agent.post, channel_id, text)
            measure(agent.call, "discuss.channel", "read", [channel_id], ["name"])
    measure(centre.attended, ana, "Is anybody there?")
    assert max(seconds) < SLOW / 2, "somebody had to wait for GupShup"

    centre.emulator.faults()
    for _agent, phone, _channel_id in chats:
        centre.wait_answers(phone, "delivered", "delivered", timeout=60)
        assert centre.emulator.sent_texts(phone) == ["Hello", "And another thing"]


def test_no_answer_but_a_receipt(centre):
    """The connection breaks after GupShup took it: unknown, until a receipt tells."""
    agent = centre.browser("ana")
    phone, channel_id = centre.attended(agent)
    # As if it happened a minute ago: the answer may be late, so it is waited for first.
    centre.emulator.call("POST", "clock", {"offset": -60})
    centre.emulator.faults(drop="after_accept", drop_times=1, hold=True)
    agent.post(channel_id, "Hello")
    centre.wait_answers(phone, "unknown")
    a_minute_ago(centre)

    centre.emulator.call("PATCH", "faults", {"hold": False})
    centre.emulator.wait_for_callbacks()
    centre.run_job("WhatsApp: apply callbacks")
    centre.wait_answers(phone, "delivered")
    assert centre.emulator.sent_texts(phone) == ["Hello"]


@in_one_mode
def test_answer_too_late(centre):
    """GupShup takes it and answers when nobody waits any more: unknown, sent once.

    The receipt that comes later tells that it left.
    """
    agent = centre.browser("ana")
    phone, channel_id = centre.attended(agent)
    centre.emulator.call("POST", "clock", {"offset": -60})
    centre.emulator.faults(latency=TOO_SLOW, hold=True)
    mail_id = agent.post(channel_id, "Hello")
    centre.wait_answers(phone, "unknown", timeout=60)
    centre.run_job("WhatsApp: send messages")
    assert centre.answers(phone) == ["unknown"]
    assert error_reason(centre, channel_id, "unknown")
    a_minute_ago(centre)

    centre.emulator.call("PATCH", "faults", {"hold": False})
    centre.emulator.wait_for_callbacks()
    centre.run_job("WhatsApp: apply callbacks")
    centre.wait_answers(phone, "delivered")
    agent.call("mail.message", "action_whatsapp_omni_retry", [mail_id])
    centre.run_job("WhatsApp: send messages")
    assert centre.emulator.sent_texts(phone) == ["Hello"]
    # it is written down when it is answered, though nobody hears that any more
    wait_until(lambda: centre.emulator.requests("/wa/api/v1/msg"), TOO_SLOW)
    assert len(centre.emulator.requests("/wa/api/v1/msg")) == 1


def test_no_answer_and_nothing_sent(centre):
    """The connection breaks before GupShup took it: unknown, and for the agent to say.

    It is not sent again by itself, neither at once nor by the sweep; the next message
    is not held up.
    """
    agent = centre.browser("ana")
    phone, channel_id = centre.attended(agent)
    centre.emulator.faults(drop="before_accept", drop_times=1)
    mail_id = agent.post(channel_id, "Hello")
    centre.wait_answers(phone, "unknown")
    centre.run_job("WhatsApp: send messages")
    assert centre.emulator.sent_texts(phone) == []
    agent.post(channel_id, "Did you get it?")
    centre.wait_answers(phone, "unknown", "delivered")

    agent.call("mail.message", "action_whatsapp_omni_retry", [mail_id])
    centre.wait_answers(phone, "unknown", "delivered", "delivered")
    assert centre.emulator.sent_texts(phone) == ["Did you get it?", "Hello"]
    agent.call("mail.message", "action_whatsapp_omni_retry", [mail_id])
    centre.run_job("WhatsApp: send messages")
    assert len(centre.emulator.sent_texts(phone)) == 2


def tries(centre, channel_id):
    """Return how often messages of a channel were tried without success."""
    return centre.value(
        "SELECT sum(tries) FROM whatsapp_omni_message WHERE channel_id = %s", channel_id
    )


def a_minute_ago(centre):
    """Move the requests of unknown fate as far back as the emulator's clock is."""
    centre.query(
        "UPDATE whatsapp_omni_message SET requested_at = requested_at - '1m'::interval"
        " WHERE state = 'unknown'"
    )


def error_reason(centre, channel_id, state="failed"):
    """Return what is said of the channel's only message in this state."""
    return centre.value(
        "SELECT error_reason FROM whatsapp_omni_message"
        " WHERE channel_id = %s AND state = %s",
        channel_id,
        state,
    )
