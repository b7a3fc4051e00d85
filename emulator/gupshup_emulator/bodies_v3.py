# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Callback bodies of version 3, Meta's shape with GupShup's additions."""

from typing import Any

from .bodies_v2 import failure_code
from .events import Inbound, Receipt
from .state import App

_KINDS = {"file": "document", "contact": "contacts", "template_button": "button"}
_INTERACTIVE = ("button_reply", "quick_reply", "list_reply", "flow")


def envelope(app: App, field: str, value: dict[str, Any]) -> dict[str, Any]:
    """Return the frame around every event."""
    change = {"field": field, "value": value}
    return {
        "object": "whatsapp_business_account",
        "gs_app_id": app.app_id,
        "entry": [{"id": app.waba_id, "changes": [change]}],
    }


def ping(app: App) -> dict[str, Any]:
    """Return the event with which a subscription's address is tried."""
    return envelope(app, "messages", {"statuses": [{"type": "set-callback"}]})


def _messages(app: App, value: dict[str, Any]) -> dict[str, Any]:
    metadata = {
        "display_phone_number": app.number,
        "phone_number_id": app.phone_number_id,
    }
    frame = {"messaging_product": "whatsapp", "metadata": metadata}
    return envelope(app, "messages", frame | value)


# Messages of customers


def message(inbound: Inbound) -> dict[str, Any]:
    """Return a `messages` change with one message."""
    phone = inbound.phone
    blank = inbound.variant.get("blank_phone")
    address = "" if blank else phone.address
    contact: dict[str, Any] = {"profile": {"name": inbound.name}}
    item: dict[str, Any] = {}
    if address or blank:
        contact["wa_id"] = address
        item["from"] = address
    if phone.user_id and not inbound.variant.get("omit_user_id"):
        contact["user_id"] = phone.user_id
        item["from_user_id"] = phone.user_id
    item |= {"id": inbound.id, "timestamp": str(inbound.timestamp_ms // 1000)}
    item |= _content(inbound)
    context = _context(inbound)
    if context is not None:
        item["context"] = context
    if inbound.referral:
        item["referral"] = inbound.referral
    item |= inbound.variant.get("extra") or {}
    return _messages(inbound.app, {"contacts": [contact], "messages": [item]})


def _content(inbound: Inbound) -> dict[str, Any]:
    kind, content = inbound.kind, inbound.content
    if kind == "raw":
        return dict(content["payload"])
    if kind in ("image", "video", "audio", "sticker", "file"):
        return _media(kind, content)
    if kind in _INTERACTIVE:
        return _interactive(kind, content)
    make = _CONTENT.get(kind)
    name = inbound.variant.get("outer") or _KINDS.get(kind, kind)
    return {"type": name} | (make(content) if make else {})


def _media(kind: str, content: dict[str, Any]) -> dict[str, Any]:
    name = _KINDS.get(kind, kind)
    media = {
        "id": content["media_id"],
        "mime_type": content["mime_type"],
        "sha256": content["sha256"],
        "url": content["url"],
    }
    if content.get("caption"):
        media["caption"] = content["caption"]
    if content.get("file_name"):
        media["filename"] = content["file_name"]
    if kind == "audio" and "opus" in content["mime_type"]:
        media["voice"] = True
    return {"type": name, name: media}


def _interactive(kind: str, content: dict[str, Any]) -> dict[str, Any]:
    if kind == "flow":
        reply = {
            "name": "flow",
            "body": content["body"],
            "response_json": content["response_json"],
        }
        return _interactive_frame("nfm_reply", reply)
    reply = {
        "id": content.get("postback") or content.get("id") or content["title"],
        "title": content["title"],
    }
    if kind == "list_reply":
        if content.get("description"):
            reply["description"] = content["description"]
        return _interactive_frame("list_reply", reply)
    return _interactive_frame("button_reply", reply)


def _interactive_frame(name: str, reply: dict[str, Any]) -> dict[str, Any]:
    return {"type": "interactive", "interactive": {"type": name, name: reply}}


def _text(content: dict[str, Any]) -> dict[str, Any]:
    return {"text": {"body": content["text"]}}


def _location(content: dict[str, Any]) -> dict[str, Any]:
    location = {
        "latitude": float(content["latitude"]),
        "longitude": float(content["longitude"]),
    }
    named = {key: content[key] for key in ("name", "address") if content[key]}
    return {"location": location | named}


def _contact(content: dict[str, Any]) -> dict[str, Any]:
    return {"contacts": content["contacts"]}


def _reaction(content: dict[str, Any]) -> dict[str, Any]:
    reaction = {"message_id": content["wa_id"]}
    if content["gs_id"]:
        reaction["gs_id"] = content["gs_id"]
    if content["emoji"]:
        reaction["emoji"] = content["emoji"]
    return {"reaction": reaction}


def _template_button(content: dict[str, Any]) -> dict[str, Any]:
    payload = content.get("postback") or content["title"]
    return {"button": {"text": content["title"], "payload": payload}}


def _unsupported(content: dict[str, Any]) -> dict[str, Any]:
    item: dict[str, Any] = {
        "errors": [{"code": content["code"], "title": "Message type is not supported"}]
    }
    if content.get("subtype"):
        item["unsupported"] = {"type": content["subtype"]}
    return item


def _order(content: dict[str, Any]) -> dict[str, Any]:
    rows = [
        {
            "product_retailer_id": row["id"],
            "quantity": row["quantity"],
            "item_price": row["amount"],
            "currency": row["currency"],
        }
        for row in content["items"]
    ]
    order = {"catalog_id": "100000000000009", "text": content["text"]}
    return {"order": order | {"product_items": rows}}


_CONTENT = {
    "text": _text,
    "location": _location,
    "contact": _contact,
    "reaction": _reaction,
    "template_button": _template_button,
    "unsupported": _unsupported,
    "order": _order,
}


def _context(inbound: Inbound) -> dict[str, Any] | None:
    context = inbound.context
    form = inbound.variant.get("context", "full")
    if context is None or form == "none":
        return None
    if "raw" in context:
        return context["raw"]
    result: dict[str, Any] = {}
    if context.get("forwarded"):
        result["forwarded"] = True
    if context.get("frequently_forwarded"):
        result["frequently_forwarded"] = True
    if form == "forwarded_only" or not context.get("wa_id"):
        return result
    ours = bool(context.get("gs_id"))
    result["from"] = inbound.app.number if ours else inbound.phone.address
    result["id"] = context["wa_id"]
    if ours and form != "no_gsid":
        result["gs_id"] = context["gs_id"]
    if context.get("meta_id"):
        result["meta_msg_id"] = context["meta_id"]
    return result


# Receipts


def receipt(item: Receipt) -> dict[str, Any]:
    """Return a `messages` change with one status."""
    enqueued = item.status == "enqueued"
    status: dict[str, Any] = {
        "gs_id": item.gs_id,
        "id": item.wa_id,
        "meta_msg_id": item.meta_id,
        "recipient_id": item.destination,
        "status": item.status,
        # GupShup's own status differs from Meta's: a number, and in milliseconds.
        "timestamp": item.timestamp_ms if enqueued else str(item.timestamp_ms // 1000),
    }
    if item.form.get("omit_gs_id"):
        del status["gs_id"]
    if item.status == "failed" and item.sync:
        del status["meta_msg_id"]
        status["id"] = item.gs_id
    if item.phone.user_id:
        status["recipient_user_id"] = item.phone.user_id
    if item.status == "failed":
        error = {"code": failure_code(item), "title": item.reason}
        if item.form.get("omit_code"):
            del error["code"]
        status["errors"] = [error]
    elif item.status in ("sent", "delivered"):
        status |= _pricing(item)
    return _messages(item.app, {"statuses": [status]})


def _pricing(item: Receipt) -> dict[str, Any]:
    free = item.category == "service"
    return {
        "conversation": {
            "id": item.conversation_id,
            "origin": {"type": item.category},
        },
        "pricing": {
            "billable": not free,
            "category": item.category,
            "pricing_model": "PMP",
            "type": "free_customer_service" if free else "regular",
        },
    }


def billing(item: Receipt) -> dict[str, Any]:
    """Return the `billing-event` change of a delivered message."""
    billing_value = {
        "deductions": {
            "type": "regular",
            "model": "PMP",
            "source": "whatsapp",
            "billable": item.category != "service",
            "category": item.category,
        },
        "references": {
            "id": item.wa_id,
            "gs_id": item.gs_id,
            "destination": item.destination,
        },
    }
    return envelope(item.app, "billing-event", {"billing": billing_value})


# Everything else


def _template_names(template: dict[str, Any]) -> dict[str, Any]:
    return {
        "gs_template_id": template["id"],
        "message_template_id": template["externalId"],
        "message_template_name": template["elementName"],
        "message_template_language": template["languageCode"],
    }


def template_status(
    app: App, template: dict[str, Any], event: str, reason: str | None
) -> dict[str, Any]:
    """Return a `message_template_status_update` change."""
    value = {
        "event": event.upper(),
        **_template_names(template),
        "reason": reason or "NONE",
    }
    return envelope(app, "message_template_status_update", value)


def template_category(
    app: App, template: dict[str, Any], old: str, new: str
) -> dict[str, Any]:
    """Return a `template_category_update` change."""
    value = {
        **_template_names(template),
        "previous_category": old,
        "new_category": new,
    }
    return envelope(app, "template_category_update", value)


def template_quality(
    app: App, template: dict[str, Any], old: str, new: str
) -> dict[str, Any]:
    """Return a `message_template_quality_update` change."""
    value = {
        **_template_names(template),
        "previous_quality_score": old,
        "new_quality_score": new,
    }
    return envelope(app, "message_template_quality_update", value)


def account_event(app: App, kind: str, fields: dict[str, Any]) -> dict[str, Any]:
    """Return an `account_update` change."""
    return envelope(app, "account_update", {"event": kind} | fields)


def preference_event(
    app: App, address: str, value: str, timestamp_ms: int
) -> dict[str, Any]:
    """Return a `user_preferences` change."""
    preference = {
        "wa_id": address,
        "detail": f"User requested to {value} marketing messages",
        "category": "marketing_messages",
        "value": value,
        "timestamp": str(timestamp_ms // 1000),
    }
    return envelope(app, "user_preferences", {"user_preferences": [preference]})


def platform_check(app: App) -> dict[str, Any]:
    """Return the `platform-event` that GupShup sends now and then."""
    value = {"type": "connectivity-check", "initiator": "gupshup"}
    return envelope(app, "platform-event", value)
