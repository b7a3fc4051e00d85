# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Identifiers and phone numbers in the forms that GupShup and WhatsApp use."""

import base64
import re
import secrets
import uuid

_DIGITS = re.compile(r"[0-9]{6,15}")
_BUSINESS_SCOPED = re.compile(r"[A-Z]{2}\.[0-9A-Za-z]{4,128}")
_ONE_DIGIT_CODES = {"1", "7"}
_TWO_DIGIT_CODES = {
    str(code)
    for block in (
        (20, 27, 30, 31, 32, 33, 34, 36, 39, 40, 41, 43, 44, 45, 46, 47, 48, 49),
        (51, 52, 53, 54, 55, 56, 57, 58, 60, 61, 62, 63, 64, 65, 66),
        (81, 82, 84, 86, 90, 91, 92, 93, 94, 95, 98),
    )
    for code in block
}


def is_phone(value: str) -> bool:
    """Tell whether `value` is a number as GupShup takes it: digits, no plus sign."""
    return bool(_DIGITS.fullmatch(value))


def is_business_scoped(value: str) -> bool:
    """Tell whether `value` has the form of a business-scoped user id (BSUID)."""
    return bool(_BUSINESS_SCOPED.fullmatch(value))


def split_number(digits: str) -> tuple[str, str]:
    """Split E.164 digits into (country calling code, national part)."""
    if digits[:1] in _ONE_DIGIT_CODES:
        size = 1
    elif digits[:2] in _TWO_DIGIT_CODES:
        size = 2
    else:
        size = 3
    return digits[:size], digits[size:]


def new_gs_id() -> str:
    """Return a fresh GupShup message id (a UUID)."""
    return str(uuid.uuid4())


def new_wamid(address: str) -> str:
    """Return a fresh Meta message id; like the real ones it may end in ``=``."""
    who = address.encode()[:40]
    tail = secrets.token_hex(9 + secrets.randbelow(2)).upper().encode()
    raw = b"\x1d\x18" + bytes([len(who)]) + who + b"\x15\x02\x00\x12\x18" + tail
    return "wamid." + base64.b64encode(raw).decode()


def new_media_id() -> str:
    """Return a fresh id for media that a customer sent (a UUID)."""
    return str(uuid.uuid4())


def new_upload_id() -> str:
    """Return a fresh id for media that a client uploaded (Meta's numeric form)."""
    return str(1_400_000_000_000_000 + secrets.randbelow(10**14))
