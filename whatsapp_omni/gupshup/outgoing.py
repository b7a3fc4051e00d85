# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The JSON of messages to send.

See docs.gupshup.io/reference/msg and sending-text-template. Each function returns the
plain dictionary that :meth:`.client.Client.send` or
:meth:`~.client.Client.send_template` takes, and raises :class:`.limits.LimitError` when
WhatsApp would refuse it. ``reply_to`` quotes a message: the GS id of one of ours, the
id on WhatsApp's side of one of the customer's (not older than 30 days).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from .limits import (
    BUTTON_ID_LENGTH,
    BUTTON_TITLE_LENGTH,
    BUTTONS,
    CAPTION_LENGTH,
    FILE_NAME_LENGTH,
    FOOTER_LENGTH,
    HEADER_LENGTH,
    INTERACTIVE_BODY_LENGTH,
    LIST_OPENER_LENGTH,
    LIST_ROWS,
    LIST_SECTIONS,
    ROW_DESCRIPTION_LENGTH,
    ROW_ID_LENGTH,
    ROW_TITLE_LENGTH,
    SECTION_TITLE_LENGTH,
    TEXT_LENGTH,
    LimitError,
    check_length,
    check_required,
)
from .reading import text as clean
from .values import ContactCard

_MAX_SPACES = 4


@dataclass(frozen=True, slots=True)
class ButtonOption:
    """A button of a question; ``payload`` comes back when it is tapped."""

    title: str
    payload: str = ""


@dataclass(frozen=True, slots=True)
class ListRow:
    """A row of a list; ``payload`` comes back when it is chosen."""

    title: str
    payload: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True)
class ListSection:
    """Rows under a title; a list with one section needs no titles."""

    title: str
    rows: Sequence[ListRow]
    subtitle: str = ""


# Simple messages


def text(body: str, preview_url: bool = True, reply_to: str = "") -> dict:
    """A text with WhatsApp's own marks (see :mod:`.markup`)."""
    check_required("The text", body, TEXT_LENGTH)
    message = {"type": "text", "text": clean(body), "previewUrl": bool(preview_url)}
    return _quoting(message, reply_to)


def image(
    url: str = "",
    media_id: str = "",
    caption: str = "",
    preview_url: str = "",
    reply_to: str = "",
) -> dict:
    """A photo, by its public address or by the id of an upload."""
    message = {"type": "image", **_source(url, media_id, "originalUrl")}
    if not media_id:
        message["previewUrl"] = preview_url or url
    return _quoting(_captioned(message, caption), reply_to)


def file(
    url: str = "",
    filename: str = "",
    media_id: str = "",
    caption: str = "",
    reply_to: str = "",
) -> dict:
    """A document, shown with its name."""
    check_required("The file name", filename, FILE_NAME_LENGTH)
    message = {
        "type": "file",
        **_source(url, media_id, "url"),
        "filename": clean(filename),
    }
    return _quoting(_captioned(message, caption), reply_to)


def video(
    url: str = "", media_id: str = "", caption: str = "", reply_to: str = ""
) -> dict:
    """A video, by its public address or by the id of an upload."""
    message = {"type": "video", **_source(url, media_id, "url")}
    return _quoting(_captioned(message, caption), reply_to)


def audio(url: str = "", media_id: str = "", reply_to: str = "") -> dict:
    """An audio; WhatsApp gives it no caption."""
    return _quoting({"type": "audio", **_source(url, media_id, "url")}, reply_to)


def sticker(url: str = "", media_id: str = "", reply_to: str = "") -> dict:
    """A sticker (WebP); WhatsApp gives it no caption."""
    return _quoting({"type": "sticker", **_source(url, media_id, "url")}, reply_to)


def location(
    latitude: float,
    longitude: float,
    name: str = "",
    address: str = "",
    reply_to: str = "",
) -> dict:
    """A place on the map, in decimal degrees."""
    message = {"type": "location", **_place(latitude, longitude, name, address)}
    return _quoting(message, reply_to)


def contact(card: ContactCard, reply_to: str = "") -> dict:
    """A contact card; it needs a name."""
    check_required("The contact's name", card.name, INTERACTIVE_BODY_LENGTH)
    names = {
        "formattedName": clean(card.name),
        "firstName": clean(card.first_name or card.name),
    }
    if card.last_name:
        names["lastName"] = clean(card.last_name)
    details = {
        "name": names,
        "phones": [_card_phone(entry) for entry in card.phones],
        "emails": [{"email": clean(email), "type": "WORK"} for email in card.emails],
        "urls": [{"url": clean(url), "type": "WORK"} for url in card.urls],
        "addresses": [],
    }
    if card.company or card.job_title:
        details["org"] = {
            "company": clean(card.company),
            "title": clean(card.job_title),
        }
    if card.birthday:
        details["birthday"] = clean(card.birthday)
    return _quoting({"type": "contact", "contact": details}, reply_to)


def _card_phone(entry) -> dict:
    shown = {"phone": clean(entry.phone), "type": clean(entry.type) or "WORK"}
    if entry.wa_id:
        shown["wa_id"] = entry.wa_id
    return shown


def reaction(message_id: str, emoji: str) -> dict:
    """React to a message; an empty ``emoji`` takes the reaction back.

    ``message_id``: GS id of our own message, WhatsApp's id of the customer's.
    """
    check_required("The message to react to", message_id, INTERACTIVE_BODY_LENGTH)
    return {"type": "reaction", "msgId": message_id, "emoji": clean(emoji)}


# Questions


def quick_reply(
    body: str,
    options: Sequence[ButtonOption],
    header: str = "",
    footer: str = "",
    message_ref: str = "",
    media: dict | None = None,
    reply_to: str = "",
) -> dict:
    """A question with one to three buttons.

    :param message_ref: comes back with the answer as ``Answer.message_ref``
    :param media: ``{"type": "image"|"video", "url": …}`` or ``{"type": "file", "url":
        …, "filename": …}`` above the question, instead of a header
    """
    check_required("The question", body, INTERACTIVE_BODY_LENGTH)
    check_length("The header", header, HEADER_LENGTH)
    check_length("The footer", footer, FOOTER_LENGTH)
    _check_options(options)
    content = dict(media) if media else {"type": "text"}
    if header and not media:
        content["header"] = clean(header)
    content["text"] = clean(body)
    if footer:
        content["caption"] = clean(footer)
    message = {
        "type": "quick_reply",
        "content": content,
        "options": [_option(option) for option in options],
    }
    if message_ref:
        message["msgid"] = message_ref
    return _quoting(message, reply_to)


def _check_options(options: Sequence[ButtonOption]) -> None:
    if not options:
        raise LimitError("empty", what="The list of buttons")
    if len(options) > BUTTONS:
        raise LimitError("too_many", what="buttons", count=len(options), limit=BUTTONS)
    for option in options:
        check_required("The button", option.title, BUTTON_TITLE_LENGTH)
        check_length("The button's value", option.payload, BUTTON_ID_LENGTH)
    _check_unique("buttons", (option.title for option in options))


def _check_unique(what: str, titles: Iterable[str]) -> None:
    seen = set()
    for title in titles:
        if title.strip() in seen:
            raise LimitError("not_unique", what=what, title=title)
        seen.add(title.strip())


def _option(option: ButtonOption | ListRow) -> dict:
    shown = {"type": "text", "title": clean(option.title)}
    if option.payload:
        shown["postbackText"] = clean(option.payload)
    return shown


def list_message(
    body: str,
    opener: str,
    sections: Sequence[ListSection],
    title: str = "",
    footer: str = "",
    message_ref: str = "",
    reply_to: str = "",
) -> dict:
    """A question with up to ten rows behind the button ``opener``."""
    check_required("The question", body, INTERACTIVE_BODY_LENGTH)
    check_required("The list's button", opener, LIST_OPENER_LENGTH)
    check_length("The header", title, HEADER_LENGTH)
    check_length("The footer", footer, FOOTER_LENGTH)
    _check_sections(sections)
    message = {
        "type": "list",
        "title": clean(title),
        "body": clean(body),
        "globalButtons": [{"type": "text", "title": clean(opener)}],
        "items": [_section(section) for section in sections],
    }
    if footer:
        message["footer"] = clean(footer)
    if message_ref:
        message["msgid"] = message_ref
    return _quoting(message, reply_to)


def _check_sections(sections: Sequence[ListSection]) -> None:
    rows = [row for section in sections for row in section.rows]
    if not rows:
        raise LimitError("empty", what="The list")
    if len(sections) > LIST_SECTIONS:
        raise LimitError(
            "too_many", what="sections", count=len(sections), limit=LIST_SECTIONS
        )
    if len(rows) > LIST_ROWS:
        raise LimitError("too_many", what="rows", count=len(rows), limit=LIST_ROWS)
    for section in sections:
        check_length("The section's title", section.title, SECTION_TITLE_LENGTH)
        if len(sections) > 1 and not section.title.strip():
            raise LimitError("empty", what="The section's title")
    for row in rows:
        check_required("The row", row.title, ROW_TITLE_LENGTH)
        check_length("The row's description", row.description, ROW_DESCRIPTION_LENGTH)
        check_length("The row's value", row.payload, ROW_ID_LENGTH)


def _section(section: ListSection) -> dict:
    return {
        "title": clean(section.title),
        "subtitle": clean(section.subtitle),
        "options": [_row(row) for row in section.rows],
    }


def _row(row: ListRow) -> dict:
    shown = _option(row)
    if row.description:
        shown["description"] = clean(row.description)
    return shown


# Approved templates


def template(template_id: str, params: Sequence[str] = ()) -> dict:
    """The ``template`` field; the language is chosen by the id.

    ``params`` in one list: variables of the header, of the body, then of the buttons'
    addresses.
    """
    check_required("The template", template_id, ROW_ID_LENGTH)
    return {
        "id": template_id,
        "params": [
            _param(position, value) for position, value in enumerate(params, start=1)
        ],
    }


def _param(position: int, value: str) -> str:
    if not value.strip():
        raise LimitError("empty_parameter", position=position)
    if any(mark in value for mark in "\n\r\t") or " " * (_MAX_SPACES + 1) in value:
        raise LimitError("bad_parameter", position=position)
    return clean(value)


def template_media(
    kind: str, url: str = "", media_id: str = "", filename: str = ""
) -> dict:
    """The ``message`` field for a template with a media header.

    ``kind``: ``image``, ``video`` or ``document`` (here it is not called ``file``).
    """
    if kind not in ("image", "video", "document"):
        raise LimitError("bad_header_kind", kind=kind)
    media = _source(url, media_id, "link")
    if kind == "document" and filename:
        media["filename"] = clean(filename)
    return {"type": kind, kind: media}


def template_location(
    latitude: float, longitude: float, name: str = "", address: str = ""
) -> dict:
    """The ``message`` field for a template with a location header."""
    return {
        "type": "location",
        "location": _place(latitude, longitude, name, address),
    }


def template_postbacks(payloads: Sequence[str]) -> list[dict]:
    """The ``postbackTexts`` field: one value per quick-reply button, in their order."""
    for payload in payloads:
        check_length("The button's value", payload, BUTTON_ID_LENGTH)
    return [
        {"index": index, "text": clean(payload)}
        for index, payload in enumerate(payloads)
    ]


# Parts


def _source(url: str, media_id: str, url_name: str) -> dict:
    if media_id:
        return {"id": media_id}
    if not url:
        raise LimitError("no_source")
    if not url.startswith(("https://", "http://")):
        raise LimitError("bad_url")
    return {url_name: url}


def _captioned(message: dict, caption: str) -> dict:
    # GupShup refuses `caption: null`: an empty one is left out.
    check_length("The caption", caption, CAPTION_LENGTH)
    if caption:
        message["caption"] = clean(caption)
    return message


def _place(latitude: float, longitude: float, name: str, address: str) -> dict:
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        raise LimitError("bad_coordinates", latitude=latitude, longitude=longitude)
    place = {"longitude": f"{longitude:.7f}", "latitude": f"{latitude:.7f}"}
    if name:
        place["name"] = clean(name)
    if address:
        place["address"] = clean(address)
    return place


def _quoting(message: dict, reply_to: str) -> dict:
    if reply_to:
        message["context"] = {"msgId": reply_to}
    return message
