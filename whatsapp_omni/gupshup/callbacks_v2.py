# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Callbacks of GupShup's own shape, version 2.

See docs.gupshup.io/docs/inbound-messages, types-of-payload and user-event, and
partner-docs.gupshup.io/docs/message-events.
"""

from datetime import datetime

from . import contents
from .reading import (
    digest,
    event_key,
    first,
    identifier,
    integer,
    items,
    looks_like_user_id,
    mapping,
    moment,
    phone,
    storable,
    text,
)
from .values import (
    AccountUpdate,
    Answer,
    AppRef,
    Event,
    Failure,
    Message,
    OnboardingUpdate,
    PlatformCheck,
    PreferenceUpdate,
    Receipt,
    Sender,
    TemplateUpdate,
    Unsupported,
    UserEvent,
    ValidationPing,
    WelcomeRequest,
)

PING_PHONE = "callbacksetphone"

RECEIPT_STATUSES = {
    "enqueued": "submitted",
    "sent": "sent",
    "delivered": "delivered",
    "read": "read",
    "failed": "failed",
    "deleted": "deleted",
    "mismatch": "mismatch",
}


def parse(data: dict, arrived: datetime | None) -> Event:
    """The value of a body that holds one event; see :func:`.callbacks.parse`."""
    type_name = text(data.get("type"))
    envelope = {
        "app": AppRef(
            name=identifier(data.get("app")),
            app_id=identifier(data.get("appId")),
            phone=phone(data.get("phone")),
        ),
        "event_time": moment(data.get("timestamp")) or arrived,
    }
    payload = data.get("payload")
    if type(payload) is not dict:
        return contents.unknown(envelope, data, type_name, "the event has no payload")
    read = _EVENTS.get(type_name)
    if read is None:
        return contents.unknown(envelope, data, type_name, "unknown type of event")
    return read(data, payload, envelope)


def _keyed(envelope: dict, data: dict, prefix: str) -> dict:
    """The common members of an event that has no id of its own."""
    return {**envelope, "dedupe_key": f"{prefix}:{digest(data)}"}


# Messages


def _message(data: dict, payload: dict, envelope: dict) -> Event:
    type_name = text(payload.get("type"))
    inner = mapping(payload.get("payload"))
    if type_name == "system" and "changed_number" in first(inner, "type"):
        return _number_changed(data, payload, envelope)
    sender = _sender(payload)
    if not sender.key:
        return contents.unknown(
            envelope, data, type_name, "the message has no sender: no phone, no user id"
        )
    kind, content = _content(type_name, inner, payload)
    message_id = identifier(payload.get("id")) or ""
    return Message(
        **envelope,
        dedupe_key=event_key("m", message_id)
        if message_id
        else f"message:{digest(data)}",
        id=message_id,
        sender=sender,
        kind=kind,
        time=envelope["event_time"],
        time_is_exact=False,
        content=content,
        context=contents.read_context(payload.get("context")),
        referral=contents.read_referral(payload.get("referral")),
    )


def _order_event(data: dict, payload: dict, envelope: dict) -> Event:
    """An order, which one page of the documents shows as an event of its own."""
    message = {**payload, "type": "order"}
    if "context" in data and "context" not in message:
        message["context"] = data["context"]
    return _message(data, message, envelope)


def _sender(payload: dict) -> Sender:
    source = payload.get("source")
    sender = mapping(payload.get("sender"))
    user = identifier(sender.get("userId")) or identifier(payload.get("userId"))
    if user is None and type(source) is str and looks_like_user_id(source):
        user = identifier(source)
    return Sender(
        phone=phone(source) or phone(sender.get("phone")),
        user_id=user,
        name=text(sender.get("name")).strip(),
        username=text(sender.get("username")),
    )


def _content(type_name: str, inner: dict, payload: dict):
    kind, read = _CONTENTS.get(type_name, ("", None))
    content = read(inner, payload) if read else None
    if content is None:
        return "unsupported", _unsupported(type_name, inner)
    if type(content) is Answer:
        return "answer", content
    return kind, content


def _unsupported(type_name: str, inner: dict) -> Unsupported:
    errors = items(inner.get("errors"))
    code = errors[0].get("code") if errors else inner.get("code")
    specific = first(inner, "type") if type_name == "unsupported" else ""
    return Unsupported(
        type_name=specific or type_name or "unknown", reason_code=integer(code)
    )


def _text(inner: dict, _payload: dict):
    if inner.get("type") == "button":
        return _template_button(inner)
    return contents.read_text(inner.get("text"))


def _button(inner: dict, _payload: dict):
    # The outer type is `quick_reply` or `button_reply` for both kinds of buttons,
    # depending on the page of the documents: only the inner members tell.
    if "title" in inner and inner.get("type") != "button":
        return _session_answer(inner, "button")
    return _template_button(inner)


def _list_row(inner: dict, _payload: dict):
    return _session_answer(inner, "list")


def _template_button(inner: dict) -> Answer | None:
    title = first(inner, "text", "title")
    payload = first(inner, "postbackText", "payload") or title
    if not payload:
        return None
    return Answer(title=title, payload=payload, origin="template_button")


def _session_answer(inner: dict, origin: str) -> Answer | None:
    title = first(inner, "title")
    payload = first(inner, "postbackText") or title
    if not payload:
        return None
    return Answer(
        title=title,
        payload=payload,
        description=first(inner, "description"),
        message_ref=identifier(inner.get("id")),
        position=_position(title, first(inner, "reply")),
        origin=origin,
    )


def _position(title: str, reply: str) -> int | None:
    """The position in ``reply``, which is the title, a blank and the position."""
    rest = reply.removeprefix(title)
    found = integer(rest) if rest != reply or not title else None
    return found if found and found > 0 else None


def _media(inner: dict, _payload: dict):
    return contents.read_media(inner)


def _location(inner: dict, _payload: dict):
    return contents.read_location(inner)


def _contacts(inner: dict, _payload: dict):
    return contents.read_contacts(inner.get("contacts"))


def _reaction(inner: dict, _payload: dict):
    return contents.read_reaction(
        inner.get("id"), inner.get("gsId"), inner.get("emoji")
    )


def _order(inner: dict, payload: dict):
    catalog = mapping(mapping(payload.get("context")).get("catalog"))
    places = (
        mapping(catalog.get("order")),
        mapping(inner.get("order")),
        inner,
        payload,
    )
    return next(filter(None, map(contents.read_order, places)), None)


def _welcome(_inner: dict, _payload: dict):
    return WelcomeRequest()


def _flow_answer(inner: dict, _payload: dict):
    return contents.read_flow_answer(inner)


_CONTENTS = {
    "text": ("text", _text),
    "quick_reply": ("answer", _button),
    "button_reply": ("answer", _button),
    "button": ("answer", _button),
    "list_reply": ("answer", _list_row),
    "image": ("image", _media),
    "video": ("video", _media),
    "audio": ("audio", _media),
    "voice": ("audio", _media),
    "sticker": ("sticker", _media),
    "file": ("document", _media),
    "document": ("document", _media),
    "location": ("location", _location),
    "contact": ("contact", _contacts),
    "contacts": ("contact", _contacts),
    "reaction": ("reaction", _reaction),
    "order": ("order", _order),
    "request_welcome": ("welcome_request", _welcome),
    "nfm_reply": ("flow_answer", _flow_answer),
}


# Receipts


def _receipt(data: dict, payload: dict, envelope: dict) -> Event:
    type_name = text(payload.get("type"))
    status = RECEIPT_STATUSES.get(type_name, "other")
    inner = mapping(payload.get("payload"))
    gs_id, wa_id = contents.receipt_ids(
        status, identifier(payload.get("id")), identifier(payload.get("gsId"))
    )
    error = _failure(inner) if status == "failed" else None
    return Receipt(
        **envelope,
        dedupe_key=receipt_key(data, gs_id or wa_id, status, type_name, error),
        status=status,
        type_name=type_name,
        gs_id=gs_id,
        wa_id=identifier(inner.get("whatsappMessageId")) or wa_id,
        time=moment(inner.get("ts")) or envelope["event_time"],
        destination=phone(payload.get("destination")) or phone(inner.get("wa_id")),
        user_id=identifier(payload.get("userId")),
        error=error,
        pricing=contents.read_pricing(
            payload.get("conversation"), payload.get("pricing")
        ),
    )


def _failure(inner: dict) -> Failure:
    return Failure(code=integer(inner.get("code")), reason=first(inner, "reason"))


def receipt_key(
    data: dict,
    message_id: str | None,
    status: str,
    type_name: str,
    error: Failure | None,
) -> str:
    """The ``dedupe_key`` of a receipt: the same in both versions.

    :param message_id: GupShup's id or, where that is missing, WhatsApp's
    :param status: one of :data:`RECEIPT_STATUSES`' values or ``other``; then
        ``type_name``, the provider's word, tells receipts apart
    """
    if not message_id:
        return f"receipt:{digest(data)}"
    if status == "other":
        return event_key("r", message_id, status, type_name)
    if error and error.code is not None:
        return event_key("r", message_id, status, str(error.code))
    return event_key("r", message_id, status)


# Everything else


def _user_event(data: dict, payload: dict, envelope: dict) -> Event:
    type_name = first(payload, "type")
    named = first(payload, "phone")
    if named.lower() == PING_PHONE:
        return ValidationPing(**_keyed(envelope, data, "ping"), version=2)
    return UserEvent(
        **_keyed(envelope, data, "user"),
        type_name=type_name,
        phone=phone(named),
        user_id=identifier(payload.get("userId")),
    )


def _number_changed(data: dict, payload: dict, envelope: dict) -> Event:
    inner = mapping(payload.get("payload"))
    sender = _sender(payload)
    return UserEvent(
        **_keyed(envelope, data, "user"),
        type_name="number-changed",
        phone=sender.phone,
        user_id=sender.user_id,
        new_phone=phone(inner.get("wa_id")) or phone(inner.get("new_wa_id")),
    )


def _billing(data: dict, payload: dict, envelope: dict) -> Event:
    return contents.billing_event(
        _keyed(envelope, data, "billing"),
        mapping(payload.get("deductions")),
        mapping(payload.get("references")),
    )


_TEMPLATE_EVENTS = {
    "status-update": "status",
    "category-update": "category",
    "quality-update": "quality",
}


def _template(data: dict, payload: dict, envelope: dict) -> Event:
    return TemplateUpdate(
        **_keyed(envelope, data, "template"),
        event=_template_event(payload),
        template_id=first(payload, "id"),
        external_id=first(payload, "externalId"),
        name=first(payload, "elementName"),
        language=first(payload, "languageCode"),
        status=first(payload, "status").upper(),
        reason=first(payload, "rejectedReason", "reason"),
        description=first(payload, "description"),
        quality=first(payload, "quality").upper(),
        **_categories(payload.get("category")),
    )


def _template_event(payload: dict) -> str:
    """What changed; older events do not say, but have one of these members only."""
    told = first(payload, "type")
    if told:
        return _TEMPLATE_EVENTS.get(told, "other")
    found = (name for name in ("status", "category", "quality") if payload.get(name))
    return next(found, "other")


def _categories(category) -> dict[str, str]:
    """One of three shapes: a name, an announced change, or a change done."""
    if type(category) is not dict:
        return {"category": text(category).upper()}
    return {
        "category": first(category, "new", "current").upper(),
        "old_category": first(category, "old").upper(),
        "correct_category": first(category, "correct").upper(),
    }


def _account(data: dict, payload: dict, envelope: dict) -> Event:
    inner = mapping(payload.get("payload")) or payload
    return AccountUpdate(
        **_keyed(envelope, data, "account"),
        type_name=first(payload, "type"),
        status=first(inner, "status", "event"),
        reason=first(inner, "rejectedReason", "violation_type"),
        old_limit=first(inner, "oldLimit"),
        current_limit=first(inner, "currentLimit"),
        details=storable(inner),
    )


def _onboarding(data: dict, payload: dict, envelope: dict) -> Event:
    inner = mapping(payload.get("payload")) or payload
    return OnboardingUpdate(
        **_keyed(envelope, data, "onboarding"),
        type_name=first(payload, "type"),
        status=first(inner, "status"),
        details=storable(inner),
    )


def _preference(data: dict, payload: dict, envelope: dict) -> Event:
    inner = mapping(payload.get("payload"))
    entries = inner.get("user_preferences", payload.get("user_preferences"))
    return PreferenceUpdate(
        **_keyed(envelope, data, "preference"),
        preferences=contents.read_preferences(entries),
    )


def _platform(data: dict, payload: dict, envelope: dict) -> Event:
    return PlatformCheck(
        **_keyed(envelope, data, "platform"),
        type_name=first(payload, "type"),
        initiator=first(payload, "initiator"),
    )


_EVENTS = {
    "message": _message,
    "message-event": _receipt,
    "user-event": _user_event,
    "billing-event": _billing,
    "template-event": _template,
    "account-event": _account,
    "onboarding-event": _onboarding,
    "preference-event": _preference,
    "platform-event": _platform,
    "order": _order_event,
}
