# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Callback bodies of version 2, GupShup's own shape."""

from typing import Any

from .events import Inbound, Receipt
from .ids import split_number
from .state import App

# Kinds whose outer type differs from their own name.
_OUTER = {
    "template_button": "quick_reply",
    "location_reply": "location",
    "flow": "flow_reply",
}


def envelope(
    app: App, kind: str, payload: Any, timestamp_ms: int, **extra: Any
) -> dict[str, Any]:
    """Return the frame around every event; `timestamp_ms` is GupShup's time."""
    return {
        "app": app.name,
        "timestamp": timestamp_ms,
        "version": 2,
        "type": kind,
        **extra,
        "payload": payload,
    }


def ping(app: App, timestamp_ms: int) -> dict[str, Any]:
    """Return the event with which a subscription's address is tried."""
    payload = {"phone": "callbackSetPhone", "type": "sandbox-start"}
    return envelope(app, "user-event", payload, timestamp_ms)


# Messages of customers


def message(inbound: Inbound) -> dict[str, Any]:
    """Return a `message` event (or the top-level `order`)."""
    variant = inbound.variant
    outer = variant.get("outer") or _OUTER.get(inbound.kind, inbound.kind)
    sender, source = _sender(inbound)
    payload: dict[str, Any] = {"id": inbound.id, "source": source, "type": outer}
    inner = _inner(inbound)
    if inner is not None:
        payload["payload"] = inner
    payload["sender"] = sender
    context = _context(inbound.context, variant.get("context", "full"))
    if context is not None:
        payload["context"] = context
    if inbound.referral:
        payload["referral"] = inbound.referral
    envelope_type = "message"
    if inbound.kind == "raw":
        payload = payload | inbound.content["payload"]
    if inbound.kind == "order" and variant.get("top_level", True):
        envelope_type = "order"
        payload.setdefault("context", {})
        payload["context"]["catalog"] = {"order": {"items": inbound.content["items"]}}
    _deep_update(payload, variant.get("extra") or {})
    return envelope(inbound.app, envelope_type, payload, inbound.timestamp_ms)


def _sender(inbound: Inbound) -> tuple[dict[str, Any], str | None]:
    phone = inbound.phone
    variant = inbound.variant
    address = "" if variant.get("blank_phone") else phone.address
    sender: dict[str, Any] = {"phone": address, "name": inbound.name}
    if address:
        country, national = split_number(address)
        sender |= {"country_code": country, "dial_code": national}
    if phone.user_id and not variant.get("omit_user_id"):
        sender["userId"] = phone.user_id
    source: str | None = address
    if not address and variant.get("bsuid_form") == "omit":
        del sender["phone"]
        source = None
    elif not address and variant.get("bsuid_form") == "source":
        source = phone.user_id
    if variant.get("omit_name"):
        del sender["name"]
    return sender, source


def _inner(inbound: Inbound) -> dict[str, Any] | None:
    make = _INNER.get(inbound.kind)
    return make(inbound.content, inbound.variant) if make else {}


def _text(content: dict[str, Any], variant: dict[str, Any]) -> dict[str, Any]:
    return {"text": content["text"]}


def _media(content: dict[str, Any], variant: dict[str, Any]) -> dict[str, Any]:
    type_key = variant.get("content_type_key", "contentType")
    inner = {
        "url": content["url"],
        type_key: content["mime_type"],
        "urlExpiry": content["expiry_ms"],
    }
    if content.get("file_name"):
        inner["name"] = content["file_name"]
    if content.get("caption") or variant.get("caption") == "empty":
        inner["caption"] = content.get("caption") or ""
    return inner


def _location(content: dict[str, Any], variant: dict[str, Any]) -> dict[str, Any]:
    inner = {"longitude": content["longitude"], "latitude": content["latitude"]}
    return inner | {key: content[key] for key in ("name", "address") if content[key]}


def _contact(content: dict[str, Any], variant: dict[str, Any]) -> dict[str, Any]:
    return {"contacts": content["contacts"]}


def _reaction(content: dict[str, Any], variant: dict[str, Any]) -> dict[str, Any]:
    inner = {"id": content["wa_id"], "gsId": content["gs_id"]}
    if not content["gs_id"]:
        del inner["gsId"]
    if content["emoji"] or variant.get("removal") != "missing":
        inner["emoji"] = content["emoji"]
    return inner


def _session_button(content: dict[str, Any], variant: dict[str, Any]) -> dict[str, Any]:
    inner = {"title": content["title"]}
    if content.get("id"):
        inner["id"] = content["id"]
    inner["reply"] = f"{content['title']} {content['position']}"
    if content.get("postback"):
        inner["postbackText"] = content["postback"]
    if content.get("description"):
        inner["description"] = content["description"]
    return inner


def _template_button(
    content: dict[str, Any], variant: dict[str, Any]
) -> dict[str, Any]:
    inner = {"text": content["title"], "type": "button"}
    if content.get("postback"):
        inner["postbackText"] = content["postback"]
    return inner


def _unsupported(content: dict[str, Any], variant: dict[str, Any]) -> dict[str, Any]:
    code = content["code"]
    inner: dict[str, Any] = {
        "errors": [{"code": code, "title": "Message type is not supported"}]
    }
    if content.get("subtype"):
        inner["unsupported"] = {"type": content["subtype"]}
    return inner


def _nothing(content: dict[str, Any], variant: dict[str, Any]) -> None:
    return None


def _order(content: dict[str, Any], variant: dict[str, Any]) -> dict[str, Any]:
    return {"items": content["items"], "text": content["text"]}


_INNER = {
    "text": _text,
    "image": _media,
    "video": _media,
    "audio": _media,
    "sticker": _media,
    "file": _media,
    "location": _location,
    "contact": _contact,
    "reaction": _reaction,
    "button_reply": _session_button,
    "quick_reply": _session_button,
    "list_reply": _session_button,
    "template_button": _template_button,
    "unsupported": _unsupported,
    "request_welcome": _nothing,
    "order": _order,
}


def _context(context: dict[str, Any] | None, form: str) -> dict[str, Any] | None:
    """Write a context in one of the forms seen in the wild."""
    if context is None or form == "none":
        return None
    if "raw" in context:
        return context["raw"]
    flags = {
        "forwarded": bool(context.get("forwarded")),
        "frequently_forwarded": bool(context.get("frequently_forwarded")),
    }
    wa_id, gs_id = context.get("wa_id") or "", context.get("gs_id")
    forms: dict[str, dict[str, Any]] = {
        "no_gsid": {"id": wa_id},
        "null_gsid": {"id": wa_id, "gsId": None},
        "empty": {"id": "", "gsId": ""},
        "forwarded_only": {},
        "gs_id_key": {"id": wa_id, "gs_id": gs_id},
    }
    full = {"id": wa_id, "gsId": gs_id} if gs_id else {"id": wa_id}
    if not wa_id and not gs_id:
        full = {}
    return forms.get(form, full) | flags


def _deep_update(target: dict[str, Any], changes: dict[str, Any]) -> None:
    for key, value in changes.items():
        if isinstance(value, dict) and isinstance(target.get(key), dict):
            _deep_update(target[key], value)
        else:
            target[key] = value


# Receipts


def receipt(item: Receipt) -> dict[str, Any]:
    """Return a `message-event`."""
    from_gupshup = item.status == "enqueued" or (item.status == "failed" and item.sync)
    payload: dict[str, Any] = {"id": item.gs_id if from_gupshup else item.wa_id}
    if not from_gupshup and not item.form.get("omit_gs_id"):
        payload["gsId"] = item.gs_id
    payload |= {
        "type": item.status,
        "destination": item.destination,
        "payload": _receipt_inner(item),
    }
    if item.status in ("sent", "delivered"):
        payload |= _pricing(item)
    if item.phone.user_id:
        payload["userId"] = item.phone.user_id
    return envelope(item.app, "message-event", payload, item.timestamp_ms)


def _receipt_inner(item: Receipt) -> dict[str, Any]:
    if item.status == "enqueued":
        kind = "session" if item.category == "service" else "template"
        return {"whatsappMessageId": item.wa_id, "type": kind}
    if item.status == "failed":
        inner = {"code": failure_code(item), "reason": item.reason}
        if item.form.get("omit_code"):
            del inner["code"]
        return inner
    seconds = item.timestamp_ms // 1000
    return {"ts": str(seconds) if item.form.get("ts_as_string") else seconds}


def failure_code(item: Receipt) -> int | str | None:
    """Return the code as a number, or as text when that was asked for."""
    return str(item.code) if item.form.get("code_as_string") else item.code


def _pricing(item: Receipt) -> dict[str, Any]:
    conversation = {"id": item.conversation_id, "type": item.category}
    if item.window_end:
        conversation["expiresAt"] = int(item.window_end)
    free = item.category == "service"
    return {
        "conversation": conversation,
        "pricing": {
            "policy": "PMP",
            "category": item.category,
            "type": "free_customer_service" if free else "regular",
        },
    }


def billing(item: Receipt) -> dict[str, Any]:
    """Return the `billing-event` of a delivered message; it has no `payload.type`."""
    billable: bool | str = item.category != "service"
    if item.form.get("billable_as_string"):
        billable = str(billable).lower()
    payload = {
        "deductions": {
            "type": "regular",
            "model": "PMP",
            "source": "whatsapp",
            "billable": billable,
            "category": item.category,
        },
        "references": {
            "id": item.wa_id,
            "gsId": item.gs_id,
            "conversationId": None,
            "destination": item.destination,
        },
    }
    return envelope(item.app, "billing-event", payload, item.timestamp_ms)


# Everything else


def template_event(
    app: App, payload: dict[str, Any], timestamp_ms: int
) -> dict[str, Any]:
    """Return a `template-event`; its payload is flat."""
    return envelope(app, "template-event", payload, timestamp_ms)


def account_event(
    app: App, kind: str, fields: dict[str, Any], timestamp_ms: int
) -> dict[str, Any]:
    """Return an `account-event`; its fields sit one level deeper."""
    payload = {"type": kind, "payload": fields}
    return envelope(app, "account-event", payload, timestamp_ms, phone=app.number)


def preference_event(
    app: App, address: str, value: str, timestamp_ms: int
) -> dict[str, Any]:
    """Return a `preference-event`: marketing stopped or resumed by the customer."""
    preference = {
        "wa_id": address,
        "detail": f"User requested to {value} marketing messages",
        "category": "marketing_messages",
        "value": value,
        "timestamp": timestamp_ms // 1000,
    }
    payload = {
        "type": "user_preferences",
        "payload": {"user_preferences": [preference]},
    }
    return envelope(app, "preference-event", payload, timestamp_ms)


def platform_check(app: App, timestamp_ms: int) -> dict[str, Any]:
    """Return the `platform-event` that GupShup sends now and then."""
    payload = {"type": "connectivity-check", "initiator": "gupshup"}
    return envelope(app, "platform-event", payload, timestamp_ms, appId=app.app_id)
