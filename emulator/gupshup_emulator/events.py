# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What happened, in a form of its own; `bodies_v2` and `bodies_v3` write it down."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from .state import App, Phone


@dataclass
class Inbound:
    """A message from a customer.

    `content` depends on `kind`; see `inbound.CONTENT`. `variant` holds the deviations
    of form that were asked for.
    """

    app: App
    phone: Phone
    id: str
    kind: str
    content: dict[str, Any]
    name: str
    timestamp_ms: int
    context: dict[str, Any] | None = None
    referral: dict[str, Any] | None = None
    variant: dict[str, Any] = field(default_factory=dict)


@dataclass
class Receipt:
    """A status of a message that the client sent."""

    app: App
    phone: Phone
    gs_id: str
    wa_id: str
    meta_id: str
    status: str
    destination: str
    timestamp_ms: int
    category: str
    conversation_id: str
    window_end: float | None
    sync: bool = False
    code: int | None = None
    reason: str = ""
    form: dict[str, bool] = field(default_factory=dict)


@dataclass
class Event:
    """A callback to come: who gets it, and how its body is made.

    `mode` is the subscription mode that carries it, None for events that cannot be
    unsubscribed. `lane` keeps the order: events of the same lane go one by one.
    `build` makes the body for version 2 or 3, or returns None when that version has
    no such event.
    """

    app_id: str
    lane: str
    label: str
    mode: str | None
    build: Callable[[int], dict[str, Any] | None]
    version: int | None = None
    subscription_id: str | None = None
