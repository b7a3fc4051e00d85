"""Routing: what a message of a customer costs where menus decide."""

import statistics
import uuid

from . import payloads, report, rig

MS = 1000
MENUS, CLOSED_OF_EACH = 500, 500


def routing(bench, quick):
    """First messages and answers to a menu, with little and with much around them."""
    token = uuid.uuid4().hex
    line = {
        "name": "Menus",
        "number": "+34911999888",
        "app_name": payloads.APP,
        "app_id": str(uuid.uuid4()),
        "callback_token": token,
    }
    rig.ask(bench.url, "/whatsapp_omni_bench/menus", {"line": line})
    size = 20 if quick else 100
    _measure(bench, token, 10)
    few = _measure(bench, token, size)
    menus, closed = (50, 50) if quick else (MENUS, CLOSED_OF_EACH)
    wanted = {"menus": menus, "closed": closed}
    rig.ask(bench.url, "/whatsapp_omni_bench/more", wanted)
    bench.sql.cursor().execute("ANALYZE")
    _measure(bench, token, 10)
    many = _measure(bench, token, size)
    for index, what in enumerate(("first message", "answer to a menu")):
        here = {
            "number": "",
            "setting": f"{menus} menus, {closed * 100} closed",
            "floor_name": "2 menus",
        }
        (few_seconds, few_statements), (seconds, statements) = few[index], many[index]
        yield report.at_most(
            1,
            **here,
            what=f"routing, {what}, statements",
            value=statements,
            unit="",
            floor=few_statements,
        )
        yield report.inform(
            **here,
            what=f"routing, {what}, p50",
            value=seconds * MS,
            unit="ms",
            floor=few_seconds * MS,
        )


def _measure(bench, token, size):
    """Return the median seconds and statements of a first message and an answer."""
    pairs = [
        [payloads.message(phone), payloads.message(phone, "1")]
        for phone in (f"3469{number:07d}" for number in range(size))
    ]
    wanted = {"token": token, "pairs": pairs}
    found = rig.ask(bench.url, "/whatsapp_omni_bench/route", wanted)
    return [
        [statistics.median(figures) for figures in zip(*of_kind, strict=True)]
        for of_kind in zip(*found, strict=True)
    ]
