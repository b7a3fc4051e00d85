# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Callbacks of Meta's shape, version 3.

See partner-docs.gupshup.io/docs/v3-message-events and v3-system-events, and Meta's
webhooks/reference/messages.

One request may carry several events; :func:`split` makes one body of each, and
:func:`parse` reads such a body.
"""

from datetime import datetime

from . import contents
from .callbacks_v2 import RECEIPT_STATUSES, receipt_key
from .reading import (
    digest,
    event_key,
    first,
    identifier,
    integer,
    items,
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
    CoexistenceSync,
    Echo,
    Event,
    Failure,
    Message,
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

#: Lists in a change's value that hold one event per item.
_EVENT_LISTS = ("messages", "statuses", "message_echoes")
#: Fields of what a phone's own app brings along. It may come in lists like those above
#: and is not what happens now.
_COEXISTENCE = ("history", "smb_app_state_sync")
_METADATA = ("display_phone_number", "phone_number_id")
# A member of the envelope longer than this is repeated in none of the parts.
_SMALL = 256


# One body per event


def split(data: dict) -> list[dict]:
    """One body per event, in the order of the original; a single one stays itself."""
    changes = [
        (entry, change)
        for entry in items(data.get("entry"))
        for change in items(entry.get("changes"))
    ]
    if len(changes) == 1:
        _entry, change = changes[0]
        if _event_count(mapping(change.get("value"))) <= 1:
            return [data]
    parts = [
        _part(data, entry, change, value)
        for entry, change in changes
        for value in _split_value(mapping(change.get("value")))
    ]
    return parts or [data]


def _event_count(value: dict) -> int:
    return sum(len(_event_list(value, name)) for name in _EVENT_LISTS)


def _event_list(value: dict, name: str) -> list:
    found = value.get(name)
    return found if type(found) is list else []


def _split_value(value: dict) -> list[dict]:
    if _event_count(value) <= 1:
        return [value]
    contacts = _contacts_by_id(value)
    parts = []
    for name in _EVENT_LISTS:
        for event in _event_list(value, name):
            part = _frame(value)
            contact = _contact_of(mapping(event), contacts)
            if contact:
                part["contacts"] = [contact]
            part[name] = [event]
            parts.append(part)
    return parts


def _frame(value: dict) -> dict:
    frame = {}
    if _is_small(value.get("messaging_product")):
        frame["messaging_product"] = value["messaging_product"]
    metadata = mapping(value.get("metadata"))
    frame["metadata"] = {
        name: metadata[name] for name in _METADATA if _is_small(metadata.get(name))
    }
    return frame


def _part(data: dict, entry: dict, change: dict, value: dict) -> dict:
    envelope = {name: data[name] for name in data if _is_small(data[name])}
    frame = {name: entry[name] for name in entry if _is_small(entry[name])}
    frame["changes"] = [{"field": change.get("field"), "value": value}]
    return {**envelope, "entry": [frame]}


def _is_small(member) -> bool:
    if type(member) is str:
        return len(member) <= _SMALL
    return type(member) in (int, float, bool)


def _contacts_by_id(value: dict) -> dict[str, dict]:
    found = {}
    for contact in items(value.get("contacts")):
        for name in ("wa_id", "user_id"):
            known = identifier(contact.get(name))
            if known:
                found.setdefault(known, contact)
    return found


def _contact_of(event: dict, contacts: dict[str, dict]) -> dict | None:
    names = ("from", "from_user_id", "recipient_id", "recipient_user_id")
    found = (contacts.get(identifier(event.get(name)) or "") for name in names)
    return next(filter(None, found), None)


# One event


def parse(data: dict, arrived: datetime | None) -> Event:
    """The value of a body of :func:`split`; see :func:`.callbacks.parse`."""
    entries = items(data.get("entry"))
    changes = items(entries[0].get("changes")) if len(entries) == 1 else []
    if len(changes) != 1:
        envelope = {"app": _app(data, {}), "event_time": arrived}
        reason = "not exactly one change in the body"
        return contents.unknown(envelope, data, first(data, "object"), reason)
    value = mapping(changes[0].get("value"))
    envelope = {
        "app": _app(data, value),
        "event_time": moment(entries[0].get("time"))
        or moment(data.get("timestamp"))
        or arrived,
    }
    field = text(changes[0].get("field"))
    if field in _COEXISTENCE:
        return CoexistenceSync(**_keyed(envelope, data, "coexistence"), type_name=field)
    if field == "messages" or _event_count(value):
        return _messages_field(data, field, value, envelope)
    read = _FIELDS.get(field)
    if read is None:
        return contents.unknown(envelope, data, field, "unknown field of a change")
    return read(data, field, value, envelope)


def _app(data: dict, value: dict) -> AppRef:
    metadata = mapping(value.get("metadata"))
    return AppRef(
        name=identifier(data.get("gs_app_name")) or identifier(data.get("app")),
        app_id=identifier(data.get("gs_app_id")),
        phone=phone(metadata.get("display_phone_number")),
    )


def _keyed(envelope: dict, data: dict, prefix: str) -> dict:
    return {**envelope, "dedupe_key": f"{prefix}:{digest(data)}"}


def _messages_field(data: dict, field: str, value: dict, envelope: dict) -> Event:
    if _event_count(value) > 1:
        reason = "several events in one body"
        return contents.unknown(envelope, data, field, reason)
    for name in _EVENT_LISTS:
        found = items(value.get(name))
        if found:
            return _LISTS[name](data, found[0], value, envelope)
    return contents.unknown(envelope, data, field, "no message, no status")


# Messages


def _message(data: dict, source: dict, value: dict, envelope: dict) -> Event:
    type_name = text(source.get("type"))
    sender = _sender(source, value)
    sent = moment(source.get("timestamp"))
    envelope = {**envelope, "event_time": envelope["event_time"] or sent}
    if type_name == "system" and "changed_number" in first(
        mapping(source.get("system")), "type"
    ):
        return _number_changed(data, source, sender, envelope)
    if not sender.key:
        return contents.unknown(
            envelope, data, type_name, "the message has no sender: no phone, no user id"
        )
    kind, content = _content(type_name, source)
    message_id = identifier(source.get("id")) or ""
    return Message(
        **envelope,
        dedupe_key=event_key("m", message_id)
        if message_id
        else f"message:{digest(data)}",
        id=message_id,
        sender=sender,
        kind=kind,
        time=sent or envelope["event_time"],
        time_is_exact=sent is not None,
        content=content,
        context=contents.read_context(source.get("context")),
        referral=contents.read_referral(source.get("referral")),
    )


def _sender(source: dict, value: dict) -> Sender:
    contacts = items(value.get("contacts"))
    contact = _contact_of(source, _contacts_by_id(value))
    if contact is None:
        contact = contacts[0] if len(contacts) == 1 else {}
    profile = mapping(contact.get("profile"))
    return Sender(
        phone=phone(source.get("from")) or phone(contact.get("wa_id")),
        user_id=identifier(source.get("from_user_id"))
        or identifier(contact.get("user_id")),
        name=text(profile.get("name")).strip(),
        username=first(profile, "username") or first(contact, "username"),
    )


def _number_changed(data: dict, source: dict, sender: Sender, envelope: dict) -> Event:
    system = mapping(source.get("system"))
    return UserEvent(
        **_keyed(envelope, data, "user"),
        type_name="number-changed",
        phone=sender.phone,
        user_id=sender.user_id,
        new_phone=phone(system.get("wa_id")) or phone(system.get("new_wa_id")),
    )


def _content(type_name: str, source: dict):
    kind, read = _CONTENTS.get(type_name, ("", None))
    content = read(source) if read else None
    if content is None:
        return "unsupported", _unsupported(type_name, source)
    if type_name == "interactive":
        return ("answer" if type(content) is Answer else "flow_answer"), content
    return kind, content


def _unsupported(type_name: str, source: dict) -> Unsupported:
    errors = items(source.get("errors"))
    specific = first(mapping(source.get("unsupported")), "type")
    return Unsupported(
        type_name=specific or type_name or "unknown",
        reason_code=integer(errors[0].get("code")) if errors else None,
    )


def _media_reader(name: str):
    def read(source: dict):
        return contents.read_media(mapping(source.get(name)))

    return read


def _text(source: dict):
    return contents.read_text(mapping(source.get("text")).get("body"))


def _location(source: dict):
    return contents.read_location(mapping(source.get("location")))


def _contacts(source: dict):
    return contents.read_contacts(source.get("contacts"))


def _reaction(source: dict):
    reaction = mapping(source.get("reaction"))
    wa_id = reaction.get("message_id") or reaction.get("id")
    gs_id = reaction.get("gs_id") or reaction.get("gsId")
    return contents.read_reaction(wa_id, gs_id, reaction.get("emoji"))


def _button(source: dict) -> Answer | None:
    button = mapping(source.get("button"))
    title = first(button, "text")
    payload = first(button, "payload") or title
    if not payload:
        return None
    return Answer(title=title, payload=payload, origin="template_button")


def _interactive(source: dict):
    interactive = mapping(source.get("interactive"))
    flow = mapping(interactive.get("nfm_reply"))
    if flow:
        return contents.read_flow_answer(flow)
    row = mapping(interactive.get("list_reply"))
    if row:
        return _session_answer(row, "list")
    return _session_answer(mapping(interactive.get("button_reply")), "button")


def _session_answer(reply: dict, origin: str) -> Answer | None:
    title = first(reply, "title")
    payload = first(reply, "postbackText", "id") or title
    if not payload:
        return None
    return Answer(
        title=title,
        payload=payload,
        description=first(reply, "description"),
        origin=origin,
    )


def _order(source: dict):
    return contents.read_order(mapping(source.get("order")))


def _welcome(_source: dict):
    return WelcomeRequest()


_CONTENTS = {
    "text": ("text", _text),
    "image": ("image", _media_reader("image")),
    "video": ("video", _media_reader("video")),
    "audio": ("audio", _media_reader("audio")),
    "voice": ("audio", _media_reader("voice")),
    "sticker": ("sticker", _media_reader("sticker")),
    "document": ("document", _media_reader("document")),
    "file": ("document", _media_reader("file")),
    "location": ("location", _location),
    "contacts": ("contact", _contacts),
    "reaction": ("reaction", _reaction),
    "button": ("answer", _button),
    "interactive": ("answer", _interactive),
    "order": ("order", _order),
    "request_welcome": ("welcome_request", _welcome),
}


def _echo(data: dict, source: dict, _value: dict, envelope: dict) -> Event:
    kind, content = _content(text(source.get("type")), source)
    sent = moment(source.get("timestamp"))
    message_id = identifier(source.get("id")) or ""
    envelope = {**envelope, "event_time": envelope["event_time"] or sent}
    return Echo(
        **envelope,
        dedupe_key=event_key("echo", message_id or digest(data)),
        id=message_id,
        destination=phone(source.get("to")),
        user_id=identifier(source.get("to_user_id")),
        kind=kind,
        time=sent or envelope["event_time"],
        content=content,
        context=contents.read_context(source.get("context")),
    )


# Receipts


def _receipt(data: dict, source: dict, _value: dict, envelope: dict) -> Event:
    if source.get("type") == "set-callback":
        return ValidationPing(**_keyed(envelope, data, "ping"), version=3)
    type_name = text(source.get("status"))
    status = RECEIPT_STATUSES.get(type_name, "other")
    gs_id, wa_id = contents.receipt_ids(
        status, identifier(source.get("id")), identifier(source.get("gs_id"))
    )
    happened = moment(source.get("timestamp"))
    envelope = {**envelope, "event_time": envelope["event_time"] or happened}
    error = _failure(source) if status == "failed" else None
    wamid = identifier(source.get("meta_msg_id"))
    return Receipt(
        **envelope,
        dedupe_key=receipt_key(data, gs_id or wa_id, status, type_name, error),
        status=status,
        type_name=type_name,
        gs_id=gs_id,
        wa_id=wa_id or wamid,
        wamid=wamid,
        time=happened or envelope["event_time"],
        destination=phone(source.get("recipient_id")),
        user_id=identifier(source.get("recipient_user_id")),
        error=error,
        pricing=contents.read_pricing(
            source.get("conversation"), source.get("pricing")
        ),
    )


def _failure(source: dict) -> Failure:
    """The first of ``errors``, or the older form with the members on the status."""
    errors = items(source.get("errors"))
    error = errors[0] if errors else source
    details = mapping(error.get("error_data"))
    return Failure(
        code=integer(error.get("code")),
        reason=first(details, "details") or first(error, "reason", "title", "message"),
    )


_LISTS = {"messages": _message, "statuses": _receipt, "message_echoes": _echo}


# Other fields


def _billing(data: dict, _field: str, value: dict, envelope: dict) -> Event:
    places = ("billing", "billing-event", "payload")
    source = next((value[name] for name in places if mapping(value.get(name))), value)
    return contents.billing_event(
        _keyed(envelope, data, "billing"),
        mapping(source.get("deductions")),
        mapping(source.get("references")),
    )


_TEMPLATE_FIELDS = {
    "message_template_status_update": "status",
    "message_template_quality_update": "quality",
    "template_category_update": "category",
}


def _template(data: dict, field: str, value: dict, envelope: dict) -> Event:
    return TemplateUpdate(
        **_keyed(envelope, data, "template"),
        event=_TEMPLATE_FIELDS[field],
        template_id=first(value, "gs_template_id"),
        external_id=first(value, "message_template_id"),
        name=first(value, "message_template_name"),
        language=first(value, "message_template_language"),
        status=first(value, "event").upper(),
        reason=first(value, "reason"),
        description=first(mapping(value.get("other_info")), "description", "title"),
        category=first(value, "new_category").upper(),
        old_category=first(value, "previous_category").upper(),
        correct_category=first(value, "correct_category").upper(),
        quality=first(value, "new_quality_score").upper(),
    )


def _account(data: dict, field: str, value: dict, envelope: dict) -> Event:
    return AccountUpdate(
        **_keyed(envelope, data, "account"),
        type_name=field,
        status=first(value, "event", "decision", "status"),
        reason=first(value, "rejection_reason", "reason"),
        old_limit=first(value, "old_limit"),
        current_limit=first(value, "current_limit"),
        details=storable(value),
    )


def _preference(data: dict, _field: str, value: dict, envelope: dict) -> Event:
    return PreferenceUpdate(
        **_keyed(envelope, data, "preference"),
        preferences=contents.read_preferences(value.get("user_preferences")),
    )


def _platform(data: dict, _field: str, value: dict, envelope: dict) -> Event:
    return PlatformCheck(
        **_keyed(envelope, data, "platform"),
        type_name=first(value, "type"),
        initiator=first(value, "initiator"),
    )


_FIELDS = {
    "billing-event": _billing,
    "message_template_status_update": _template,
    "message_template_quality_update": _template,
    "template_category_update": _template,
    "account_update": _account,
    "account_alerts": _account,
    "account_review_update": _account,
    "phone_number_name_update": _account,
    "phone_number_quality_update": _account,
    "business_capability_update": _account,
    "user_preferences": _preference,
    "platform-event": _platform,
}
