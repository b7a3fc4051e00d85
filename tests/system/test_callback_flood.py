# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Callbacks that come many at a time: once each, in order, and acknowledged quickly."""

import re
import threading
from collections import Counter

from harness.callbacks import new_phone, now_milliseconds, text_message
from harness.waiting import at_once
from message_order import overlooked

RETRIES = re.compile(r"could not serialize|tries left")
#: Seconds. Nineteen of twenty answers keep to the aim even where ten others want the
#: two cores. A moment in which the machine does something else hits all that are under
#: way, eight of 200: the slowest takes 0.3 when left alone, and 2.3 among those ten.
AIM, SLOWEST = 1, 2


def test_one_message_delivered_twenty_times(centre):
    """Twenty deliveries of one message, eight at a time: one message, 19 repetitions.

    None of the answers waits for a serialization failure to be retried.
    """
    deliver_twenty_times(centre)


def test_one_message_delivered_twenty_times_to_eight_workers(new_centre):
    """The same where each of the eight may be answered by a process of its own."""
    centre = new_centre(8)
    deliver_twenty_times(centre)
    centre.odoo.kill()  # eight take long to say goodbye


def deliver_twenty_times(centre):
    """Deliver one message again and again, and look at what became of it."""
    before, logged = centre.journal("message"), len(centre.log())
    phone = new_phone()
    body = text_message(phone, "Hola")
    deliveries = at_once(lambda _n: centre.deliver(body), range(20), workers=8)
    centre.wait_applied()

    assert {(d.status, d.content) for d in deliveries} == {(200, b"")}
    assert centre.transcript(phone) == ["Hola"]
    after = centre.journal("message")
    assert Counter(after) - Counter(before) == {"applied": 1, "duplicate": 19}
    assert max(d.seconds for d in deliveries) < AIM
    assert not RETRIES.search(centre.log()[logged:])


def test_twenty_new_customers_write_at_once(centre):
    """Twenty strangers with eight messages each: twenty channels, everything in order.

    As GupShup does, each customer's messages are delivered one after another, those of
    different customers at the same time.
    """
    before = centre.received()
    channels = centre.value("SELECT count(*) FROM discuss_channel")
    phones = [new_phone() for _customer in range(20)]
    texts = [f"Message {number}" for number in range(8)]

    def write(phone):
        return [centre.deliver(text_message(phone, text)).status for text in texts]

    assert at_once(write, phones) == [[200] * 8] * 20
    centre.wait_applied()

    assert [centre.transcript(phone) for phone in phones] == [texts] * 20
    assert [len(centre.conversations(phone)) for phone in phones] == [1] * 20
    assert centre.value("SELECT count(*) FROM discuss_channel") == channels + 20
    assert centre.received() - before == 160


def test_hot_chat_while_its_agent_answers(centre):
    """200 messages of one customer, eight at a time; the agent writes all the while.

    Nothing is lost, doubled or overlooked, and neither side makes the other repeat its
    work.
    """
    agent = centre.browser("ana")
    phone, channel_id = centre.attended(agent)
    logged = len(centre.log())
    start = now_milliseconds()
    texts = [f"Message {number}" for number in range(200)]
    bodies = [
        text_message(phone, text, milliseconds=start + number)
        for number, text in enumerate(texts)
    ]
    answers = []
    flood_is_over = threading.Event()

    def answer():
        while not flood_is_over.is_set():
            agent.post(channel_id, f"Answer {len(answers)}")
            answers.append(f"Answer {len(answers)}")

    writer = threading.Thread(target=answer)
    writer.start()
    try:
        deliveries = at_once(centre.deliver, bodies, workers=8)
    finally:
        flood_is_over.set()
        writer.join()
    centre.wait_applied()
    centre.wait_answers(phone, *["delivered"] * len(answers))

    assert {d.status for d in deliveries} == {200}
    seconds = sorted(d.seconds for d in deliveries)
    assert seconds[len(seconds) * 19 // 20] < AIM
    assert seconds[-1] < SLOWEST
    assert Counter(centre.transcript(phone)[1:]) == Counter(texts)
    answered = dict(zip(texts, (d.ended for d in deliveries), strict=True))
    assert overlooked(centre, phone, answered) == []
    assert centre.emulator.sent_texts(phone) == answers
    assert not RETRIES.search(centre.log()[logged:])
