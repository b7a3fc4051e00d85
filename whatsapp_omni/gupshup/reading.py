# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Tolerant reading of JSON values: whatever stands there, nothing here raises.

GupShup mixes numbers and strings, seconds and milliseconds, null, blank and absent.
Each function takes any decoded JSON value and returns what it stands for, or the empty
value of its type.
"""

import hashlib
import json
import math
from datetime import datetime, timezone

UTC = timezone.utc

# WhatsApp exists since 2009; 2^32 seconds end in 2106. Anything else is no time.
_EARLIEST = 1_230_768_000
_LATEST = 4_294_967_296
# Longest number that is read from a text: no real one has more characters.
_NUMBER_LENGTH = 40
_PHONE_LENGTH = 20
# Longest id that is taken as it is, and how much of a longer one stays readable. Real
# ones have less than 100 characters; a database index does not hold some thousands.
_ID_LENGTH = 200
_ID_START = 100
_PHONE_PUNCTUATION = str.maketrans("", "", "+-(). \t\u00a0\u200e\u202a\u202c")
_EMPTY: dict = {}
_WHATSAPP_ID_STARTS = ("wamid.", "gBEG", "ABEG")


def text(value) -> str:
    """The value as text that PostgreSQL accepts; "" for anything that has no text."""
    if type(value) is str:
        if value.isascii():
            return value.replace("\0", "") if "\0" in value else value
        return _storable(value)
    if type(value) is int:
        return _digits_of(value)
    if type(value) is float and math.isfinite(value):
        return _digits_of(int(value)) if value.is_integer() else repr(value)
    return ""


def _storable(value: str) -> str:
    try:
        value.encode()
    except UnicodeEncodeError:
        encoded = value.encode("utf-16-le", "surrogatepass")
        value = encoded.decode("utf-16-le", "replace")
    return value.replace("\0", "") if "\0" in value else value


def _digits_of(value: int) -> str:
    try:
        return str(value)
    except ValueError:
        # Python refuses to print integers of thousands of digits.
        return ""


def identifier(value) -> str | None:
    """An id as text without surrounding blanks, None when there is none.

    It has at most 200 characters: the rest of a longer one is hashed.
    """
    found = text(value).strip()
    if len(found) <= _ID_LENGTH:
        return found or None
    return f"{found[:_ID_START]}:{hashlib.sha256(found.encode()).hexdigest()}"


def mapping(value) -> dict:
    """The value if it is an object, else an empty one, which nobody may change."""
    return value if type(value) is dict else _EMPTY


def items(value) -> list:
    """The objects of a list; what is no object is left out."""
    if type(value) is not list:
        return []
    return [item for item in value if type(item) is dict]


def first(values: dict, *names: str) -> str:
    """The first of the named members that has a text."""
    for name in names:
        found = text(values.get(name))
        if found:
            return found
    return ""


def number(value) -> int | float | None:
    """A finite number, from a number or a text."""
    if type(value) is int:
        return value
    if type(value) is float:
        return value if math.isfinite(value) else None
    if type(value) is not str or len(value) > _NUMBER_LENGTH:
        return None
    return _number_of(value.strip())


def _number_of(value: str) -> int | float | None:
    if value.isascii() and value.isdigit():
        return int(value)
    try:
        found = float(value)
    except ValueError:
        return None
    return found if math.isfinite(found) else None


def integer(value) -> int | None:
    """A whole number of ordinary size (it fits PostgreSQL's ``integer``)."""
    found = number(value)
    if found is None or abs(found) >= 2**31:
        return None
    return int(found)


def decimal(value) -> float | None:
    """A finite number that may have a fraction, from a number or a text."""
    found = number(value)
    if found is None:
        return None
    try:
        return float(found)
    except OverflowError:
        return None


def boolean(value) -> bool | None:
    """A truth value from ``true``, ``"true"``, 1 or ``"1"``; None when unsaid."""
    if type(value) is bool:
        return value
    word = text(value).strip().lower()
    if word in ("true", "1", "yes"):
        return True
    if word in ("false", "0", "no"):
        return False
    return None


def moment(value) -> datetime | None:
    """A point in time from seconds, milliseconds, micro- or nanoseconds since 1970.

    The unit is told by magnitude: above 10^11 it cannot be seconds. Times before 2009
    or after 2106 are no times.
    """
    seconds = number(value)
    if seconds is None:
        return None
    for _unit in ("milliseconds", "microseconds", "nanoseconds"):
        if seconds <= 100_000_000_000:
            break
        if seconds > 10**20:
            return None
        seconds /= 1000
    if not _EARLIEST <= seconds < _LATEST:
        return None
    return datetime.fromtimestamp(seconds, UTC)


def phone(value) -> str | None:
    """A phone number as digits, None when it is none (a word, a user id, blank)."""
    found = text(value)
    if not (found.isascii() and found.isdigit()):
        found = found.translate(_PHONE_PUNCTUATION)
        if not (found.isascii() and found.isdigit()):
            return None
    if len(found) > _PHONE_LENGTH or not found.strip("0"):
        return None
    return found


def looks_like_user_id(value: str) -> bool:
    """Whether a text has the form ``ES.1187345520091334``."""
    country, dot, rest = value.partition(".")
    return bool(
        dot
        and len(country) == 2
        and country.isascii()
        and country.isalpha()
        and country.isupper()
        and rest.isascii()
        and rest.replace(".", "").isalnum()
    )


def looks_like_whatsapp_id(value: str) -> bool:
    """Whether an id surely is WhatsApp's own (a UUID may be anybody's)."""
    return value.startswith(_WHATSAPP_ID_STARTS)


def storable(value):
    """A copy of a JSON value that PostgreSQL accepts, as ``jsonb`` too.

    NUL characters go, lone surrogates become U+FFFD, numbers that JSON does not know
    become null. May raise RecursionError.
    """
    if type(value) is str:
        return text(value)
    if type(value) is dict:
        return {text(name): storable(member) for name, member in value.items()}
    if type(value) is list:
        return [storable(member) for member in value]
    if type(value) is float and not math.isfinite(value):
        return None
    if type(value) is int and not _digits_of(value):
        return None
    return value


def digest(value) -> str:
    """SHA-256 of a JSON value, the same for any key order and number/string mix."""
    canonical = json.dumps(_worded(value), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def _worded(value):
    if type(value) is dict:
        return {text(name): _worded(member) for name, member in value.items()}
    if type(value) is list:
        return [_worded(member) for member in value]
    if value is None or type(value) is bool:
        return value
    return text(value)


def event_key(prefix: str, *parts: str | None) -> str:
    """A key of at most 200 characters from its parts, hashed when they are longer."""
    key = ":".join((prefix, *(part for part in parts if part)))
    if len(key) <= 200:
        return key
    return f"{prefix}:{hashlib.sha256(key.encode()).hexdigest()}"
