# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Odoo dies or is restarted while customers write: nothing is lost or doubled."""

import random
import threading
from collections import Counter

import psutil
import pytest
import requests
from harness.callbacks import new_phone, text_message
from harness.waiting import at_once, wait_until
from message_order import overlooked

from conftest import SERVER_MODES


@pytest.fixture(scope="module", params=SERVER_MODES, ids="workers{}".format)
def crashing_centre(request, make_centre):
    """Yield a centre in each mode that only the tests of this file see dying."""
    with make_centre(request.param) as started:
        yield started


@pytest.fixture
def centre(crashing_centre):
    """Return it with an emulator like new."""
    crashing_centre.emulator.reset()
    return crashing_centre


def applied(centre):
    """Return how many customers' messages were applied so far."""
    return centre.journal("message")["applied"]


def test_killed_between_acknowledgement_and_applying(centre):
    """Acknowledged, not applied, killed: all is there once Odoo runs again.

    Nobody writes after the restart: Odoo has to find by itself what it left behind, and
    not only with the next message.
    """
    before = applied(centre)
    phones = [new_phone() for _customer in range(5)]
    texts = [f"Message {number}" for number in range(4)]
    with centre.applying_held():
        for phone in phones:
            for text in texts:
                assert centre.deliver(text_message(phone, text)).status == 200
        assert centre.journal("message")["pending"] == 20
        centre.odoo.kill()
    assert [centre.transcript(phone) for phone in phones] == [[]] * 5

    centre.odoo.start()
    centre.wait_applied()

    assert [centre.transcript(phone) for phone in phones] == [texts] * 5
    assert applied(centre) - before == 20


def test_killed_while_applying_under_load(centre):
    """The process that applies is killed again and again in the middle of its work.

    With workers single ones die, which Odoo replaces; with threads the whole server.
    Whoever got no answer sends again, as GupShup does. All is applied exactly once.
    """
    before = applied(centre)
    phones = [new_phone() for _customer in range(20)]
    texts = [f"Message {number}" for number in range(6)]
    killed = []
    silence = threading.Event()

    def kill_now_and_then():
        for moment in (5, 30, 60):
            while applied(centre) - before < moment:
                if silence.wait(0.02):
                    return
            killed.append(kill_some(centre))

    killer = threading.Thread(target=kill_now_and_then)
    killer.start()
    try:
        at_once(lambda phone: write_all(centre, phone, texts), phones)
    finally:
        silence.set()
        killer.join()
    centre.wait_applied()

    assert killed
    assert [centre.transcript(phone) for phone in phones] == [texts] * 20
    assert applied(centre) - before == 120


def kill_some(centre):
    """Kill one HTTP worker, or all of a server without workers and start it again."""
    if not centre.workers:
        centre.odoo.kill()
        centre.odoo.start()
        return "server"
    children = psutil.Process(centre.odoo.process.pid).children()
    listening = [
        child
        for child in children
        if "gevent" not in child.cmdline() and has_port(child, centre.odoo.http_port)
    ]
    victim = random.choice(listening)
    victim.kill()
    return victim.pid


def has_port(process, port):
    """Tell whether a process listens on a port: HTTP workers do, those of jobs not."""
    return any(c.laddr.port == port for c in process.connections("tcp"))


def write_all(centre, phone, texts):
    """Deliver the messages of one customer in order, each until it is acknowledged."""
    for text in texts:
        body = text_message(phone, text)
        wait_until(lambda body=body: is_acknowledged(centre, body), 60)


def is_acknowledged(centre, body):
    """Deliver once; tell whether the answer was a good one."""
    try:
        return centre.deliver(body).status == 200
    except requests.RequestException:
        return False


def test_restarted_in_the_middle_of_a_burst(centre):
    """An administrator restarts Odoo while GupShup delivers, and delivers again.

    The emulator repeats what was not answered 2xx, and meanwhile goes on with the next.
    Everything arrives, once, and before what came after it, if it was known by then.
    """
    before, logged = applied(centre), len(centre.log())
    emulator = centre.emulator
    emulator.faults(redeliver_times=60, redeliver_pause=0.2)
    phones = [new_phone() for _customer in range(20)]
    texts = [f"Message {number}" for number in range(10)]
    burst = [{"phone": phone, "text": text} for text in texts for phone in phones]
    customers = threading.Thread(
        target=emulator.call,
        args=("POST", "inbound/bulk", {"messages": burst, "rate": 40}),
    )
    customers.start()
    wait_until(lambda: applied(centre) - before > 20, what="the first messages")

    centre.odoo.restart()
    customers.join()
    emulator.wait_for_callbacks()
    centre.wait_applied()

    for phone in phones:
        assert Counter(centre.transcript(phone)) == Counter(texts)
        assert overlooked(centre, phone, acknowledged(emulator, phone)) == []
    assert applied(centre) - before == 200
    refused = [row for row in emulator.callbacks() if len(row["attempts"]) > 1]
    assert refused, "the restart was too quick for anybody to notice"
    assert "could not serialize" not in centre.log()[logged:]


def acknowledged(emulator, phone):
    """Return when Odoo acknowledged each text of a customer, in their order."""
    ended = {}
    for row in emulator.callbacks():
        if row["phone"] == phone:
            last = row["attempts"][-1]
            text = row["body"]["payload"]["payload"]["text"]
            ended[text] = last["time"] + last["latency_ms"] / 1000
    return ended


def test_answer_given_just_before_a_crash(centre):
    """An answer whose request ended is in the outbox: it leaves after the restart.

    One that was under way when Odoo died is unknown, and not sent again by itself.
    """
    agent = centre.browser("ana")
    phone, channel_id = centre.attended(agent)
    centre.emulator.faults(latency=30)
    agent.post(channel_id, "Under way")
    centre.wait_answers(phone, "sending")
    agent.post(channel_id, "Waiting")
    centre.odoo.kill()
    centre.emulator.faults()

    # As if it had died minutes ago: nobody can be waiting for that answer any more.
    centre.query(
        "UPDATE whatsapp_omni_message SET requested_at = requested_at - '3m'::interval"
        " WHERE state = 'sending'"
    )
    centre.odoo.start()
    centre.run_job("WhatsApp: send messages")
    centre.wait_answers(phone, "unknown", "delivered")

    assert centre.emulator.sent_texts(phone) == ["Under way", "Waiting"]
