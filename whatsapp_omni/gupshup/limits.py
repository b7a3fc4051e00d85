# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What may be sent, checked before sending (Meta's messages/send-messages).

GupShup accepts nearly everything and lets it fail later, when the agent has moved on.
Lengths are counted in Unicode code points, as Python and PostgreSQL do.
"""

from dataclasses import dataclass

from .texts import _lt

KIB = 1024
MIB = 1024 * 1024

TEXT_LENGTH = 4096
CAPTION_LENGTH = 1024
FILE_NAME_LENGTH = 240
BUTTONS = 3
BUTTON_TITLE_LENGTH = 20
BUTTON_ID_LENGTH = 256
INTERACTIVE_BODY_LENGTH = 1024
HEADER_LENGTH = 60
FOOTER_LENGTH = 60
LIST_ROWS = 10
LIST_SECTIONS = 10
ROW_TITLE_LENGTH = 24
ROW_DESCRIPTION_LENGTH = 72
ROW_ID_LENGTH = 200
SECTION_TITLE_LENGTH = 24
LIST_OPENER_LENGTH = 20

#: English texts by ``limit_code``; the addon translates them by their wording.
LIMIT_MESSAGES = {
    "empty": _lt("%(what)s must not be empty."),
    "too_long": _lt(
        "%(what)s has %(length)s characters; WhatsApp allows at most %(limit)s."
    ),
    "too_many": _lt("There are %(count)s %(what)s; WhatsApp allows at most %(limit)s."),
    "not_unique": _lt("Two %(what)s have the same text: “%(title)s”."),
    "no_source": _lt("The file has neither an address nor an uploaded media id."),
    "bad_url": _lt("The file's address must start with https:// or http://."),
    "bad_coordinates": _lt(
        "The coordinates do not exist: %(latitude)s, %(longitude)s."
    ),
    "bad_parameter": _lt(
        "Value %(position)s of the template must be on one line, without tabs and "
        "without more than four spaces in a row."
    ),
    "empty_parameter": _lt("Value %(position)s of the template is empty."),
    "bad_header_kind": _lt("A template cannot have a header of the kind “%(kind)s”."),
    "media_empty": _lt("The file is empty."),
    "media_too_big": _lt(
        "The file has %(size)s MB; WhatsApp allows at most %(limit)s MB for this kind."
    ),
    "media_bad_type": _lt(
        "WhatsApp does not accept files of the type %(mime_type)s here."
    ),
}


#: Every ``what`` of the texts above, for translation as well.
LIMIT_SUBJECTS = (
    _lt("The text"),
    _lt("The caption"),
    _lt("The file name"),
    _lt("The contact's name"),
    _lt("The message to react to"),
    _lt("The question"),
    _lt("The header"),
    _lt("The footer"),
    _lt("The list of buttons"),
    _lt("The button"),
    _lt("The button's value"),
    _lt("buttons"),
    _lt("The list"),
    _lt("The list's button"),
    _lt("The section's title"),
    _lt("sections"),
    _lt("The row"),
    _lt("The row's description"),
    _lt("The row's value"),
    _lt("rows"),
    _lt("The template"),
)


class LimitError(ValueError):
    """Something that WhatsApp would refuse; the text is for the person who sends it.

    ``limit_code`` is a key of :data:`LIMIT_MESSAGES`, ``params`` the values for it.
    """

    def __init__(self, limit_code: str, **params):
        super().__init__(LIMIT_MESSAGES[limit_code] % params)
        self.limit_code = limit_code
        self.params = params


@dataclass(frozen=True, slots=True)
class MediaRule:
    """``mime_types`` is empty where every type goes."""

    mime_types: frozenset[str]
    max_bytes: int


#: By the kind that is sent; ``file`` is what the customer sees as a document.
MEDIA_RULES = {
    "image": MediaRule(frozenset({"image/jpeg", "image/png"}), 5 * MIB),
    "audio": MediaRule(
        frozenset(
            {"audio/aac", "audio/mp4", "audio/mpeg", "audio/amr", "audio/ogg"},
        ),
        16 * MIB,
    ),
    "video": MediaRule(frozenset({"video/mp4", "video/3gpp"}), 16 * MIB),
    "sticker": MediaRule(frozenset({"image/webp"}), 500 * KIB),
    "file": MediaRule(frozenset(), 100 * MIB),
}
STATIC_STICKER_BYTES = 100 * KIB
STICKER_SIDE = 512

_ALIASES = {
    "image/jpg": "image/jpeg",
    "image/pjpeg": "image/jpeg",
    "audio/mp3": "audio/mpeg",
    "audio/x-m4a": "audio/mp4",
    "audio/m4a": "audio/mp4",
    "audio/opus": "audio/ogg",
    "audio/x-aac": "audio/aac",
    "application/ogg": "audio/ogg",
}
_TYPES_BY_EXTENSION = {
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "png": "image/png",
    "webp": "image/webp",
    "mp3": "audio/mpeg",
    "m4a": "audio/mp4",
    "aac": "audio/aac",
    "amr": "audio/amr",
    "ogg": "audio/ogg",
    "opus": "audio/ogg",
    "mp4": "video/mp4",
    "3gp": "video/3gpp",
}


def media_kind(mime_type: str, filename: str, size: int, head: bytes = b"") -> str:
    """The kind as which a file goes out: a key of :data:`MEDIA_RULES`.

    What fits no richer kind goes as ``file``: a photo over 5 MB, an audio over 16 MB, a
    WebP that is no sticker, Ogg that is not Opus. ``head``, some 64 first bytes of the
    file, lets the last two be told; without it the type and the size decide.

    :raises LimitError: when the file cannot be sent at all
    """
    check_media("file", mime_type, size)
    bare = _bare_type(mime_type, filename)
    for kind, rule in MEDIA_RULES.items():
        if bare in rule.mime_types and size <= rule.max_bytes:
            return kind if _is_playable(kind, bare, size, head) else "file"
    return "file"


def check_media(kind: str, mime_type: str, size: int) -> None:
    """
    :raises LimitError: when a file of this type and size cannot go out as ``kind``
    """
    rule = MEDIA_RULES[kind]
    if size <= 0:
        raise LimitError("media_empty")
    if size > rule.max_bytes:
        raise LimitError(
            "media_too_big", size=_megabytes(size), limit=_megabytes(rule.max_bytes)
        )
    if rule.mime_types and _bare_type(mime_type, "") not in rule.mime_types:
        raise LimitError("media_bad_type", mime_type=mime_type or "?")


def check_length(what: str, value: str, limit: int) -> None:
    """
    :raises LimitError: when a text has more code points than allowed
    """
    if len(value) > limit:
        raise LimitError("too_long", what=what, length=len(value), limit=limit)


def check_required(what: str, value: str, limit: int) -> None:
    """
    :raises LimitError: when a text is blank or too long
    """
    if not value.strip():
        raise LimitError("empty", what=what)
    check_length(what, value, limit)


def _megabytes(size: int) -> str:
    """At least two figures, rounded up, so that no excess is shown as the limit."""
    hundredths = -(-size * 100 // MIB)
    return f"{hundredths / 100:g}"


def _bare_type(mime_type: str, filename: str) -> str:
    bare = mime_type.partition(";")[0].strip().lower()
    bare = _ALIASES.get(bare, bare)
    if bare in ("", "application/octet-stream"):
        extension = filename.rpartition(".")[2].lower()
        return _TYPES_BY_EXTENSION.get(extension, bare)
    return bare


def _is_playable(kind: str, mime_type: str, size: int, head: bytes) -> bool:
    """Whether the content keeps what the type promises, as far as ``head`` tells."""
    if not head:
        return True
    if mime_type == "audio/ogg":
        return b"OpusHead" in head
    if kind == "sticker":
        return _is_sticker(size, head)
    return True


def _is_sticker(size: int, head: bytes) -> bool:
    width, height, is_animated = _webp_frame(head)
    if (width, height) != (STICKER_SIDE, STICKER_SIDE):
        return False
    return is_animated or size <= STATIC_STICKER_BYTES


def _webp_frame(head: bytes) -> tuple[int, int, bool]:
    """Width, height and whether it moves, of a WebP; zeros when it is none."""
    if len(head) < 30 or head[:4] != b"RIFF" or head[8:12] != b"WEBP":
        return 0, 0, False
    chunk = head[12:16]
    if chunk == b"VP8X":
        width = int.from_bytes(head[24:27], "little") + 1
        height = int.from_bytes(head[27:30], "little") + 1
        return width, height, bool(head[20] & 0x02)
    if chunk == b"VP8L":
        bits = int.from_bytes(head[21:25], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1, False
    if chunk == b"VP8 ":
        width = int.from_bytes(head[26:28], "little") & 0x3FFF
        height = int.from_bytes(head[28:30], "little") & 0x3FFF
        return width, height, False
    return 0, 0, False
