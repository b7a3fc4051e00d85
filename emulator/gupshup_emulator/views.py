# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What a customer's phone shows of a message, and where its file comes from."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from .limits import MEDIA_KINDS


@dataclass(frozen=True)
class Source:
    """The file that goes with a message: an address to fetch, or an uploaded id."""

    kind: str
    url: str | None
    media_id: str | None
    name: str


def _source(kind: str, part: dict[str, Any], url: Any, name: Any) -> Source | None:
    media_id = part.get("id")
    if not media_id and not url:
        return None
    address = None if media_id else str(url)
    shown = name or (_file_name(address) if address else "")
    return Source(kind, address, str(media_id) if media_id else None, str(shown))


def _file_name(url: str) -> str:
    return unquote(urlsplit(url).path.rsplit("/", 1)[-1])


def session_source(message: dict[str, Any]) -> Source | None:
    """Return the file of a session message, if it has one."""
    kind = message.get("type")
    if kind in MEDIA_KINDS:
        url = message.get("originalUrl") or message.get("url")
        return _source(kind, message, url, message.get("filename"))
    content = _dict(message.get("content"))
    if kind == "quick_reply" and content.get("type") in MEDIA_KINDS:
        return _source(
            content["type"], content, content.get("url"), content.get("filename")
        )
    header = message.get("header")
    if kind == "cta_url" and isinstance(header, dict):
        return header_source(header)
    return None


def header_source(header: dict[str, Any]) -> Source | None:
    """Return the file of a template's header, if it has one."""
    name = str(header.get("type", "")).lower()
    part = header.get(name)
    if name not in ("image", "video", "document") or not isinstance(part, dict):
        return None
    kind = "file" if name == "document" else name
    return _source(kind, part, part.get("link"), part.get("filename"))


def session_view(message: dict[str, Any]) -> dict[str, Any]:
    """Return what the phone shows of a session message."""
    make = _VIEWS.get(message.get("type", ""))
    return make(message) if make else {"text": ""}


def _text(message: dict[str, Any]) -> dict[str, Any]:
    return {"text": str(message.get("text") or "")}


def _media(message: dict[str, Any]) -> dict[str, Any]:
    return {"caption": str(message.get("caption") or "")}


def _location(message: dict[str, Any]) -> dict[str, Any]:
    names = ("latitude", "longitude", "name", "address")
    return {"location": {key: str(message.get(key) or "") for key in names}}


def _contact(message: dict[str, Any]) -> dict[str, Any]:
    card = message.get("contact")
    return {"contacts": [contact_view(card)]} if isinstance(card, dict) else {}


def contact_view(card: dict[str, Any]) -> dict[str, Any]:
    """Return name, company and numbers of a contact card in either spelling."""
    name = card.get("name") if isinstance(card.get("name"), dict) else {}
    org = card.get("org") if isinstance(card.get("org"), dict) else {}
    phones = [row for row in card.get("phones") or [] if isinstance(row, dict)]
    return {
        "name": name.get("formattedName") or name.get("formatted_name") or "",
        "company": org.get("company") or "",
        "phones": [str(row.get("phone") or "") for row in phones],
    }


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _dicts(value: Any) -> list[dict[str, Any]]:
    rows = value if isinstance(value, list) else []
    return [row for row in rows if isinstance(row, dict)]


def _quick_reply(message: dict[str, Any]) -> dict[str, Any]:
    content = _dict(message.get("content"))
    buttons = [
        {
            "title": str(row.get("title") or ""),
            "kind": "reply",
            "postback": row.get("postbackText"),
        }
        for row in _dicts(message.get("options"))
    ]
    return {
        "header": str(content.get("header") or ""),
        "text": str(content.get("text") or ""),
        "footer": str(content.get("caption") or ""),
        "buttons": buttons,
        "msgid": message.get("msgid"),
    }


def _list(message: dict[str, Any]) -> dict[str, Any]:
    opener = next(iter(_dicts(message.get("globalButtons"))), {})
    sections = [
        {
            "title": str(section.get("title") or ""),
            "subtitle": str(section.get("subtitle") or ""),
            "options": [
                {
                    "title": str(row.get("title") or ""),
                    "description": str(row.get("description") or ""),
                    "postback": row.get("postbackText"),
                }
                for row in _dicts(section.get("options"))
            ],
        }
        for section in _dicts(message.get("items"))
    ]
    return {
        "header": str(message.get("title") or ""),
        "text": str(message.get("body") or ""),
        "footer": str(message.get("footer") or ""),
        "list": {"button": str(opener.get("title") or ""), "sections": sections},
        "msgid": message.get("msgid"),
    }


def _link_button(message: dict[str, Any]) -> dict[str, Any]:
    header = _dict(message.get("header"))
    button = {
        "title": str(message.get("display_text") or ""),
        "kind": "url",
        "url": str(message.get("url") or ""),
    }
    return {
        "header": str(header.get("text") or ""),
        "text": str(message.get("body") or ""),
        "footer": str(message.get("footer") or ""),
        "buttons": [button],
    }


def _location_request(message: dict[str, Any]) -> dict[str, Any]:
    body = message.get("body")
    text = body.get("text") if isinstance(body, dict) else body
    button = {"title": "Send location", "kind": "location"}
    return {"text": str(text or ""), "buttons": [button]}


def _product(message: dict[str, Any]) -> dict[str, Any]:
    return {"text": str(message.get("body") or "Catalogue message")}


_VIEWS = {
    "text": _text,
    **dict.fromkeys(MEDIA_KINDS, _media),
    "location": _location,
    "contact": _contact,
    "quick_reply": _quick_reply,
    "list": _list,
    "cta_url": _link_button,
    "location_request_message": _location_request,
    "product_details": _product,
}


def options(view: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what can be tapped in a message: its buttons, or the rows of its list."""
    if "list" in view:
        sections = view["list"]["sections"]
        return [row for section in sections for row in section["options"]]
    return view.get("buttons", [])
