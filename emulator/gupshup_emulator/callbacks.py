# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Delivers callbacks: in order per customer, with retries, each one recorded."""

import asyncio
import json
import random
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from .events import Event
from .faults import Faults
from .hub import Hub
from .state import State, Subscription

CONNECTIONS_PER_HOST = 32
SHUFFLE_SECONDS = 0.25
PING_TIMEOUT = 10.0
# Shorter than the usual keep-alive of HTTP servers, so that a callback rarely meets a
# connection that the other side has just closed.
KEEP_ALIVE_SECONDS = 1.0


@dataclass
class Callback:
    """One event on its way to one subscription."""

    key: str
    app_id: str
    subscription_id: str
    url: str
    headers: dict[str, str]
    label: str
    lane: str
    body: Any
    raw: bytes
    created: float
    state: str = "pending"
    attempts: list[dict[str, Any]] = field(default_factory=list)
    done: asyncio.Event = field(default_factory=asyncio.Event)
    on_done: "Callable[[Callback], None] | None" = None

    def record(self) -> dict[str, Any]:
        """The shape in `/control/callbacks`."""
        return {
            "id": self.key,
            "time": self.created,
            "app_id": self.app_id,
            "subscription": self.subscription_id,
            "url": self.url,
            "event": self.label,
            "phone": self.lane,
            "state": self.state,
            "body": self.body,
            "attempts": self.attempts,
        }

    def result(self) -> dict[str, Any]:
        """The short shape in the answers of injections."""
        last = self.attempts[-1] if self.attempts else {}
        return {
            "id": self.key,
            "subscription": self.subscription_id,
            "url": self.url,
            "state": self.state,
            "status": last.get("status"),
            "latency_ms": last.get("latency_ms"),
            "error": last.get("error"),
            "attempts": len(self.attempts),
        }


def headers_of(meta: dict[str, Any] | None, form: str) -> dict[str, str]:
    """Return the headers that a stored `meta` adds to callbacks.

    `meta` is stored wrapped in ``headers`` once more. Observations differ on whether
    the client must send the flat form or the wrapped one, hence the switch `form`.
    """
    if not meta or form == "never":
        return {}
    stored = meta.get("headers") or {}
    if form == "wrapped":
        stored = stored.get("headers") if isinstance(stored, dict) else {}
    if not isinstance(stored, dict):
        return {}
    return {name: value for name, value in stored.items() if isinstance(value, str)}


class Courier:
    """Takes events, finds their subscriptions and delivers."""

    def __init__(self, state: State, faults: Faults, hub: Hub, kept: int = 2_000):
        self.state = state
        self.faults = faults
        self.hub = hub
        self.records: deque[Callback] = deque(maxlen=kept)
        self.keep_bodies = True
        self._lanes: dict[tuple[str, str], deque[Callback]] = {}
        self._tasks: set[asyncio.Task] = set()
        self._gate = asyncio.Event()
        self._gate.set()
        self._session: aiohttp.ClientSession | None = None
        self._counter = 0
        self.delivered = 0
        self.failed = 0

    async def start(self) -> None:
        """Open the one session with its kept-alive connections."""
        connector = aiohttp.TCPConnector(
            limit=0,
            limit_per_host=CONNECTIONS_PER_HOST,
            keepalive_timeout=KEEP_ALIVE_SECONDS,
        )
        self._session = aiohttp.ClientSession(
            connector=connector,
            headers={"User-Agent": "gupshup-emulator/1.0"},
            cookie_jar=aiohttp.DummyCookieJar(),
        )

    async def stop(self) -> None:
        """Drop what is under way and close the session."""
        await self.drop_all()
        if self._session:
            await self._session.close()

    async def drop_all(self) -> None:
        """Forget every callback that is not delivered yet."""
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._lanes.clear()
        for record in self.records:
            if record.state == "pending":
                self._finish(record, "dropped")

    def hold(self, closed: bool) -> None:
        """Keep callbacks back, or let them go."""
        if closed:
            self._gate.clear()
        else:
            self._gate.set()

    # Taking events

    def submit(self, event: Event) -> list[Callback]:
        """Queue an event for every subscription that wants it."""
        bodies: dict[int, tuple[Any, bytes]] = {}
        records = []
        for sub in self.state.subscriptions_of(event.app_id):
            if not self._wanted(event, sub):
                continue
            version = event.version or sub.version
            if version not in bodies:
                body = event.build(version)
                bodies[version] = body, json.dumps(body).encode()
            body, raw = bodies[version]
            if body is None:
                continue
            for _copy in range(1 + self.faults.duplicate_callbacks):
                records.append(self._queue(event, sub, body, raw))
        return records

    def _wanted(self, event: Event, sub: Subscription) -> bool:
        if event.subscription_id and event.subscription_id != sub.id:
            return False
        return sub.wants(event.mode)

    def _queue(
        self, event: Event, sub: Subscription, body: Any, raw: bytes
    ) -> Callback:
        record = self._record(
            event.app_id, sub.id, sub.url, event.label, event.lane, body, raw
        )
        record.headers = headers_of(sub.meta, self.faults.meta_headers)
        if self.faults.shuffle:
            self._spawn(self._shuffled(record))
        else:
            self._append(record)
        return record

    def _record(
        self,
        app_id: str,
        subscription_id: str,
        url: str,
        label: str,
        lane: str,
        body: Any,
        raw: bytes,
    ) -> Callback:
        self._counter += 1
        record = Callback(
            key=f"c{self._counter}",
            app_id=app_id,
            subscription_id=subscription_id,
            url=url,
            headers={},
            label=label,
            lane=lane,
            body=body if self.keep_bodies else None,
            raw=raw,
            created=time.time(),
        )
        self.records.append(record)
        self._changed(record)
        return record

    def _append(self, record: Callback) -> None:
        key = record.subscription_id, record.lane
        lane = self._lanes.get(key)
        if lane is None:
            lane = self._lanes[key] = deque()
            self._spawn(self._run(key, lane))
        lane.append(record)

    def _spawn(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # Delivering

    async def _run(self, key: tuple[str, str], lane: deque[Callback]) -> None:
        while lane:
            await self._gate.wait()
            await self._deliver(lane.popleft())
        self._lanes.pop(key, None)

    async def _shuffled(self, record: Callback) -> None:
        await self._gate.wait()
        # As long as chance says, so that what came later may overtake it.
        await asyncio.sleep(random.uniform(0, SHUFFLE_SECONDS))
        await self._deliver(record)

    async def _deliver(self, record: Callback) -> None:
        attempt = await self.post(
            record.url, record.raw, record.headers, self.faults.callback_timeout
        )
        record.attempts.append(attempt)
        if 200 <= (attempt["status"] or 0) < 300:
            self.delivered += 1
            self._finish(record, "delivered")
            return
        tries = len(record.attempts)
        if self.faults.redeliver and tries <= self.faults.redeliver_times:
            self._changed(record)
            # A later attempt does not hold up what comes after it.
            self._spawn(self._again(record, self.faults.redeliver_pause, tries))
            return
        self.failed += 1
        self._finish(record, "failed")

    async def _again(self, record: Callback, pause: float, tries: int) -> None:
        await asyncio.sleep(pause * 2 ** (tries - 1))
        self._append(record)

    def _finish(self, record: Callback, state: str) -> None:
        record.state = state
        record.raw = b""
        record.done.set()
        if record.on_done:
            record.on_done(record)
        self._changed(record)

    async def ping(self, app_id: str, url: str, body: Any) -> bool:
        """Post a validation ping once; True when it is answered 2xx in time."""
        record = self._record(app_id, "", url, "ping", "", body, b"")
        record.attempts.append(await self.post(url, json.dumps(body).encode()))
        fine = 200 <= (record.attempts[0]["status"] or 0) < 300
        self._finish(record, "delivered" if fine else "failed")
        return fine

    def _changed(self, record: Callback) -> None:
        self.hub.changed("callback", record)
        self.hub.show("callback", record.key, record.record)

    async def post(
        self,
        url: str,
        raw: bytes,
        headers: dict[str, str] | None = None,
        timeout: float = PING_TIMEOUT,
    ) -> dict[str, Any]:
        """Post a body and return what came of it, without raising."""
        started = time.time()
        attempt: dict[str, Any] = {"time": started, "status": None, "error": None}
        try:
            async with self._session.post(
                url,
                data=raw,
                headers={"Content-Type": "application/json"} | (headers or {}),
                allow_redirects=False,
                timeout=aiohttp.ClientTimeout(total=timeout),
            ) as answer:
                await answer.read()
                attempt["status"] = answer.status
        except TimeoutError:
            attempt["error"] = f"no answer within {timeout:g} s"
        except (aiohttp.ClientError, OSError, ValueError) as error:
            attempt["error"] = f"{type(error).__name__}: {error}"
        attempt["latency_ms"] = round((time.time() - started) * 1000, 2)
        return attempt

    async def get(self, url: str, timeout: float) -> aiohttp.ClientResponse:
        """Start fetching a URL; the caller closes the answer."""
        return await self._session.get(
            url,
            max_redirects=3,
            timeout=aiohttp.ClientTimeout(total=timeout),
        )
