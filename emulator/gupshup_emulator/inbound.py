# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Messages from customers: from the request that injects one to its callbacks."""

import base64
import binascii
import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from . import bodies_v2, bodies_v3, samples, views
from .callbacks import Callback
from .events import Event, Inbound
from .ids import is_business_scoped, is_phone, new_media_id, new_wamid
from .limits import MEDIA_KINDS
from .media import INBOUND_DAYS
from .state import App, Message, Phone

if TYPE_CHECKING:
    from .emulator import Emulator

KINDS = (
    "text",
    *MEDIA_KINDS,
    "location",
    "contact",
    "reaction",
    "button_reply",
    "list_reply",
    "quick_reply",
    "template_button",
    "tap",
    "request_welcome",
    "order",
    "flow",
    "unsupported",
    "unknown",
    "raw",
)
_NOT_OPENING = {"request_welcome"}
_TAPS = ("tap", "button_reply", "list_reply", "quick_reply", "template_button")
_VARIANTS = {
    "outer",
    "context",
    "blank_phone",
    "bsuid_form",
    "omit_user_id",
    "omit_name",
    "omit_postback",
    "content_type_key",
    "caption",
    "removal",
    "top_level",
    "extra",
    "id",
    "url",
    "raw_file_name",
    "expired",
}


class SpecError(ValueError):
    """The request to inject a message makes no sense; the text says why."""


class Inbounds:
    """Injects messages of customers."""

    def __init__(self, emulator: "Emulator"):
        self._emulator = emulator
        self.count = 0

    def inject(self, spec: dict[str, Any]) -> tuple[str, list[Callback]]:
        """Let a customer send something; return its WA id and the callbacks.

        :raise SpecError: the description cannot be understood
        """
        state = self._emulator.state
        app = state.app_of(spec.get("app"))
        if app is None:
            raise SpecError("app: unknown")
        phone = self._phone(spec)
        inbound = self._inbound(app, phone, spec)
        message = self._store(inbound, spec)
        self.count += 1
        if phone.key in state.blocked.get(app.app_id, {}):
            return inbound.id, []
        if inbound.kind not in _NOT_OPENING:
            state.open_window(app.app_id, phone.key, inbound.timestamp_ms / 1000)
            self._emulator.chat_changed(app.app_id, phone.key)
        return inbound.id, self._submit(inbound, message, spec)

    def _submit(
        self, inbound: Inbound, message: Message, spec: dict[str, Any]
    ) -> list[Callback]:
        version = spec.get("version")
        if version not in (None, 2, 3):
            raise SpecError("version: 2 or 3")
        callbacks: list[Callback] = []
        for copy in range(_whole(spec, "times", 1)):
            lane = inbound.phone.key
            event = Event(
                app_id=inbound.app.app_id,
                lane=f"{lane}#{copy}" if spec.get("parallel") else lane,
                label=inbound.kind,
                mode="FLOWS_MESSAGE" if inbound.kind == "flow" else "MESSAGE",
                build=lambda wanted: _body(inbound, wanted),
                version=version,
            )
            callbacks += self._emulator.courier.submit(event)
        for callback in callbacks:
            callback.on_done = lambda done: self._arrived(message, done)
        return callbacks

    def _arrived(self, message: Message, callback: Callback) -> None:
        if message.state == "read":
            return
        if callback.state == "delivered":
            message.state = "delivered"
        elif message.state == "sent":
            message.state = "refused"
        self._emulator.message_changed(message)

    # Who

    def _phone(self, spec: dict[str, Any]) -> Phone:
        state = self._emulator.state
        number, user_id = _text(spec, "phone"), _text(spec, "user_id")
        number = number.lstrip("+").replace(" ", "")
        if not number and not user_id:
            raise SpecError("phone or user_id: one is needed")
        phone = (number and state.phone_of(number)) or (
            user_id and state.phone_of(user_id)
        )
        if phone:
            phone.user_id = user_id or phone.user_id
            phone.name = spec.get("name") or phone.name
            return phone
        phone = new_phone(number, user_id, _text(spec, "name"))
        self._emulator.add_phone(phone)
        return phone

    # What

    def _inbound(self, app: App, phone: Phone, spec: dict[str, Any]) -> Inbound:
        kind = spec.get("type", "text")
        if kind not in KINDS:
            raise SpecError(f"type: {kind!r} is not one of {', '.join(KINDS)}")
        variant = _object(spec, "variant")
        wrong = sorted(set(variant) - _VARIANTS)
        if wrong:
            known = ", ".join(sorted(_VARIANTS))
            raise SpecError(f"variant: unknown {', '.join(wrong)}; known: {known}")
        target = self._target(spec)
        content = self._content(app, kind, spec, variant, target)
        kind = content.pop("kind", kind)
        wa_id = variant.get("id") or new_wamid(phone.address or phone.key)
        timestamp = spec.get("timestamp") or self._emulator.clock.now_ms()
        if not isinstance(timestamp, int | float):
            raise SpecError("timestamp: epoch milliseconds")
        return Inbound(
            app=app,
            phone=phone,
            id=wa_id,
            kind=kind,
            content=content,
            name=phone.name,
            timestamp_ms=int(timestamp),
            context=self._context(kind, spec, target),
            referral=spec.get("referral"),
            variant={"outer": "hologram"} | variant if kind == "unknown" else variant,
        )

    def _target(self, spec: dict[str, Any]) -> Message | None:
        """Return the message that the new one answers, reacts to, or taps."""
        context = _object(spec, "context")
        wanted = spec.get("target") or next(
            (
                context[name]
                for name in ("gs_id", "gsId", "wa_id", "id", "key")
                if context.get(name)
            ),
            None,
        )
        return self._emulator.state.message_of(wanted)

    def _context(
        self, kind: str, spec: dict[str, Any], target: Message | None
    ) -> dict[str, Any] | None:
        given = spec.get("context")
        if kind == "reaction" or (given is None and target is None):
            return None
        given = given or {}
        if "raw" in given:
            return {"raw": given["raw"]}
        context = {
            "gs_id": given.get("gs_id") or given.get("gsId"),
            "wa_id": given.get("wa_id") or given.get("id"),
            "forwarded": given.get("forwarded"),
            "frequently_forwarded": given.get("frequently_forwarded"),
        }
        if target:
            context |= {
                "gs_id": target.gs_id,
                "wa_id": target.wa_id,
                "meta_id": target.meta_id,
                "key": target.key,
            }
        return context

    def _content(
        self,
        app: App,
        kind: str,
        spec: dict[str, Any],
        variant: dict[str, Any],
        target: Message | None,
    ) -> dict[str, Any]:
        if kind in MEDIA_KINDS:
            return self._media(app, kind, spec, variant)
        if kind in _TAPS:
            return _tap(kind, spec, variant, target)
        if kind == "reaction":
            return _reaction(spec, target)
        make = _CONTENT.get(kind)
        return make(spec) if make else {}

    def _media(
        self, app: App, kind: str, spec: dict[str, Any], variant: dict[str, Any]
    ) -> dict[str, Any]:
        emulator = self._emulator
        given = _object(spec, "media")
        media = emulator.media.get(given["id"]) if given.get("id") else None
        if given.get("id") and (media is None or media.origin != "inbound"):
            raise SpecError("media.id: not a file that a customer has")
        if media is None:
            data, mime_type, name = _bytes(kind, given)
            media = emulator.media.add(
                new_media_id(), app.app_id, "inbound", data, mime_type, name
            )
        file_name = (given.get("name") or media.name) if kind == "file" else ""
        url = f"{emulator.base_url}/wa/{app.app_id}/wa/media/{media.id}?download=false"
        if file_name:
            raw = variant.get("raw_file_name")
            url += f"&fileName={file_name if raw else quote(file_name)}"
        now_ms = emulator.clock.now_ms()
        lifetime = INBOUND_DAYS * 86_400_000
        return {
            "media_id": media.id,
            "url": variant.get("url") or given.get("url") or url,
            "mime_type": given.get("mime_type") or media.mime_type,
            "sha256": media.sha256,
            "size": media.size,
            "expiry_ms": now_ms - 1000 if variant.get("expired") else now_ms + lifetime,
            "file_name": file_name,
            "caption": spec.get("caption") or "",
        }

    # Keeping it

    def _store(self, inbound: Inbound, spec: dict[str, Any]) -> Message:
        state = self._emulator.state
        known = state.message_of(inbound.id)
        if known:
            return known
        content = inbound.content
        message = Message(
            key=f"m{state.next_number()}",
            app_id=inbound.app.app_id,
            phone=inbound.phone.key,
            direction="in",
            kind=inbound.kind,
            time=inbound.timestamp_ms / 1000,
            received=time.time(),
            raw={name: spec[name] for name in spec if name != "media"},
            view=_view(inbound.kind, content),
            state="sent",
            wa_id=inbound.id,
            context=inbound.context,
        )
        if inbound.kind in MEDIA_KINDS:
            message.media = {
                "kind": inbound.kind,
                "id": content["media_id"],
                "url": content["url"],
                "mime_type": content["mime_type"],
                "name": content["file_name"],
                "size": content["size"],
                "status": "fetched",
            }
        if inbound.kind == "reaction":
            self._react(content)
            state.index(message)
            state.messages[message.key] = message
            return message
        state.add_message(message)
        self._emulator.message_changed(message)
        return message

    def _react(self, content: dict[str, Any]) -> None:
        target = self._emulator.state.message_of(content["gs_id"] or content["wa_id"])
        if not target:
            return
        if content["emoji"]:
            target.reactions["customer"] = content["emoji"]
        else:
            target.reactions.pop("customer", None)
        self._emulator.message_changed(target)


def new_phone(number: str, user_id: str, name: str, wa_id: str = "") -> Phone:
    """Return a phone from what a request gives.

    :raise SpecError: neither a number nor a business-scoped id, or a malformed one
    """
    number = number.lstrip("+").replace(" ", "")
    if number and not is_phone(number):
        raise SpecError("phone: 6 to 15 digits")
    if user_id and not is_business_scoped(user_id):
        raise SpecError("user_id: two capital letters, a dot, digits (ES.1234567)")
    if not number and not user_id:
        raise SpecError("phone or user_id: one is needed")
    return Phone(
        key=number or user_id,
        name=name,
        phone=number or None,
        user_id=user_id or None,
        wa_id=wa_id or None,
    )


def _body(inbound: Inbound, version: int) -> dict[str, Any]:
    # Answers of flows exist only in Meta's shape, whatever the subscription says.
    if version == 3 or inbound.kind == "flow":
        return bodies_v3.message(inbound)
    return bodies_v2.message(inbound)


def _text(spec: dict[str, Any], name: str) -> str:
    value = spec.get(name)
    if value is None:
        return ""
    if not isinstance(value, str | int):
        raise SpecError(f"{name}: a text")
    return str(value)


def _object(spec: dict[str, Any], name: str) -> dict[str, Any]:
    value = spec.get(name) or {}
    if not isinstance(value, dict):
        raise SpecError(f"{name}: an object")
    return value


def _whole(spec: dict[str, Any], name: str, default: int) -> int:
    value = spec.get(name, default)
    if not isinstance(value, int) or not 1 <= value <= 1000:
        raise SpecError(f"{name}: a whole number from 1 to 1000")
    return value


def _bytes(kind: str, given: dict[str, Any]) -> tuple[bytes, str, str]:
    """Return (bytes, MIME type, name) of the file in a request, or a sample."""
    data, mime_type, name = samples.of_kind(kind)
    if given.get("content_base64") is not None:
        try:
            data = base64.b64decode(given["content_base64"], validate=True)
        except (binascii.Error, TypeError, ValueError) as error:
            raise SpecError("media.content_base64: not base64") from error
    elif given.get("path_bytes"):
        path = Path(given["path_bytes"])
        try:
            data = path.read_bytes()
        except OSError as error:
            raise SpecError(f"media.path_bytes: {error.strerror}") from error
        name = path.name
    elif given.get("size") is not None:
        data = b"\0" * _size(given["size"])
    return data, given.get("mime_type") or mime_type, given.get("name") or name


def _size(value: Any) -> int:
    if not isinstance(value, int) or not 0 <= value <= 128 * 1024 * 1024:
        raise SpecError("media.size: bytes, at most 128 MB")
    return value


def _plain(spec: dict[str, Any]) -> dict[str, Any]:
    return {"text": _text(spec, "text")}


def _location(spec: dict[str, Any]) -> dict[str, Any]:
    given = _object(spec, "location")
    return {
        "latitude": str(given.get("latitude", "40.4168")),
        "longitude": str(given.get("longitude", "-3.7038")),
        "name": given.get("name") or "",
        "address": given.get("address") or "",
    }


_SAMPLE_CONTACT = {
    "name": {"first_name": "Ana", "last_name": "Gil", "formatted_name": "Ana Gil"},
    "org": {"company": "Gil SL"},
    "phones": [{"phone": "+34 600 22 33 44", "type": "Mobile", "wa_id": "34600223344"}],
}


def _contact(spec: dict[str, Any]) -> dict[str, Any]:
    cards = spec.get("contacts")
    if cards is None:
        cards = [spec.get("contact") or _SAMPLE_CONTACT]
    return {"contacts": cards}


def _reaction(spec: dict[str, Any], target: Message | None) -> dict[str, Any]:
    context = _object(spec, "context")
    emoji = spec.get("emoji", spec.get("text"))
    return {
        "emoji": "👍" if emoji is None else emoji,
        "gs_id": target.gs_id if target else context.get("gs_id") or "",
        "wa_id": target.wa_id if target else context.get("wa_id") or "",
    }


def _tap(
    kind: str,
    spec: dict[str, Any],
    variant: dict[str, Any],
    target: Message | None,
) -> dict[str, Any]:
    """Return the content of a tap, filled from the message that was tapped."""
    rows = views.options(target.view) if target else []
    row, position = _tapped(rows, spec)
    if kind == "tap":
        if not row:
            raise SpecError("context, option: nothing there to tap")
        kind = _tap_kind(target)
    content = {
        "kind": kind,
        "title": spec.get("title") or spec.get("text") or row.get("title") or "Yes",
        "postback": spec.get("postback", row.get("postback")),
        "description": spec.get("description", row.get("description")),
        "id": spec.get("msgid") or (target.view.get("msgid") if target else None),
        "position": spec.get("position", position),
    }
    if variant.get("omit_postback"):
        content["postback"] = None
    return content


def _tapped(
    rows: list[dict[str, Any]], spec: dict[str, Any]
) -> tuple[dict[str, Any], int]:
    wanted = spec.get("option")
    for index, row in enumerate(rows):
        if wanted == index or (wanted is None and row["title"] == spec.get("title")):
            return row, index + 1
    if wanted is not None and rows:
        raise SpecError(f"option: from 0 to {len(rows) - 1}")
    return {}, 1


def _tap_kind(target: Message | None) -> str:
    if target and target.template:
        return "template_button"
    return "list_reply" if target and "list" in target.view else "button_reply"


def _order(spec: dict[str, Any]) -> dict[str, Any]:
    items = spec.get("items") or [
        {"id": "sku-1", "currency": "EUR", "amount": 19.9, "quantity": 2}
    ]
    return {"items": items, "text": _text(spec, "text")}


def _flow(spec: dict[str, Any]) -> dict[str, Any]:
    response = spec.get("response") or {"flow_token": "sample", "answer": "yes"}
    return {"body": "Sent", "response_json": json.dumps(response)}


def _unsupported(spec: dict[str, Any]) -> dict[str, Any]:
    return {
        "code": spec.get("code", 131051),
        "subtype": spec.get("subtype", "poll_creation"),
    }


def _raw(spec: dict[str, Any]) -> dict[str, Any]:
    payload = spec.get("payload")
    if not isinstance(payload, dict):
        raise SpecError("payload: an object is needed for type raw")
    return {"payload": payload}


_CONTENT = {
    "text": _plain,
    "location": _location,
    "contact": _contact,
    "order": _order,
    "flow": _flow,
    "unsupported": _unsupported,
    "raw": _raw,
}
_NOTES = {
    "request_welcome": "opened the chat for the first time",
    "unsupported": "a message of an unsupported type",
    "unknown": "a message of an unknown type",
    "raw": "a hand-made message",
    "flow": "answered a form",
}


def _view(kind: str, content: dict[str, Any]) -> dict[str, Any]:
    """Return what the customer's own phone shows of the message."""
    if kind == "text":
        return {"text": content["text"]}
    if kind in MEDIA_KINDS:
        return {"caption": content["caption"]}
    if kind == "location":
        return {"location": content}
    if kind == "contact":
        cards = [card for card in content["contacts"] if isinstance(card, dict)]
        return {"contacts": [views.contact_view(card) for card in cards]}
    if kind in _TAPS:
        return {"text": content["title"], "detail": content.get("description") or ""}
    if kind == "order":
        return {"note": f"ordered {len(content['items'])} article(s)"}
    return {"note": _NOTES.get(kind, kind)}
