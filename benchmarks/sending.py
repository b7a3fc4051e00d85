"""The outbox: answers to a hundred customers, with a provider that takes its time."""

import statistics
import time

from gupshup import http, outgoing
from gupshup.client import Client

from . import report, rig

LATENCY = 0.05
TEXT = "Sí, hasta las ocho."
FAST, SLOW = 1000, 20
MS = 1000


def sending(bench, quick):
    """Answers queued at once, against the same requests one after another."""
    with rig.new_emulator() as emulator:
        yield from _throughput(bench, emulator, quick)
        yield from _limited(bench, emulator, quick)


def _throughput(bench, emulator, quick):
    people = bench.crowd[:100]
    emulator.call("PUT", "faults", {"latency": LATENCY})
    bench.use_provider(emulator.url, FAST)
    alone, queued = [], []
    for _ in range(1 if quick else 3):
        alone.append(_one_by_one(emulator, people))
        queued.append(_through_outbox(bench, people))
    yield report.at_least(
        7.5,
        number="11",
        what=f"{len(people)} answers sent, {LATENCY * MS:.0f} ms latency",
        setting=bench.setting(),
        value=len(people) / statistics.median(queued),
        unit="/s",
        floor=len(people) / statistics.median(alone),
        floor_name="one by one",
    )


def _one_by_one(emulator, people):
    """Send to each customer in turn; return the seconds it took."""
    session = http.new_session()
    number = rig.NUMBER.lstrip("+")
    client = Client(
        emulator.url,
        rig.API_KEY,
        rig.payloads.APP,
        rig.APP_ID,
        number,
        session=session,
    )
    began = time.perf_counter()
    for person in people:
        client.send(person.phone, outgoing.text(TEXT))
    return time.perf_counter() - began


def _through_outbox(bench, people):
    """Answer each customer in one request; return seconds from its end to the last.

    The request posts all answers in one transaction, so that sending begins when it
    ends.
    """
    wanted = {"conversations": [p.conversation for p in people], "text": TEXT}
    bench.ask("/whatsapp_omni_bench/answers", wanted)
    began = time.perf_counter()
    bench.wait_sent()
    return time.perf_counter() - began


def _limited(bench, emulator, quick):
    people = bench.crowd[: 40 if quick else 80]
    bench.use_provider(emulator.url, SLOW)
    time.sleep(1.1)  # what was sent before counts against the rate
    since = time.time()
    _through_outbox(bench, people)
    requests = emulator.call("GET", "requests", since=since)["requests"]
    moments = sorted(request["time"] for request in requests)
    yield report.at_most(
        SLOW,
        number="11",
        what=f"most requests in any second, at a rate of {SLOW}/s",
        setting=bench.setting(),
        value=max(_within_a_second(moments, start) for start in moments),
        unit="requests",
    )
    yield report.at_least(
        0.9,
        number="11",
        what=f"rate used, of {SLOW}/s",
        setting=bench.setting(),
        value=(len(moments) - 1) / (moments[-1] - moments[0]),
        unit="/s",
        floor=SLOW,
        floor_name="allowed",
    )


def _within_a_second(moments, start):
    return sum(start <= moment < start + 1 for moment in moments)
