# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What the emulator knows: apps, phones, messages, windows, subscriptions, templates.

Plain dataclasses without behaviour of the protocol; `dump` and `load` turn the whole
into JSON and back. Media bytes live in `media.MediaStore`.
"""

import dataclasses
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from .ids import new_gs_id

WINDOW_SECONDS = 24 * 3600
MESSAGES_KEPT = 50_000
CHAT_KEPT = 1_000
MODES = (
    "MESSAGE",
    "SENT",
    "DELIVERED",
    "READ",
    "FAILED",
    "ENQUEUED",
    "TEMPLATE",
    "ACCOUNT",
    "BILLING",
    "DELETED",
    "OTHERS",
    "FLOWS_MESSAGE",
    "PAYMENTS",
    "COEXISTENCE",
)


@dataclass
class App:
    """One GupShup app: a business number with its key."""

    name: str
    app_id: str
    number: str
    api_key: str
    waba_id: str = "109000000000001"
    phone_number_id: str = "106000000000002"
    permanent: bool = False


@dataclass
class Phone:
    """One customer: a number, or only a business-scoped user id."""

    key: str
    name: str
    phone: str | None = None
    user_id: str | None = None
    wa_id: str | None = None
    sample: bool = False
    read_receipts: bool = True
    blocked_apps: list[str] = field(default_factory=list)

    @property
    def address(self) -> str:
        """The number as WhatsApp knows it, or an empty text for BSUID only."""
        return self.wa_id or self.phone or ""


@dataclass
class Message:
    """One message of a chat, in either direction.

    `direction` is ``in`` (from the customer) or ``out`` (from the business), `time` is
    emulated epoch seconds, `received` real epoch seconds. `view` is what the phone page
    shows; `raw` is what the client sent, or the request that injected it.
    """

    key: str
    app_id: str
    phone: str
    direction: str
    kind: str
    time: float
    received: float
    raw: dict[str, Any]
    view: dict[str, Any]
    state: str
    gs_id: str | None = None
    wa_id: str | None = None
    meta_id: str | None = None
    destination: str = ""
    context: dict[str, Any] | None = None
    template: dict[str, Any] | None = None
    media: dict[str, Any] | None = None
    error: dict[str, Any] | None = None
    reactions: dict[str, str] = field(default_factory=dict)
    history: list[dict[str, Any]] = field(default_factory=list)

    def record(self) -> dict[str, Any]:
        """The shape in `/control/sent`."""
        return {
            "gs_id": self.gs_id,
            "wa_id": self.wa_id,
            "meta_msg_id": self.meta_id,
            "time": self.received,
            "app_id": self.app_id,
            "phone": self.phone,
            "destination": self.destination,
            "type": self.kind,
            "message": self.raw,
            "template": self.template,
            "context": self.context,
            "media": self.media,
            "state": self.state,
            "error": self.error,
            "history": self.history,
        }

    def page(self) -> dict[str, Any]:
        """The shape on the phone page."""
        return {
            "key": self.key,
            "app_id": self.app_id,
            "phone": self.phone,
            "direction": self.direction,
            "type": self.kind,
            "time": self.time,
            "view": self.view,
            "state": self.state,
            "gs_id": self.gs_id,
            "wa_id": self.wa_id,
            "context": self.context,
            "media": self.media,
            "error": self.error,
            "reactions": self.reactions,
            "history": self.history,
        }


@dataclass
class Subscription:
    """One callback address of an app."""

    id: str
    app_id: str
    tag: str
    url: str
    modes: list[str]
    version: int = 2
    active: bool = True
    meta: dict[str, Any] | None = None
    show_on_ui: bool = False
    created_ms: int = 0
    modified_ms: int = 0
    permanent: bool = False

    def wants(self, mode: str | None) -> bool:
        """Tell whether events of `mode` come here; None means every subscription."""
        if not self.active:
            return False
        return mode is None or mode in self.modes or "ALL" in self.modes

    def answer(self) -> dict[str, Any]:
        """The shape in GupShup's answers."""
        return {
            "id": self.id,
            "appId": self.app_id,
            "active": self.active,
            "mode": mode_bits(self.modes),
            "modes": self.modes,
            "tag": self.tag,
            "url": self.url,
            "version": self.version,
            "meta": self.meta,
            "showOnUI": self.show_on_ui,
            "createdOn": self.created_ms,
            "modifiedOn": self.modified_ms,
        }


def mode_bits(modes: list[str]) -> int:
    """Return a bit mask for `modes`; the real assignment of bits is undocumented."""
    if "ALL" in modes:
        return (1 << len(MODES)) - 1
    return sum(1 << MODES.index(mode) for mode in set(modes) if mode in MODES)


class State:
    """Everything that `reset` empties and that a state file keeps."""

    def __init__(self):
        self.apps: dict[str, App] = {}
        self.phones: dict[str, Phone] = {}
        self.subscriptions: dict[str, Subscription] = {}
        self.templates: dict[str, dict[str, Any]] = {}
        self.windows: dict[str, float] = {}
        self.blocked: dict[str, dict[str, float]] = {}
        self.reads: deque[dict[str, Any]] = deque(maxlen=10_000)
        self.messages: dict[str, Message] = {}
        self.chats: dict[str, deque[str]] = {}
        self._by_id: dict[str, str] = {}
        self._counter = 0

    # Apps and phones

    def app_named(self, name: str) -> App | None:
        """Return the app with this name."""
        return next((app for app in self.apps.values() if app.name == name), None)

    def app_of(self, wanted: str | None) -> App | None:
        """Return the app with this name or id; without one, the first app."""
        if not wanted:
            return next(iter(self.apps.values()), None)
        return self.apps.get(wanted) or self.app_named(wanted)

    def phone_of(self, wanted: str) -> Phone | None:
        """Return the phone with this number, WhatsApp id or business-scoped id."""
        direct = self.phones.get(wanted)
        if direct:
            return direct
        return next(
            (
                phone
                for phone in self.phones.values()
                if wanted in (phone.wa_id, phone.user_id)
            ),
            None,
        )

    def subscriptions_of(self, app_id: str) -> list[Subscription]:
        """Return the subscriptions of one app, oldest first."""
        return [sub for sub in self.subscriptions.values() if sub.app_id == app_id]

    def next_number(self) -> int:
        """Return a number that was not returned before."""
        self._counter += 1
        return self._counter

    # Messages

    def add_message(self, message: Message) -> None:
        """Store a message, forgetting the oldest beyond the limits."""
        self.messages[message.key] = message
        self.index(message)
        chat = self.chats.setdefault(
            chat_key(message.app_id, message.phone), deque(maxlen=CHAT_KEPT)
        )
        chat.append(message.key)
        if len(self.messages) > MESSAGES_KEPT:
            self._forget(next(iter(self.messages)))

    def index(self, message: Message) -> None:
        """Make the message findable by each of its ids."""
        for known in (message.gs_id, message.wa_id, message.meta_id):
            if known:
                self._by_id[known] = message.key

    def _forget(self, key: str) -> None:
        message = self.messages.pop(key)
        for known in (message.gs_id, message.wa_id, message.meta_id):
            self._by_id.pop(known, None)

    def message_of(self, any_id: str | None) -> Message | None:
        """Return the message with this GS id, WA id, wamid or key."""
        if not any_id:
            return None
        return self.messages.get(self._by_id.get(any_id, any_id))

    def chat(self, app_id: str, phone: str) -> list[Message]:
        """Return the messages of a chat that are still kept, oldest first."""
        keys = self.chats.get(chat_key(app_id, phone), ())
        return [self.messages[key] for key in keys if key in self.messages]

    # Windows

    def open_window(self, app_id: str, phone: str, when: float) -> None:
        """Note that the customer wrote at `when` (emulated epoch seconds)."""
        key = chat_key(app_id, phone)
        self.windows[key] = max(when, self.windows.get(key, 0.0))

    def window_end(self, app_id: str, phone: str) -> float | None:
        """Return when the 24 hours end, or None if the customer never wrote."""
        start = self.windows.get(chat_key(app_id, phone))
        return None if start is None else start + WINDOW_SECONDS

    # Files

    def dump(self) -> dict[str, Any]:
        """Return the state as JSON-able data."""
        return {
            "counter": self._counter,
            "apps": [dataclasses.asdict(app) for app in self.apps.values()],
            "phones": [dataclasses.asdict(phone) for phone in self.phones.values()],
            "subscriptions": [
                dataclasses.asdict(sub) for sub in self.subscriptions.values()
            ],
            "templates": list(self.templates.values()),
            "windows": self.windows,
            "blocked": self.blocked,
            "reads": list(self.reads),
            "messages": [dataclasses.asdict(msg) for msg in self.messages.values()],
        }

    @classmethod
    def load(cls, data: dict[str, Any]) -> "State":
        """Return the state that `dump` wrote."""
        state = cls()
        state._counter = data["counter"]
        state.apps = {row["app_id"]: App(**row) for row in data["apps"]}
        state.phones = {row["key"]: Phone(**row) for row in data["phones"]}
        state.subscriptions = {
            row["id"]: Subscription(**row) for row in data["subscriptions"]
        }
        state.templates = {row["id"]: row for row in data["templates"]}
        state.windows = data["windows"]
        state.blocked = data["blocked"]
        state.reads.extend(data["reads"])
        for row in data["messages"]:
            state.add_message(Message(**row))
        return state


def chat_key(app_id: str, phone: str) -> str:
    """Return the key of a chat: one business number and one customer."""
    return f"{app_id} {phone}"


SAMPLE_PHONES = (
    Phone(
        key="34600111222",
        phone="34600111222",
        name="Lucía (sample)",
        sample=True,
    ),
    Phone(
        key="491701234567",
        phone="491701234567",
        name="Ben (sample)",
        user_id="DE.2090517346620811",
        sample=True,
    ),
    Phone(
        key="ES.1187345520091334",
        user_id="ES.1187345520091334",
        name="Noor (sample)",
        sample=True,
    ),
)


def sample_phones() -> dict[str, Phone]:
    """Return fresh copies of the phones that are there at the start."""
    return {
        phone.key: dataclasses.replace(phone, blocked_apps=[])
        for phone in SAMPLE_PHONES
    }


def new_subscription_id(state: State) -> str:
    """Return an unused subscription id: a small number in a text, like GupShup's."""
    return str(8000 + state.next_number())


def new_template_id() -> str:
    """Return a fresh template id (a UUID)."""
    return new_gs_id()
