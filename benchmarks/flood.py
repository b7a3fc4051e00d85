"""Many callbacks at a time: what was lost, doubled or repeated, and the slowest answer.

``tests/system`` proves the same with an agent who answers meanwhile, and the order.
"""

import itertools
import time

from . import load, payloads, report, rig

MS = 1000
CROWD = 8
_floods = itertools.count(1)


class Flood:
    """Callbacks whose messages are recognised afterwards by the ids that they share."""

    def __init__(self, bench):
        self._bench = bench
        self._prefix = f"wamid.flood-{next(_floods)}-"
        self._log_began = bench.odoo.log_path.stat().st_size

    def message(self, phone, number):
        """Return the request that delivers message ``number`` of a customer."""
        wa_id = f"{self._prefix}{phone}-{number}"
        body = payloads.message(phone, f"Message {number}", wa_id)
        return rig.CALLBACK, payloads.encode(body)

    def run(self, requests):
        """Deliver these at once; return the slowest answer in milliseconds."""
        result = self._bench.run(requests, concurrency=CROWD)
        self._bench.wait_applied()
        return max(result.latencies) * MS

    def stray(self, wanted):
        """Return how many of so many messages are missing or there twice."""
        count, distinct = self._bench.query(
            "SELECT count(*), count(DISTINCT wa_id) FROM whatsapp_omni_message"
            " WHERE wa_id LIKE %s",
            f"{self._prefix}%",
        )[0]
        return (wanted - distinct) + (count - distinct)

    def retries(self):
        """Return how often PostgreSQL had a transaction of Odoo's repeated."""
        with self._bench.odoo.log_path.open("rb") as log:
            log.seek(self._log_began)
            return log.read().count(b"could not serialize")


def flood(bench, quick):
    """One hot chat, one message again and again, and strangers who write at once."""
    yield from _hot_chat(bench, 40 if quick else 200)
    yield from _repetitions(bench)
    yield from _strangers(bench)


def _rows(bench, number, what, flood_, wanted, slowest, limit):
    here = {"number": number, "setting": bench.setting()}
    yield report.at_most(
        0,
        **here,
        what=f"{what}: lost or doubled",
        value=flood_.stray(wanted),
        unit="messages",
    )
    yield report.at_most(
        0,
        **here,
        what=f"{what}: repeated transactions",
        value=flood_.retries(),
        unit="times",
    )
    yield report.at_most(
        limit, **here, what=f"{what}: slowest answer", value=slowest, unit="ms"
    )


def _hot_chat(bench, count):
    floor = load.closed_loop(
        bench.url, [bench.hot.floor() for _ in range(count)], concurrency=CROWD
    )
    yield report.inform(
        number="6",
        what=f"{count} message_post in one chat, {CROWD} at a time: slowest answer",
        setting=bench.setting(),
        value=max(floor.latencies, default=0) * MS,
        unit="ms",
    )
    yield report.inform(
        number="6",
        what=f"{count} message_post in one chat, {CROWD} at a time: refused",
        setting=bench.setting(),
        value=floor.refused,
        unit="messages",
    )
    flood_ = Flood(bench)
    slowest = flood_.run([flood_.message(bench.hot.phone, n) for n in range(count)])
    what = f"{count} messages of one customer, {CROWD} at a time"
    yield from _rows(bench, "6", what, flood_, count, slowest, 1000)


def _repetitions(bench):
    """Each of 20 ids three times in a row, then eight times at once."""
    flood_ = Flood(bench)
    requests = [flood_.message(bench.hot.phone, number) for number in range(20)]
    in_a_row = [request for request in requests for _ in range(3)]
    at_once = [request for request in requests for _ in range(CROWD)]
    slowest = max(flood_.run(in_a_row), flood_.run(at_once))
    what = f"20 ids 3 times in a row and {CROWD} times at once"
    yield from _rows(bench, "7", what, flood_, len(requests), slowest, 1000)


def _strangers(bench):
    """The first messages of customers whom nobody knows, all at once."""
    began = int(time.time()) % 10**6
    phones = [f"3469{began:06d}{number:02d}" for number in range(20)]
    before = _counts(bench)
    flood_ = Flood(bench)
    requests = [flood_.message(phone, n) for n in range(CROWD) for phone in phones]
    slowest = flood_.run(requests)
    what = f"20 strangers, {CROWD} first messages each, at once"
    yield from _rows(bench, "8", what, flood_, len(requests), slowest, 1000)
    for name, former, now in zip(_COUNTED, before, _counts(bench), strict=True):
        yield report.at_most(
            0,
            number="8",
            what=f"{what}: {name} that are missing or too many",
            setting=bench.setting(),
            value=abs(now - former - len(phones)),
            unit=name,
        )


_COUNTED = {
    "channels": "discuss_channel",
    "conversations": "whatsapp_omni_conversation",
}


def _counts(bench):
    return [
        bench.query(f"SELECT count(*) FROM {table}")[0][0]
        for table in _COUNTED.values()
    ]
