# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The switches that make the emulator misbehave the way the real service can.

Each switch is described once, in `SWITCHES`: its default, its kind, and a sentence for
the people who read `/control/faults` or the phone page.
"""

from dataclasses import dataclass
from typing import Any

STATUSES = ("enqueued", "sent", "delivered", "read")
SCOPES = ("send", "read", "status", "template", "subscription", "block", "media", "all")
LIVELY_DELAYS = {"enqueued": 0.1, "sent": 0.3, "delivered": 0.8, "read": 0.5}
NO_DELAYS = dict.fromkeys(STATUSES, 0.0)


class FaultError(ValueError):
    """A switch does not exist or cannot have the given value."""


@dataclass(frozen=True)
class Switch:
    """One switch. `kind` is bool, int, number, choice, text, order or delays."""

    name: str
    group: str
    kind: str
    default: Any
    help: str
    choices: tuple[Any, ...] = ()
    fast: Any = None

    def check(self, value: Any) -> Any:
        """Return the value in its own type.

        :raise FaultError: the value does not fit the switch
        """
        if value is None:
            return None
        try:
            return _CHECKS[self.kind](self, value)
        except (TypeError, ValueError) as error:
            message = f"{self.name}: {value!r} does not fit; {self.help}"
            raise FaultError(message) from error


def _bool(switch: Switch, value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError("true or false expected")
    return value


def _int(switch: Switch, value: Any) -> int:
    if isinstance(value, bool) or int(value) != float(value):
        raise ValueError("whole number expected")
    if int(value) < 0:
        raise ValueError("negative")
    return int(value)


def _number(switch: Switch, value: Any) -> float:
    if isinstance(value, bool) or float(value) < 0:
        raise ValueError("a number from 0 expected")
    return float(value)


def _choice(switch: Switch, value: Any) -> Any:
    if value not in switch.choices:
        raise ValueError("not among the choices")
    return value


def _text(switch: Switch, value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("text expected")
    return value


def _order(switch: Switch, value: Any) -> list[str]:
    if not isinstance(value, list) or not all(item in STATUSES for item in value):
        raise ValueError("list of statuses expected")
    return list(value)


def _delays(switch: Switch, value: Any) -> dict[str, float]:
    if not isinstance(value, dict) or not set(value) <= set(STATUSES):
        raise ValueError("seconds per status expected")
    return {status: _number(switch, seconds) for status, seconds in value.items()}


_CHECKS = {
    "bool": _bool,
    "int": _int,
    "number": _number,
    "choice": _choice,
    "text": _text,
    "order": _order,
    "delays": _delays,
}

SWITCHES = (
    # What the client gets as an answer
    Switch(
        "http_status",
        "Answers",
        "int",
        None,
        "HTTP status of the answer instead of accepting, e.g. 401, 429, 500, 503",
    ),
    Switch(
        "http_status_times",
        "Answers",
        "int",
        None,
        "how many requests get http_status, then normal again; unset means all",
    ),
    Switch(
        "http_scope",
        "Answers",
        "choice",
        "send",
        "which calls http_status, latency and drop apply to",
        choices=SCOPES,
    ),
    Switch(
        "http_body",
        "Answers",
        "text",
        None,
        "body that goes with http_status, instead of the usual one",
    ),
    Switch(
        "latency",
        "Answers",
        "number",
        0.0,
        "seconds between accepting and answering: a client's time-out is ambiguous",
    ),
    Switch(
        "drop",
        "Answers",
        "choice",
        None,
        "close the connection without an answer, before or after accepting",
        choices=("before_accept", "after_accept"),
    ),
    Switch(
        "drop_times",
        "Answers",
        "int",
        None,
        "how many requests are dropped, then normal again; unset means all",
    ),
    Switch(
        "accept_status",
        "Answers",
        "choice",
        202,
        "HTTP status of an accepted send",
        choices=(200, 202),
    ),
    Switch(
        "answer_content_type",
        "Answers",
        "text",
        "application/json",
        "Content-Type of the answer to a send, e.g. text/html",
    ),
    Switch(
        "auth_error_form",
        "Answers",
        "choice",
        "flat",
        "form of the 401 body: message as a text, or nested in an object",
        choices=("flat", "nested"),
    ),
    Switch(
        "rate_limit",
        "Answers",
        "int",
        0,
        "sends per second and app before 429; 0 means no limit",
    ),
    Switch(
        "subscription_rate_limit",
        "Answers",
        "int",
        0,
        "subscription calls per minute and app before 429; 0 means no limit",
    ),
    # What happens to an accepted message
    Switch(
        "receipt_order",
        "Receipts",
        "order",
        None,
        "the statuses that come, in their order: delivered, sent; an empty list: none",
    ),
    Switch(
        "receipt_delays",
        "Receipts",
        "delays",
        LIVELY_DELAYS,
        "seconds after acceptance per status; for read, after delivery",
        fast=NO_DELAYS,
    ),
    Switch(
        "receipts_before_answer",
        "Receipts",
        "bool",
        False,
        "deliver the receipts before the send is answered",
    ),
    Switch(
        "duplicate_receipts",
        "Receipts",
        "int",
        0,
        "how many further copies of each receipt are sent",
    ),
    Switch(
        "auto_read",
        "Receipts",
        "bool",
        False,
        "customers read at once, without the phone page",
    ),
    Switch("omit_gs_id", "Receipts", "bool", False, "receipts come without gsId"),
    Switch(
        "uuid_wa_id",
        "Receipts",
        "bool",
        False,
        "the WhatsApp id of new messages is a UUID instead of a wamid",
    ),
    Switch(
        "enqueued_other_id",
        "Receipts",
        "bool",
        False,
        "enqueued announces a WhatsApp id that later receipts do not use",
    ),
    Switch("code_as_string", "Receipts", "bool", False, "error codes come as text"),
    Switch("omit_code", "Receipts", "bool", False, "failed comes without a code"),
    Switch("ts_as_string", "Receipts", "bool", False, "ts of receipts comes as text"),
    Switch("sent_only", "Receipts", "bool", False, "nothing follows after sent"),
    Switch(
        "fail_code",
        "Receipts",
        "int",
        None,
        "accepted messages fail with this code, e.g. 1002, 1003, 131026, 131047",
    ),
    Switch(
        "fail_mode",
        "Receipts",
        "choice",
        "auto",
        "refused by GupShup (sync, id is the GS id) or by WhatsApp (async, with gsId);"
        " auto decides by the code",
        choices=("auto", "sync", "async"),
    ),
    Switch(
        "fail_after",
        "Receipts",
        "choice",
        "enqueued",
        "the receipt after which an async failure comes",
        choices=("enqueued", "sent", "delivered"),
    ),
    Switch(
        "fail_times",
        "Receipts",
        "int",
        None,
        "how many messages fail with fail_code; unset means all",
    ),
    Switch(
        "fail_phone",
        "Receipts",
        "text",
        None,
        "only messages to this number fail with fail_code",
    ),
    Switch(
        "fail_then_delivered",
        "Receipts",
        "bool",
        False,
        "failed (131026 unless fail_code is set) is followed by delivered",
    ),
    Switch(
        "billing_events",
        "Receipts",
        "bool",
        True,
        "a billing-event follows each delivery (mode BILLING)",
    ),
    Switch(
        "billable_as_string",
        "Receipts",
        "bool",
        False,
        "billable of billing events comes as text",
    ),
    # How callbacks are delivered
    Switch(
        "redeliver",
        "Callbacks",
        "bool",
        True,
        "deliver again what was not answered 2xx in time",
    ),
    Switch("redeliver_times", "Callbacks", "int", 3, "deliveries after the first one"),
    Switch(
        "redeliver_pause",
        "Callbacks",
        "number",
        2.0,
        "seconds before the second delivery, doubling each time",
        fast=0.3,
    ),
    Switch(
        "callback_timeout",
        "Callbacks",
        "number",
        10.0,
        "seconds a callback may take to be answered",
    ),
    Switch(
        "duplicate_callbacks",
        "Callbacks",
        "int",
        0,
        "how many further copies of each callback are sent",
    ),
    Switch(
        "shuffle",
        "Callbacks",
        "bool",
        False,
        "deliver callbacks in random order instead of in order per customer",
    ),
    Switch(
        "hold",
        "Callbacks",
        "bool",
        False,
        "keep callbacks back until this is switched off",
    ),
    Switch(
        "meta_headers",
        "Callbacks",
        "choice",
        "flat",
        "form of the subscription's meta whose headers reach the callback",
        choices=("flat", "wrapped", "never"),
    ),
    Switch(
        "platform_check_interval",
        "Callbacks",
        "number",
        3600.0,
        "seconds between platform-event connectivity checks; 0 means never",
    ),
    # Media that customers sent
    Switch("media_gone", "Media", "bool", False, "downloads answer 404"),
    Switch("media_status", "Media", "int", None, "HTTP status of downloads"),
    Switch("media_size", "Media", "int", None, "downloads have this many bytes"),
    Switch("media_latency", "Media", "number", 0.0, "seconds before a download starts"),
    Switch("media_redirect", "Media", "text", None, "downloads redirect to this URL"),
    Switch("media_content_type", "Media", "text", None, "Content-Type of downloads"),
    Switch(
        "media_cut",
        "Media",
        "bool",
        False,
        "the connection closes in the middle of a download",
    ),
    # Rules of WhatsApp
    Switch(
        "window_check",
        "Rules",
        "bool",
        True,
        "free-form messages outside the 24 hours fail",
    ),
    Switch(
        "window_code",
        "Rules",
        "choice",
        131047,
        "code of that failure",
        choices=(131047, 470, 1005),
    ),
    Switch(
        "limits_check",
        "Rules",
        "bool",
        True,
        "messages beyond WhatsApp's limits fail (131009, 131053)",
    ),
    Switch(
        "unknown_phones",
        "Rules",
        "choice",
        "create",
        "a send to a number without a phone here creates one, or fails (131026)",
        choices=("create", "fail"),
    ),
    Switch(
        "template_review",
        "Rules",
        "choice",
        "manual",
        "what becomes of a template that was created",
        choices=("manual", "approve", "reject"),
    ),
    Switch(
        "template_review_delay",
        "Rules",
        "number",
        5.0,
        "seconds until the review ends",
        fast=0.0,
    ),
)

_BY_NAME = {switch.name: switch for switch in SWITCHES}


class Faults:
    """The present position of every switch, readable as attributes."""

    def __init__(self, fast: bool = False):
        self.fast = fast
        self._values: dict[str, Any] = {}
        self.reset()

    def __getattr__(self, name: str) -> Any:
        try:
            return self.__dict__["_values"][name]
        except KeyError:
            raise AttributeError(name) from None

    def _default(self, switch: Switch) -> Any:
        if self.fast and switch.fast is not None:
            return switch.fast
        return switch.default

    def reset(self) -> None:
        """Put every switch back to its default."""
        self._values = {switch.name: self._default(switch) for switch in SWITCHES}

    def update(self, changes: dict[str, Any]) -> None:
        """Set some switches; None means the default.

        :raise FaultError: a name is unknown or a value does not fit; nothing changes
        """
        unknown = sorted(set(changes) - set(_BY_NAME))
        if unknown:
            known = ", ".join(_BY_NAME)
            raise FaultError(f"unknown: {', '.join(unknown)}; known: {known}")
        checked = {name: _BY_NAME[name].check(value) for name, value in changes.items()}
        for name, value in checked.items():
            self._values[name] = (
                self._default(_BY_NAME[name]) if value is None else value
            )

    def replace(self, changes: dict[str, Any]) -> None:
        """Set these switches and put all others back to their defaults."""
        before = dict(self._values)
        self.reset()
        try:
            self.update(changes)
        except FaultError:
            self._values = before
            raise

    def values(self) -> dict[str, Any]:
        """Return the position of every switch."""
        return dict(self._values)

    def changed(self) -> dict[str, Any]:
        """Return the switches that are not at their default."""
        return {
            switch.name: self._values[switch.name]
            for switch in SWITCHES
            if self._values[switch.name] != self._default(switch)
        }

    def describe(self) -> list[dict[str, Any]]:
        """Return every switch with its kind, choices, default, help and value."""
        return [
            {
                "name": switch.name,
                "group": switch.group,
                "kind": switch.kind,
                "choices": list(switch.choices),
                "default": self._default(switch),
                "help": switch.help,
                "value": self._values[switch.name],
            }
            for switch in SWITCHES
        ]

    def spend(self, name: str, counter: str) -> Any:
        """Use a switch that may be limited to a number of times.

        Returns the value of `name`, and counts `counter` down when it is set; a switch
        whose counter has run out goes back to its default.
        """
        value = self._values[name]
        if value is None:
            return None
        left = self._values[counter]
        if left is None:
            return value
        if left <= 0:
            self.update({name: None, counter: None})
            return None
        self._values[counter] = left - 1
        return value
