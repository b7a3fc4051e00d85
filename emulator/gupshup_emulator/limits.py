# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""WhatsApp's limits on what a business may send, and the codes for breaking them."""

import struct
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

KILOBYTE = 1024
MEGABYTE = 1024 * KILOBYTE
MEDIA_KINDS = ("image", "video", "audio", "sticker", "file")

REASONS = {
    1002: "Number does not exist on WhatsApp",
    1003: "Unable to send: wallet balance is low",
    1005: "Customer inactive and no template matched",
    1009: "A required parameter is missing",
    1010: "Invalid media URL",
    131009: "Parameter value is not valid",
    131026: "Message undeliverable",
    131047: "Re-engagement message",
    470: "Message failed: more than 24 hours have passed",
    131049: "Not delivered to maintain healthy ecosystem engagement",
    131051: "Message type is not supported",
    131052: "Media download error",
    131053: "Media upload error",
    132000: "Number of template parameters does not match",
    132001: "Template does not exist in this language or is not approved",
    132012: "Template parameter format does not match",
    132015: "Template is paused",
    132016: "Template is disabled",
    132018: "Template parameter has line breaks, tabs or too many spaces",
}
_GUPSHUP_CODES = {500, 503, *range(1000, 1015), *range(4001, 4006)}

_DOCUMENTS = {
    "text/plain",
    "application/pdf",
    "application/msword",
    "application/vnd.ms-excel",
    "application/vnd.ms-powerpoint",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}
_TYPES = {
    "image": {"image/jpeg", "image/png"},
    "audio": {"audio/aac", "audio/mp4", "audio/mpeg", "audio/amr", "audio/ogg"},
    "video": {"video/mp4", "video/3gpp"},
    "sticker": {"image/webp"},
    "file": _DOCUMENTS,
}
_SIZES = {
    "image": 5 * MEGABYTE,
    "audio": 16 * MEGABYTE,
    "video": 16 * MEGABYTE,
    "file": 100 * MEGABYTE,
}
MAX_FETCH = max(_SIZES.values())


@dataclass(frozen=True)
class Refusal:
    """Why an accepted message fails later."""

    code: int | None
    reason: str

    @property
    def from_gupshup(self) -> bool:
        """Whether GupShup refuses (sync form) rather than WhatsApp (async form)."""
        return self.code in _GUPSHUP_CODES


def refusal(code: int, detail: str = "") -> Refusal:
    """Return a refusal with the usual reason and a detail."""
    reason = REASONS.get(code, "Message failed")
    return Refusal(code, f"{reason}: {detail}" if detail else reason)


class LimitError(Exception):
    """A message is beyond a limit; carries its `Refusal`."""

    def __init__(self, code: int, detail: str):
        super().__init__(detail)
        self.refusal = refusal(code, detail)


def check_message(message: dict[str, Any]) -> Refusal | None:
    """Return why a session message would fail, or None."""
    check = _CHECKS.get(message.get("type", ""))
    if check is None:
        return refusal(131051, str(message.get("type")))
    try:
        check(message)
    except LimitError as error:
        return error.refusal
    return None


def _need(value: Any, name: str, most: int | None = None) -> str:
    if value in (None, ""):
        raise LimitError(1009, name)
    return _short(value, name, most)


def _short(value: Any, name: str, most: int | None = None) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise LimitError(131009, f"{name} must be a text")
    if most is not None and len(value) > most:
        raise LimitError(131009, f"{name} has more than {most} characters")
    return value


def _check_text(message: dict[str, Any]) -> None:
    _need(message.get("text"), "text", 4096)


def _check_url(url: Any, name: str) -> None:
    parts = urlsplit(_need(url, name))
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise LimitError(1010, name)


def _check_media(message: dict[str, Any]) -> None:
    kind = message["type"]
    if not message.get("id"):
        name = "originalUrl" if kind == "image" else "url"
        _check_url(message.get(name) or message.get("url"), name)
    if kind in ("audio", "sticker"):
        if message.get("caption"):
            raise LimitError(131009, f"{kind} takes no caption")
        return
    _short(message.get("caption"), "caption", 1024)


def _check_location(message: dict[str, Any]) -> None:
    for name, most in (("latitude", 90), ("longitude", 180)):
        if message.get(name) in (None, ""):
            raise LimitError(1009, name)
        try:
            fits = abs(float(message[name])) <= most
        except (TypeError, ValueError):
            fits = False
        if not fits:
            raise LimitError(131009, name)


def _check_contact(message: dict[str, Any]) -> None:
    contact = message.get("contact")
    if not isinstance(contact, dict):
        raise LimitError(1009, "contact")
    name = contact.get("name")
    if not isinstance(name, dict):
        raise LimitError(1009, "contact.name")
    _need(name.get("formattedName"), "contact.name.formattedName")


def _check_reaction(message: dict[str, Any]) -> None:
    _need(message.get("msgId"), "msgId")
    if not isinstance(message.get("emoji"), str):
        raise LimitError(1009, "emoji")
    _short(message["emoji"], "emoji", 16)


def _rows(value: Any, name: str) -> list[dict[str, Any]]:
    if not isinstance(value, list) or not value:
        raise LimitError(1009, name)
    if not all(isinstance(row, dict) for row in value):
        raise LimitError(131009, name)
    return value


def _unique(titles: list[str], name: str) -> None:
    if len(set(titles)) < len(titles):
        raise LimitError(131009, f"{name} are not unique")


def _check_quick_reply(message: dict[str, Any]) -> None:
    content = message.get("content")
    if not isinstance(content, dict):
        raise LimitError(1009, "content")
    if content.get("type", "text") != "text":
        _check_url(content.get("url"), "content.url")
    _need(content.get("text"), "content.text", 1024)
    _short(content.get("header"), "content.header", 60)
    _short(content.get("caption"), "content.caption", 60)
    _short(message.get("msgid"), "msgid", 256)
    options = _rows(message.get("options"), "options")
    if len(options) > 3:
        raise LimitError(131009, "more than 3 buttons")
    titles = [_need(row.get("title"), "button title", 20) for row in options]
    _unique(titles, "button titles")
    for row in options:
        _short(row.get("postbackText"), "postbackText", 256)


def _check_list(message: dict[str, Any]) -> None:
    _short(message.get("title"), "title", 60)
    _need(message.get("body"), "body", 1024)
    _short(message.get("footer"), "footer", 60)
    buttons = _rows(message.get("globalButtons"), "globalButtons")
    if len(buttons) != 1:
        raise LimitError(131009, "globalButtons must have one entry")
    _need(buttons[0].get("title"), "globalButtons title", 20)
    sections = _rows(message.get("items"), "items")
    if len(sections) > 10:
        raise LimitError(131009, "more than 10 sections")
    count = 0
    for section in sections:
        _short(section.get("title"), "section title", 24)
        rows = _rows(section.get("options"), "section options")
        count += len(rows)
        for row in rows:
            _need(row.get("title"), "row title", 24)
            _short(row.get("description"), "row description", 72)
            _short(row.get("postbackText"), "postbackText", 200)
    if count > 10:
        raise LimitError(131009, "more than 10 rows")


def _check_link_button(message: dict[str, Any]) -> None:
    _need(message.get("body"), "body", 1024)
    _need(message.get("display_text"), "display_text", 20)
    _check_url(message.get("url"), "url")
    _short(message.get("footer"), "footer", 60)


def _check_location_request(message: dict[str, Any]) -> None:
    body = message.get("body")
    _need(body.get("text") if isinstance(body, dict) else body, "body", 1024)


def _check_nothing(message: dict[str, Any]) -> None:
    """Catalogue messages have no published limits."""


_CHECKS = {
    "text": _check_text,
    **dict.fromkeys(MEDIA_KINDS, _check_media),
    "location": _check_location,
    "contact": _check_contact,
    "reaction": _check_reaction,
    "quick_reply": _check_quick_reply,
    "list": _check_list,
    "cta_url": _check_link_button,
    "location_request_message": _check_location_request,
    "product_details": _check_nothing,
}


# Media


def check_media(kind: str, mime_type: str, data: bytes) -> Refusal | None:
    """Return why WhatsApp would refuse a file sent as `kind`, or None.

    `mime_type` is the Content-Type that the file was served with.
    """
    bare = mime_type.partition(";")[0].strip().lower()
    if bare not in _TYPES[kind]:
        return refusal(131053, f"{bare or 'no type'} is not taken as {kind}")
    if bare == "audio/ogg" and b"OpusHead" not in data[:512]:
        return refusal(131053, "audio/ogg must be Opus")
    if not data:
        return refusal(131053, "empty file")
    if kind == "sticker":
        return _check_sticker(data)
    if len(data) > _SIZES[kind]:
        limit = _SIZES[kind] // MEGABYTE
        return refusal(131053, f"{kind} is larger than {limit} MB")
    return None


def _check_sticker(data: bytes) -> Refusal | None:
    animated = data[12:16] == b"VP8X" and bool(data[20:21] > b"" and data[20] & 2)
    limit = 500 if animated else 100
    if len(data) > limit * KILOBYTE:
        return refusal(131053, f"sticker is larger than {limit} KB")
    size = webp_size(data)
    if size != (512, 512):
        return refusal(131053, "sticker must be WebP of 512 x 512")
    return None


def webp_size(data: bytes) -> tuple[int, int] | None:
    """Return (width, height) of a WebP picture, or None when it is none."""
    if data[:4] != b"RIFF" or data[8:12] != b"WEBP" or len(data) < 30:
        return None
    form = data[12:16]
    if form == b"VP8X":
        width = int.from_bytes(data[24:27], "little") + 1
        height = int.from_bytes(data[27:30], "little") + 1
        return width, height
    if form == b"VP8L":
        (bits,) = struct.unpack_from("<I", data, 21)
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if form == b"VP8 ":
        width, height = struct.unpack_from("<HH", data, 26)
        return width & 0x3FFF, height & 0x3FFF
    return None
