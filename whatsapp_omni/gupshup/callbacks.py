# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""From the bytes of a callback to typed values.

The way of a callback: :func:`decode` its body, :func:`split` it into events,
:func:`parse` each. Dispatch is on the shape of the body alone, since one address may
get both versions.
"""

import json
import math
from datetime import datetime

from . import callbacks_v2, callbacks_v3, contents
from .reading import identifier, moment, storable, text
from .values import AppRef, Event

#: How deep objects and lists may be nested; real callbacks stay below 15.
MAX_DEPTH = 100


class CallbackError(ValueError):
    """The body is no callback: not JSON, not an object, empty or nested too deeply."""


def decode(raw: bytes | bytearray | memoryview | str) -> dict:
    """The JSON object of a callback's body, made fit for PostgreSQL.

    NUL characters are dropped, lone surrogates and broken UTF-8 become U+FFFD, numbers
    that JSON does not know (NaN, Infinity) become null.

    :raises CallbackError: when the body holds no JSON object
    """
    body = raw if isinstance(raw, str) else bytes(raw).decode("utf-8", "replace")
    try:
        data = _DECODER.decode(body.removeprefix("\ufeff"))
        if type(data) is not dict:
            raise CallbackError("The body is not a JSON object")
        if _may_be_deep(body):
            _check_depth(data)
        return storable(data) if _needs_cleaning(body) else data
    except CallbackError:
        raise
    except RecursionError:
        raise CallbackError("The body is nested too deeply") from None
    except ValueError as error:
        reason = "The body is empty" if not body.strip() else "The body is not JSON"
        raise CallbackError(reason) from error


def split(data: dict) -> list[dict]:
    """One body per event: at least one, in order.

    :raises CallbackError: when ``data`` is not an object
    """
    if type(data) is not dict:
        raise CallbackError("The body is not a JSON object")
    return callbacks_v3.split(data) if type(data.get("entry")) is list else [data]


def parse(data: dict, arrived: datetime | None = None) -> Event:
    """The value of a body that holds one event (what :func:`split` returns).

    What is not understood becomes :class:`.values.Unknown`. ``arrived`` is used where
    the event tells no usable time of its own; it must be timezone-aware.

    :raises CallbackError: when ``data`` is not an object or is nested too deeply
    """
    if type(data) is not dict:
        raise CallbackError("The body is not a JSON object")
    try:
        if type(data.get("entry")) is list:
            return callbacks_v3.parse(data, arrived)
        if data.get("type"):
            return callbacks_v2.parse(data, arrived)
        return _shapeless(data, arrived)
    except RecursionError:
        raise CallbackError("The body is nested too deeply") from None


def _shapeless(data: dict, arrived: datetime | None) -> Event:
    envelope = {
        "app": AppRef(
            name=identifier(data.get("app")), app_id=identifier(data.get("gs_app_id"))
        ),
        "event_time": moment(data.get("timestamp")) or arrived,
    }
    type_name = text(data.get("object"))
    return contents.unknown(envelope, data, type_name, "neither version 2 nor 3")


def _finite(number: str) -> float | None:
    found = float(number)
    return found if math.isfinite(found) else None


def _no_number(_name: str) -> None:
    return None


_DECODER = json.JSONDecoder(
    parse_float=_finite, parse_constant=_no_number, strict=False
)


def _needs_cleaning(body: str) -> bool:
    # Lone surrogates come from escapes, or from a text that was handed over as such.
    if "\0" in body:
        return True
    if "\\u" in body:
        lowered = body.lower()
        if "\\u0000" in lowered or "\\ud" in lowered:
            return True
    return not body.isascii() and not _is_encodable(body)


def _is_encodable(body: str) -> bool:
    try:
        body.encode()
    except UnicodeEncodeError:
        return False
    return True


def _may_be_deep(body: str) -> bool:
    return body.count("{") + body.count("[") > MAX_DEPTH


def _check_depth(data: dict) -> None:
    level = [data]
    for _depth in range(MAX_DEPTH):
        level = [
            member
            for holder in level
            for member in (holder.values() if type(holder) is dict else holder)
            if type(member) in (dict, list)
        ]
        if not level:
            return
    raise CallbackError("The body is nested too deeply")
