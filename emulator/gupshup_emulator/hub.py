# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Tells waiting tests and open phone pages what changed."""

import asyncio
import json
from collections.abc import Iterable
from typing import Any, Protocol

FLUSH_SECONDS = 0.04
CLIENT_BACKLOG = 64


class Record(Protocol):
    """What can be waited for."""

    key: str

    def record(self) -> dict[str, Any]: ...


def look_up(record: Any, path: str) -> Any:
    """Return the value at a dotted path such as ``body.entry.0.id``, else None."""
    for part in path.split("."):
        if isinstance(record, dict):
            record = record.get(part)
        elif isinstance(record, list) and part.isdigit() and int(part) < len(record):
            record = record[int(part)]
        else:
            return None
    return record


class Waiter:
    """Waits until `count` records fit."""

    def __init__(self, count: int, match: dict[str, Any], since: float):
        self._count = count
        self._match = match
        self._since = since
        self.matched: dict[str, dict[str, Any]] = {}
        self.done = asyncio.Event()

    def offer(self, item: Record) -> None:
        """Look at a record that is new or has changed."""
        record = item.record()
        if record["time"] < self._since or not self._fits(record):
            self.matched.pop(item.key, None)
            return
        self.matched[item.key] = record
        if len(self.matched) >= self._count:
            self.done.set()

    def _fits(self, record: dict[str, Any]) -> bool:
        return all(
            look_up(record, path) == value for path, value in self._match.items()
        )


class Hub:
    """Passes changes on. Costs nothing while nobody waits and no page is open."""

    def __init__(self):
        self._waiters: dict[str, set[Waiter]] = {}
        self._clients: set[asyncio.Queue] = set()
        self._pending: dict[tuple[str, str], Any] = {}
        self._flush_planned = False

    def changed(self, what: str, item: Record) -> None:
        """Tell the waiters about a record of kind sent, request, callback or read."""
        for waiter in tuple(self._waiters.get(what, ())):
            waiter.offer(item)

    async def wait(
        self,
        what: str,
        existing: Iterable[Record],
        waiter: Waiter,
        timeout: float,
    ) -> bool:
        """Wait until the waiter is content; False when the time ran out."""
        group = self._waiters.setdefault(what, set())
        group.add(waiter)
        try:
            for item in existing:
                waiter.offer(item)
            await asyncio.wait_for(waiter.done.wait(), timeout)
        except TimeoutError:
            return False
        finally:
            group.discard(waiter)
        return True

    def show(self, kind: str, key: str, data: Any) -> None:
        """Show a change on the open pages; `data` may be a function that returns it."""
        if not self._clients:
            return
        self._pending[kind, key] = data
        if not self._flush_planned:
            self._flush_planned = True
            asyncio.get_running_loop().call_later(FLUSH_SECONDS, self._flush)

    def _flush(self) -> None:
        self._flush_planned = False
        pending, self._pending = self._pending, {}
        changes = [
            {"kind": kind, "data": data() if callable(data) else data}
            for (kind, _key), data in pending.items()
        ]
        text = json.dumps({"changes": changes})
        for queue in tuple(self._clients):
            if queue.full():
                # A page that cannot keep up reloads the state instead of lagging.
                while not queue.empty():
                    queue.get_nowait()
                queue.put_nowait(json.dumps({"reload": True}))
            else:
                queue.put_nowait(text)

    def join(self) -> asyncio.Queue:
        """Register an open page and return the queue with its texts."""
        queue: asyncio.Queue = asyncio.Queue(maxsize=CLIENT_BACKLOG)
        self._clients.add(queue)
        return queue

    def leave(self, queue: asyncio.Queue) -> None:
        """Forget an open page."""
        self._clients.discard(queue)
