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

_STICKER_ONLY = _lt(
    "WhatsApp takes WebP as a sticker only: 512 × 512 pixels, up to 100 kB, moving "
    "ones up to 500 kB. Save a photo as JPEG or PNG."
)

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
    "image_type": _lt("WhatsApp takes photos as JPEG or PNG: save it as one of them."),
    "image_size": _lt(
        "The photo has %(size)s MB, WhatsApp takes up to %(limit)s MB: make it smaller."
    ),
    "audio_type": _lt(
        "WhatsApp takes sound as MP3, M4A, AAC, AMR or Ogg Opus: save it as one of "
        "them."
    ),
    "audio_size": _lt(
        "The recording has %(size)s MB, WhatsApp takes up to %(limit)s MB: make it "
        "shorter, or send a link."
    ),
    "video_type": _lt("WhatsApp takes videos as MP4 or 3GP: save it as one of them."),
    "video_size": _lt(
        "The video has %(size)s MB, WhatsApp takes up to %(limit)s MB: make it shorter "
        "or smaller, or send a link."
    ),
    "sticker_type": _STICKER_ONLY,
    "sticker_size": _STICKER_ONLY,
    "file_type": _lt(
        "WhatsApp takes PDF, Word, Excel, PowerPoint and plain text (.txt) as "
        "documents: save it as one of them, or send a link."
    ),
    "file_size": _lt(
        "The document has %(size)s MB, WhatsApp takes up to %(limit)s MB: split it, or "
        "send a link."
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
    """Which files go out as one kind."""

    mime_types: frozenset[str]
    max_bytes: int


_OFFICE = "application/vnd.openxmlformats-officedocument"

#: By the kind that is sent; ``file`` is what the customer sees as a document. WhatsApp
#: takes no other files, and nothing as a document that is none.
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
    "file": MediaRule(
        frozenset(
            {
                "text/plain",
                "application/pdf",
                "application/msword",
                "application/vnd.ms-excel",
                "application/vnd.ms-powerpoint",
                f"{_OFFICE}.wordprocessingml.document",
                f"{_OFFICE}.spreadsheetml.sheet",
                f"{_OFFICE}.presentationml.presentation",
            }
        ),
        100 * MIB,
    ),
}
STATIC_STICKER_BYTES = 100 * KIB
STICKER_SIDE = 512

#: Other names, by which browsers and Python know the types above.
MEDIA_ALIASES = {
    "image/jpg": "image/jpeg",
    "image/pjpeg": "image/jpeg",
    "audio/mp3": "audio/mpeg",
    "audio/x-m4a": "audio/mp4",
    "audio/m4a": "audio/mp4",
    "audio/opus": "audio/ogg",
    "audio/x-aac": "audio/aac",
    "audio/x-hx-aac-adts": "audio/aac",
    "audio/vnd.dlna.adts": "audio/aac",
    "application/ogg": "audio/ogg",
    "audio/3gpp": "video/3gpp",
}
#: For files of which nobody knows the type.
MEDIA_EXTENSIONS = {
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
    "txt": "text/plain",
    "pdf": "application/pdf",
    "doc": "application/msword",
    "docx": f"{_OFFICE}.wordprocessingml.document",
    "xls": "application/vnd.ms-excel",
    "xlsx": f"{_OFFICE}.spreadsheetml.sheet",
    "ppt": "application/vnd.ms-powerpoint",
    "pptx": f"{_OFFICE}.presentationml.presentation",
}


def media_kind(mime_type: str, filename: str, size: int, head: bytes = b"") -> str:
    """The kind as which a file goes out: a key of :data:`MEDIA_RULES`.

    ``head``, some 64 first bytes of the file, tells a WebP that is no sticker and Ogg
    that is not Opus; without it the type and the size decide.

    :raises LimitError: when WhatsApp would refuse the file
    """
    bare = _bare_type(mime_type, filename)
    kind = _kind_of_type(bare)
    check_media(kind, bare, size)
    if head and not _is_playable(kind, bare, size, head):
        raise LimitError(f"{kind}_type")
    return kind


def check_media(kind: str, mime_type: str, size: int, filename: str = "") -> None:
    """
    :raises LimitError: when a file of this type and size cannot go out as ``kind``
    """
    rule = MEDIA_RULES[kind]
    if size <= 0:
        raise LimitError("media_empty")
    if _bare_type(mime_type, filename) not in rule.mime_types:
        raise LimitError(f"{kind}_type")
    if size > rule.max_bytes:
        raise LimitError(
            f"{kind}_size", size=_megabytes(size), limit=_megabytes(rule.max_bytes)
        )


def served_type(mime_type: str, filename: str) -> str:
    """The type under which WhatsApp takes a file, for who fetches it.

    A voice note is one by its codec: of plain Ogg the type tells nothing.
    """
    bare = _bare_type(mime_type, filename)
    return "audio/ogg; codecs=opus" if bare == "audio/ogg" else bare


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
    bare = MEDIA_ALIASES.get(bare, bare)
    if bare in ("", "application/octet-stream"):
        extension = filename.rpartition(".")[2].lower()
        return MEDIA_EXTENSIONS.get(extension, bare)
    return bare


def _kind_of_type(mime_type: str) -> str:
    """The kind of a type; for one that nothing takes, that which comes nearest."""
    for kind, rule in MEDIA_RULES.items():
        if mime_type in rule.mime_types:
            return kind
    family = mime_type.partition("/")[0]
    return family if family in MEDIA_RULES else "file"


def _is_playable(kind: str, mime_type: str, size: int, head: bytes) -> bool:
    """Whether the content keeps what the type promises, as far as ``head`` tells."""
    if mime_type == "audio/ogg":
        return b"OpusHead" in head
    return kind != "sticker" or _is_sticker(size, head)


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
