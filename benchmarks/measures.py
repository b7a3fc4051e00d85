"""What is measured. Each function takes a :class:`rig.Rig` and yields report rows."""

import itertools
import random
import statistics
import threading
import time

from . import report, rig
from .load import percentile

MS = 1000


def audiences(bench, quick):
    """Return the customers that write, by the name of the setting."""
    one = {} if quick else {"1 customer": [bench.hot]}
    return {**one, f"{len(bench.crowd)} customers": bench.crowd}


class Blocks:
    """Blocks of requests of two kinds in turns, so that both meet the same weather."""

    def __init__(self, bench):
        self._bench = bench
        self.results, self.cpu = {}, {}

    def run(self, name, requests, settle=None, **options):
        """Run one block; its CPU includes what goes on until ``settle`` returns."""
        requests = list(requests)
        before = self._bench.cpu.read()
        began = time.perf_counter()
        rate = options.pop("rate", None)
        if rate is None:
            result = self._bench.run(requests, **options)
        else:
            result = self._bench.run_at(rate, requests, **options)
        if settle is not None:
            settle()
            result.seconds = time.perf_counter() - began
        used = self._bench.cpu.read() - before
        self.results.setdefault(name, []).append(result)
        self.cpu.setdefault(name, []).append(used / len(requests) * MS)

    def latency(self, name, percent):
        """Return a percentile over all blocks, in milliseconds."""
        pooled = itertools.chain(*(r.latencies for r in self.results[name]))
        return percentile(list(pooled), percent) * MS

    def rate(self, name):
        """Return requests per second, the median of the blocks."""
        return statistics.median(r.rate for r in self.results[name])

    def cpu_ms(self, name):
        """Return CPU per request in milliseconds, the median of the blocks."""
        return statistics.median(self.cpu[name])

    def cpu_ratio(self, name, floor):
        """Return the median of the ratios of neighbouring blocks."""
        pairs = zip(self.cpu[name], self.cpu[floor], strict=True)
        return statistics.median(mine / other for mine, other in pairs)


# --- acknowledgement ------------------------------------------------------------------


def acknowledgement(bench, quick):
    """Answering a callback, against answering a request that asks for nothing."""
    blocks = Blocks(bench)
    size, rounds = (100, 3) if quick else (250, 8)
    for _ in range(rounds):
        blocks.run("no-op", [(rig.NOOP, b"{}")] * size)
        blocks.run("callback", [rig.notice() for _ in range(size)])
        blocks.run("durable", [rig.durable() for _ in range(size)])
    here = {"number": "1", "setting": bench.setting(), "floor_name": "no-op"}
    for percent in (50, 95):
        figures = {
            **here,
            "what": f"acknowledgement, c=1, p{percent}",
            "value": blocks.latency("callback", percent),
            "unit": "ms",
            "floor": blocks.latency("no-op", percent),
        }
        yield (
            report.at_most(1.3, **figures)
            if percent == 50
            else report.inform(**figures)
        )
    yield report.at_most(
        1.3,
        **here,
        what="acknowledgement, c=1, CPU",
        value=blocks.cpu_ms("callback"),
        unit="ms",
        floor=blocks.cpu_ms("no-op"),
        ratio=blocks.cpu_ratio("callback", "no-op"),
    )
    yield from _acknowledgement_against_bound(bench, blocks)
    yield from _acknowledgement_rate(bench, quick)
    for audience, customers in audiences(bench, quick).items():
        yield from _acknowledgement_of_messages(bench, quick, audience, customers)


def _acknowledgement_against_bound(bench, blocks):
    """What any durable answer takes of it, and what reading a callback adds."""
    measures = {"p50": lambda name: blocks.latency(name, 50), "CPU": blocks.cpu_ms}
    for what, measure in measures.items():
        noop, durable, callback = map(measure, ("no-op", "durable", "callback"))
        here = {"number": "1", "setting": bench.setting(), "unit": "ms"}
        yield report.inform(
            **here,
            what=f"barest durable answer, c=1, {what}",
            value=durable,
            floor=noop,
            floor_name="no-op",
        )
        yield report.inform(
            **here,
            what=f"acknowledgement, c=1, {what}",
            value=callback,
            floor=durable,
            floor_name="durable",
        )


def _acknowledgement_rate(bench, quick):
    # Odoo's prefork workers speak HTTP/1.0: a kept connection exists with threads only.
    for keep_alive in (False, True) if bench.workers == 0 else (False,):
        blocks = Blocks(bench)
        size, rounds = (200, 2) if quick else (800, 4)
        options = {"concurrency": 4, "keep_alive": keep_alive}
        for _ in range(rounds):
            blocks.run("no-op", [(rig.NOOP, b"{}")] * size, **options)
            blocks.run("callback", [rig.notice() for _ in range(size)], **options)
        judge = report.at_least if bench.workers == 2 else _uninformed
        yield judge(
            0.7,
            number="2",
            what="acknowledgement, c=4" + (", kept connections" if keep_alive else ""),
            setting=bench.setting(),
            value=blocks.rate("callback"),
            unit="/s",
            floor=blocks.rate("no-op"),
            floor_name="no-op",
        )


def _uninformed(_limit, **figures):
    return report.inform(**figures)


def _acknowledgement_of_messages(bench, quick, audience, customers):
    """Messages at 8/s, each applied behind its answer, with no-ops between them."""
    rate, seconds = 16, 6 if quick else 15
    order = itertools.cycle(customers)
    requests = [
        next(order).message() if index % 2 else (rig.NOOP, b"{}")
        for index in range(rate * seconds)
    ]
    # One connection at a time would let a slow answer delay the next request.
    result = _split(bench, rate, requests)
    yield report.inform(
        number="1",
        what="acknowledgement of messages, 8/s, p50",
        setting=bench.setting(audience),
        value=percentile(result[rig.CALLBACK], 50) * MS,
        unit="ms",
        floor=percentile(result[rig.NOOP], 50) * MS,
        floor_name="no-op",
    )
    bench.wait_applied()


def _split(bench, rate, requests):
    """Run requests at a rate and return the latencies by path."""
    sent = []
    result = bench.run_at(
        rate, requests, concurrency=1, on_send=lambda index, _due: sent.append(index)
    )
    by_path = {}
    for index, latency in zip(sent, result.latencies, strict=True):
        by_path.setdefault(requests[index][0], []).append(latency)
    return by_path


# --- applying -------------------------------------------------------------------------


def ingestion(bench, quick):
    """Messages of known customers, from callback to channel, against message_post."""
    for audience, customers in audiences(bench, quick).items():
        yield from _burst(bench, quick, audience, customers)
        yield from _steady(bench, quick, audience, customers)


def _burst(bench, quick, audience, customers):
    blocks = Blocks(bench)
    size, rounds = (100, 2) if quick else (400, 3)
    floors = size // 4
    order = itertools.cycle(customers)
    for _ in range(rounds):
        blocks.run("message_post", [next(order).floor() for _ in range(floors)])
        blocks.run(
            "burst",
            [next(order).message() for _ in range(size)],
            settle=bench.wait_applied,
            concurrency=8,
        )
    here = {"setting": bench.setting(audience), "floor_name": "message_post"}
    yield report.at_least(
        4,
        **here,
        number="4",
        what=f"burst of {size}, drained",
        value=blocks.rate("burst"),
        unit="/s",
        floor=blocks.rate("message_post"),
    )
    yield report.at_most(
        0.4,
        **here,
        number="4",
        what=f"burst of {size}, CPU per message",
        value=blocks.cpu_ms("burst"),
        unit="ms",
        floor=blocks.cpu_ms("message_post"),
        ratio=blocks.cpu_ratio("burst", "message_post"),
    )


def _steady(bench, quick, audience, customers):
    blocks = Blocks(bench)
    seconds, rounds = (4, 1) if quick else (7, 2)
    order = itertools.cycle(customers)
    size = 10 * seconds
    for _ in range(rounds):
        blocks.run("message_post", [next(order).floor() for _ in range(size)], rate=10)
        blocks.run(
            "messages",
            [next(order).message() for _ in range(size)],
            rate=10,
            settle=bench.wait_applied,
        )
    yield report.at_most(
        1.0,
        number="4",
        what="10 messages/s, CPU per message",
        setting=bench.setting(audience),
        value=blocks.cpu_ms("messages"),
        unit="ms",
        floor=blocks.cpu_ms("message_post"),
        floor_name="message_post",
        ratio=blocks.cpu_ratio("messages", "message_post"),
    )


# --- how soon it is seen --------------------------------------------------------------


class Watch:
    """Takes the time from a callback to its announcement on the bus.

    The announcement follows the commit that makes the message visible. Messages of one
    customer are announced in their order, or several by one announcement.
    """

    def __init__(self, bench, customers):
        self._bench = bench
        self._due = {customer.channel: [] for customer in customers}
        self._lock = threading.Lock()
        self.delays = []

    def expect(self, customer, moment):
        """Note that a message of a customer was due at that moment."""
        with self._lock:
            self._due[customer.channel].append(moment)

    def follow(self, run):
        """Call ``run`` while watching; return when nothing is outstanding."""
        self._bench.forget_announcements()
        done = threading.Event()

        def work():
            try:
                run()
            finally:
                done.set()

        thread = threading.Thread(target=work)
        thread.start()
        deadline = time.monotonic() + rig.PATIENCE
        while not done.is_set() or self._outstanding():
            if time.monotonic() > deadline:
                raise rig.RigError("Messages were never announced")
            for moment, channels in self._bench.announcements(timeout=0.1):
                self._note(moment, channels)
        thread.join()

    def _outstanding(self):
        with self._lock:
            return any(self._due.values())

    def _note(self, moment, channels):
        with self._lock:
            for channel in channels & self._due.keys():
                moments, self._due[channel] = self._due[channel], []
                self.delays += [moment - due for due in moments]


def visibility(bench, quick):
    """From the callback to the committed, announced message, at 3 per second."""
    for audience, customers in audiences(bench, quick).items():
        count = 15 if quick else 60
        order = itertools.islice(itertools.cycle(customers), count)
        watch = watch_messages(bench, list(order), rate=3)
        yield from _delay_rows(watch.delays, "3 messages/s", bench.setting(audience))


def watch_messages(bench, writers, rate, beside=()):
    """Deliver one message of each writer at a rate; return the finished watch.

    :param beside: requests of another path, sent at the same time by another thread
    """
    watch = Watch(bench, writers)
    requests = [writer.message() for writer in writers]
    watch.follow(
        lambda: bench.run_at(
            rate,
            requests,
            on_send=lambda index, due: watch.expect(writers[index], due),
        )
    )
    return watch


def _delay_rows(delays, what, where, number="5"):
    for percent, limit in ((50, 50), (95, 100)):
        yield report.at_most(
            limit,
            number=number,
            what=f"callback → announced, {what}, p{percent}",
            setting=where,
            value=percentile(delays, percent) * MS,
            unit="ms",
        )


# --- receipts -------------------------------------------------------------------------

STATUSES = ("sent", "delivered", "read")


def receipts(bench, quick):
    """Receipts: what one costs, and a storm of them beside customers' messages."""
    for audience, customers in audiences(bench, quick).items():
        yield from _receipt_cost(bench, quick, audience, customers)
        yield from _receipt_storm(bench, quick, audience, customers)


def _receipt_cost(bench, quick, audience, customers):
    blocks = Blocks(bench)
    size, rounds = (120, 2) if quick else (480, 5)
    for _ in range(rounds):
        wave = _shuffled_receipts(bench.submitted(customers, size // len(STATUSES)))
        blocks.run("callback", [rig.notice() for _ in range(size)])
        blocks.run("receipts", wave, settle=bench.wait_ticks)
    yield report.at_most(
        1.3,
        number="3",
        what="receipt applied and shown, CPU",
        setting=bench.setting(audience),
        value=blocks.cpu_ms("receipts"),
        unit="ms",
        floor=blocks.cpu_ms("callback"),
        floor_name="acknowledgement",
        ratio=blocks.cpu_ratio("receipts", "callback"),
    )


def _shuffled_receipts(messages):
    wave = [
        rig.receipt(gs_id, status, phone)
        for gs_id, phone in messages
        for status in STATUSES
    ]
    random.Random(len(messages)).shuffle(wave)
    return wave


def _receipt_storm(bench, quick, audience, customers):
    seconds = 3 if quick else 10
    messages = bench.submitted(customers, 240 * seconds // len(STATUSES))
    wave = _shuffled_receipts(messages)
    writers = [*itertools.islice(itertools.cycle(customers), 10 * seconds)]
    storm = {}
    thread = threading.Thread(
        target=lambda: storm.update(result=bench.run_at(240, wave, concurrency=32))
    )
    thread.start()
    watch = watch_messages(bench, writers, rate=10)
    thread.join()
    if "result" not in storm:
        raise rig.RigError("The storm of receipts was not answered")
    bench.wait_ticks()
    result = storm["result"]
    unread = bench.query(
        "SELECT count(*) FROM whatsapp_omni_message"
        " WHERE gs_id = ANY(%s) AND state != 'read'",
        [gs_id for gs_id, _phone in messages],
    )[0][0]
    here = {"number": "3", "setting": bench.setting(audience)}
    yield report.at_least(
        238,
        **here,
        what="receipts at 240/s: answered",
        value=result.rate,
        unit="/s",
    )
    yield report.at_most(
        20,
        **here,
        what="receipts at 240/s: acknowledgement p95",
        value=result.percentile(95) * MS,
        unit="ms",
    )
    yield report.at_most(
        0, **here, what="receipts at 240/s: not applied", value=unread, unit="messages"
    )
    yield from _delay_rows(
        watch.delays,
        "10 messages/s under 240 receipts/s",
        bench.setting(audience),
        number="3",
    )
