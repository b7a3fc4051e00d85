# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The emulator as a whole: its parts, and what concerns several of them."""

import asyncio
import json
import time
import uuid
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from . import bodies_v2, bodies_v3, limits, templates
from .callbacks import Callback, Courier
from .clock import Clock
from .events import Event
from .faults import Faults
from .hub import Hub
from .inbound import Inbounds
from .media import MediaStore
from .outbound import Outbound
from .rates import RateLimiter
from .state import (
    App,
    Message,
    Phone,
    State,
    Subscription,
    chat_key,
    new_subscription_id,
    sample_phones,
)

SAVE_SECONDS = 1.0


class StateFileError(Exception):
    """The state file cannot be read; the text says which and why."""


@dataclass
class RequestRecord:
    """One request of the client, as `/control/requests` shows it."""

    key: str
    time: float
    data: dict[str, Any]

    def record(self) -> dict[str, Any]:
        """The shape in `/control/requests`."""
        return {"id": self.key, "time": self.time} | self.data


@dataclass
class ReadRecord:
    """One "mark as read" of the client, as `/control/reads` shows it."""

    key: str
    data: dict[str, Any]

    def record(self) -> dict[str, Any]:
        """The shape in `/control/reads`."""
        return self.data


@dataclass
class Options:
    """What the command line says."""

    apps: list[App] = field(default_factory=list)
    callback: str | None = None
    fast: bool = False
    state_file: Path | None = None
    public_url: str = ""
    kept: int = 2_000


class Emulator:
    """Owns the state and the parts that work on it."""

    def __init__(self, options: Options, base_url: str = "http://127.0.0.1:8090"):
        self.options = options
        self.base_url = base_url
        self.clock = Clock()
        self.hub = Hub()
        self.faults = Faults(options.fast)
        self.state = State()
        self.media = MediaStore(self.clock)
        self.courier = Courier(self.state, self.faults, self.hub, options.kept)
        self.outbound = Outbound(self)
        self.inbound = Inbounds(self)
        self.send_rate = RateLimiter(1.0)
        self.subscription_rate = RateLimiter(60.0)
        self.requests: deque[RequestRecord] = deque(maxlen=options.kept)
        self.watched: dict[str, int] = {}
        self.started = time.time()
        self._request_counter = 0
        self._tasks: set[asyncio.Task] = set()
        self._save_planned = False

    # Start, stop, reset

    async def start(self) -> None:
        """Load or create the state and start what runs by itself."""
        if not self._load():
            self._fresh()
        await self.courier.start()
        self.spawn(self._platform_checks())

    async def stop(self) -> None:
        """Stop everything and write the state file."""
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.outbound.drop_all()
        await self.courier.stop()
        self._save()

    def spawn(self, work: Any) -> asyncio.Task:
        """Run something beside the requests."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def reset(self) -> None:
        """Go back to the start; apps and callback of the command line stay."""
        await self.outbound.drop_all()
        await self.courier.drop_all()
        self.clock.offset = 0.0
        self.faults.reset()
        self.courier.hold(False)
        self.courier.records.clear()
        self.courier.keep_bodies = True
        self.courier.delivered = self.courier.failed = 0
        self.outbound.accepted = self.inbound.count = 0
        self.requests.clear()
        self.send_rate.clear()
        self.subscription_rate.clear()
        self.media.clear()
        self.state.__init__()
        self._fresh()
        self.hub.show("reset", "", {})
        self.touch()

    def _fresh(self) -> None:
        self.state.phones = sample_phones()
        for app in self.options.apps:
            self.add_app(App(**vars(app)))
        first = next(iter(self.state.apps.values()), None)
        if self.options.callback and first:
            self.subscribe(first, "start", self.options.callback, ["ALL"], 2, True)

    def add_app(self, app: App) -> None:
        """Add a business number, with the sample templates."""
        self.state.apps[app.app_id] = app
        templates.add_samples(self.state, app, self.clock.now_ms())
        self.hub.show("app", app.app_id, lambda: vars(app) | {"api_key": None})
        self.touch()

    def subscribe(
        self,
        app: App,
        tag: str,
        url: str,
        modes: list[str],
        version: int,
        permanent: bool = False,
    ) -> Subscription:
        """Store a subscription without trying its address."""
        now_ms = self.clock.now_ms()
        sub = Subscription(
            id=new_subscription_id(self.state),
            app_id=app.app_id,
            tag=tag,
            url=url,
            modes=modes,
            version=version,
            created_ms=now_ms,
            modified_ms=now_ms,
            permanent=permanent,
        )
        self.state.subscriptions[sub.id] = sub
        self.subscriptions_changed()
        return sub

    # Telling about changes

    def touch(self) -> None:
        """Note that the state changed, so that the file is written soon."""
        if self.options.state_file and not self._save_planned:
            self._save_planned = True
            asyncio.get_running_loop().call_later(SAVE_SECONDS, self._save)

    def message_changed(self, message: Message) -> None:
        """Show a message on the open pages."""
        if message.kind != "reaction":
            self.hub.show("message", message.key, message.page)
        self.touch()

    def chat_changed(self, app_id: str, phone: str) -> None:
        """Show the window of a chat on the open pages."""
        self.hub.show(
            "window",
            chat_key(app_id, phone),
            lambda: {
                "app_id": app_id,
                "phone": phone,
                "ends": self.state.window_end(app_id, phone),
            },
        )
        self.touch()

    def add_phone(self, phone: Phone) -> None:
        """Add a customer."""
        self.state.phones[phone.key] = phone
        self.phone_changed(phone)

    def phone_changed(self, phone: Phone) -> None:
        """Show a customer on the open pages."""
        self.hub.show("phone", phone.key, lambda: vars(phone))
        self.touch()

    def subscriptions_changed(self) -> None:
        """Show the subscriptions on the open pages."""
        self.hub.show(
            "subscriptions",
            "",
            lambda: [
                sub.answer() | {"app_id": sub.app_id}
                for sub in self.state.subscriptions.values()
            ],
        )
        self.touch()

    def faults_changed(self) -> None:
        """Put changed switches into effect and show them."""
        self.courier.hold(self.faults.hold)
        self.hub.show("faults", "", self.faults.values)

    def clock_changed(self) -> None:
        """Show the clock on the open pages."""
        self.hub.show("clock", "", lambda: {"offset": self.clock.offset})
        self.touch()

    def add_request(self, data: dict[str, Any], started: float) -> None:
        """Record a request of the client."""
        self._request_counter += 1
        if not self.courier.keep_bodies:
            data = data | {"form": None, "answer": None}
        record = RequestRecord(f"r{self._request_counter}", started, data)
        self.requests.append(record)
        self.hub.changed("request", record)
        self.hub.show("request", record.key, record.record)

    # Chats

    def watch(self, app_id: str, phone: str, step: int) -> None:
        """Count the pages (+1, -1) that look at a chat; looking reads it."""
        key = chat_key(app_id, phone)
        count = self.watched.get(key, 0) + step
        if count > 0:
            self.watched[key] = count
        else:
            self.watched.pop(key, None)
        if step > 0 and app_id in self.state.apps:
            self.outbound.read_chat(app_id, phone)

    def mark_read(self, app: App, message: Message) -> ReadRecord:
        """The client marks a customer's message, and all earlier ones, read."""
        marked = []
        for other in self.state.chat(app.app_id, message.phone):
            if other.direction == "in" and other.state != "read":
                other.state = "read"
                marked.append(other.wa_id)
                self.message_changed(other)
            if other.key == message.key:
                break
        data = {
            "id": f"read{self.state.next_number()}",
            "time": time.time(),
            "wa_id": message.wa_id,
            "app_id": app.app_id,
            "phone": message.phone,
            "marked": marked,
        }
        self.state.reads.append(data)
        record = ReadRecord(data["id"], data)
        self.hub.changed("read", record)
        return record

    # Events that concern no single message

    def send_event(
        self, app: App, label: str, mode: str | None, v2: Any, v3: Any
    ) -> list[Callback]:
        """Send an event whose bodies for both versions are given."""
        event = Event(app.app_id, "", label, mode, lambda ver: v2 if ver == 2 else v3)
        return self.courier.submit(event)

    def platform_check(self, app: App) -> list[Callback]:
        """Send the connectivity check."""
        v2 = bodies_v2.platform_check(app, self.clock.now_ms())
        return self.send_event(
            app, "platform-event", None, v2, bodies_v3.platform_check(app)
        )

    async def ping(self, app: App, url: str, version: int) -> bool:
        """Try the address of a subscription; True when it answers 2xx in time.

        The ping carries no headers of the subscription.
        """
        now_ms = self.clock.now_ms()
        body = bodies_v2.ping(app, now_ms) if version == 2 else bodies_v3.ping(app)
        return await self.courier.ping(app.app_id, url, body)

    async def _platform_checks(self) -> None:
        last = time.monotonic()
        while True:
            # The switch may be set at any time: look at it each second.
            await asyncio.sleep(1.0)
            interval = self.faults.platform_check_interval
            if interval and time.monotonic() - last >= interval:
                last = time.monotonic()
                for app in tuple(self.state.apps.values()):
                    self.platform_check(app)

    def change_template(
        self, template: dict[str, Any], change: dict[str, Any]
    ) -> list[Callback]:
        """Change status, category or quality of a template and tell about it."""
        app = self.state.apps[template["appId"]]
        before = dict(template)
        payload = templates.status_payload(template, change)
        template["modifiedOn"] = self.clock.now_ms()
        if "category" in change:
            v3 = bodies_v3.template_category(
                app, template, before["category"], template["category"]
            )
        elif "quality" in change:
            v3 = bodies_v3.template_quality(
                app, template, before["quality"], template["quality"]
            )
        else:
            v3 = bodies_v3.template_status(
                app, template, payload["status"], template["reason"]
            )
        v2 = bodies_v2.template_event(app, payload, self.clock.now_ms())
        self.touch()
        return self.send_event(app, "template-event", "TEMPLATE", v2, v3)

    async def review(self, template: dict[str, Any]) -> None:
        """Approve or reject a new template after the set delay."""
        verdict = self.faults.template_review
        if verdict == "manual":
            return
        await asyncio.sleep(self.faults.template_review_delay)
        status = "approved" if verdict == "approve" else "rejected"
        if template["status"] == "PENDING":
            self.change_template(template, {"status": status})

    def receipt_by_hand(
        self, message: Message, status: str, spec: dict[str, Any]
    ) -> list[Callback]:
        """Send a receipt that somebody asked for."""
        refused = None
        if status == "failed":
            usual = limits.refusal(spec.get("code") or 131026)
            refused = limits.Refusal(usual.code, spec.get("reason") or usual.reason)
        return self.outbound.emit(message, status, refused, spec.get("sync"))

    # The state file

    def _save(self) -> None:
        self._save_planned = False
        path = self.options.state_file
        if not path:
            return
        data = self.state.dump()
        data["clock"] = self.clock.offset
        data["faults"] = self.faults.changed()
        fresh = path.with_suffix(path.suffix + ".new")
        fresh.write_text(json.dumps(data))
        fresh.replace(path)
        self.media.save(path.with_suffix(path.suffix + ".media"))

    def _load(self) -> bool:
        path = self.options.state_file
        if not path or not path.exists():
            return False
        try:
            self._read(path)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise StateFileError(
                f"the state file {path} cannot be read ({error!r}); move it away to"
                " start afresh"
            ) from error
        for app in self.options.apps:
            if app.app_id in self.state.apps:
                vars(self.state.apps[app.app_id]).update(vars(app))
            else:
                self.add_app(App(**vars(app)))
        self._renew_callback()
        return True

    def _read(self, path: Path) -> None:
        data = json.loads(path.read_text())
        state = State.load(data)
        self.media.load(path.with_suffix(path.suffix + ".media"))
        self.faults.update(data["faults"])
        self.courier.hold(self.faults.hold)
        self.clock.offset = data["clock"]
        vars(self.state).update(vars(state))

    def _renew_callback(self) -> None:
        """Make the callback of the command line the one that holds."""
        url = self.options.callback
        first = next(iter(self.state.apps.values()), None)
        if not url or not first:
            return
        for sub in self.state.subscriptions_of(first.app_id):
            if sub.permanent:
                sub.url = url
                return
        self.subscribe(first, "start", url, ["ALL"], 2, True)


def default_app(api_key: str) -> App:
    """Return the app that is there when the command line names none."""
    return App(
        name="DemoSupport",
        app_id="5b1d8c7e-2f43-4a90-9a6b-7c0e4d21f8aa",
        number="15550100100",
        api_key=api_key,
        permanent=True,
    )


def app_from_text(text: str, api_key: str) -> App:
    """Return an app from ``NAME:APPID:NUMBER``; an empty id is made up.

    :raise ValueError: the text has another form
    """
    parts = text.split(":")
    if len(parts) != 3 or not parts[0] or not parts[2].isdigit():
        raise ValueError(f"{text!r} is not NAME:APPID:NUMBER")
    app_id = parts[1] or str(uuid.uuid5(uuid.NAMESPACE_DNS, parts[0]))
    return App(parts[0], app_id, parts[2], api_key, permanent=True)
