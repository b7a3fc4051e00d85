# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Approved templates: samples, creation, checks on sending, rendering, life cycle."""

import json
import re
from typing import Any

from .limits import Refusal, refusal
from .state import App, State, new_template_id

_VARIABLE = re.compile(r"\{\{\s*(\w+)\s*\}\}")
_BAD_PARAMETER = re.compile(r"[\n\t\r]| {5,}")
_NAME = re.compile(r"[a-z0-9_]{1,180}")
CATEGORIES = ("MARKETING", "UTILITY", "AUTHENTICATION")
TYPES = (
    "TEXT",
    "IMAGE",
    "VIDEO",
    "DOCUMENT",
    "LOCATION",
    "GIF",
    "CATALOG",
    "PRODUCT",
    "CAROUSEL",
    "LTO",
)
_MEDIA_TYPES = ("IMAGE", "VIDEO", "DOCUMENT", "LOCATION")
# Status in a template-event (lower case) -> status in the list.
EVENT_STATUSES = {
    "approved": "APPROVED",
    "rejected": "REJECTED",
    "deleted": "DELETED",
    "disabled": "DISABLED",
    "paused": "PAUSED",
    "in_appeal": "APPEALED",
    "pending": "PENDING",
}


class TemplateError(ValueError):
    """A template cannot be created; the text goes into the 400 answer."""


def build(state: State, app: App, now_ms: int, fields: dict[str, Any]) -> dict:
    """Return a new template from the fields of the create call.

    :raise TemplateError: a field is missing, wrong, or the template exists
    """
    name = fields.get("elementName") or ""
    language = fields.get("languageCode") or "en_US"
    category = (fields.get("category") or "").upper()
    kind = (fields.get("templateType") or "TEXT").upper()
    content = fields.get("content") or ""
    if not _NAME.fullmatch(name):
        raise TemplateError("Invalid elementName")
    if category not in CATEGORIES:
        raise TemplateError("Invalid category")
    if kind not in TYPES:
        raise TemplateError("Invalid templateType")
    if not content or len(content) > 1024:
        raise TemplateError("Invalid content")
    if any(_same(row, app, name, language) for row in state.templates.values()):
        raise TemplateError(
            "Template Already exists with same namespace and elementName and"
            " languageCode"
        )
    return _row(app, now_ms, name, language, category, kind, content, fields)


def check_samples(fields: dict[str, Any]) -> None:
    """Refuse to create what comes without the examples that the review needs.

    :raise TemplateError: an example is missing, or does not fit its text
    """
    for text, example in (("content", "example"), ("header", "exampleHeader")):
        value = fields.get(text) or ""
        if not _VARIABLE.search(value):
            continue
        if fields.get("enableSample") != "true" or not fields.get(example):
            raise TemplateError(f"Template {example} is required")
        literals = map(re.escape, _VARIABLE.split(value)[::2])
        if not re.fullmatch("(.+)".join(literals), fields[example], re.DOTALL):
            raise TemplateError(f"Template {example} does not match {text}")
    kind = (fields.get("templateType") or "TEXT").upper()
    if kind in ("IMAGE", "VIDEO", "DOCUMENT") and not fields.get("mediaId"):
        raise TemplateError("Template mediaId is required")


def _same(row: dict[str, Any], app: App, name: str, language: str) -> bool:
    found = row["appId"], row["elementName"], row["languageCode"]
    return found == (app.app_id, name, language)


def _row(
    app: App,
    now_ms: int,
    name: str,
    language: str,
    category: str,
    kind: str,
    content: str,
    fields: dict[str, Any],
) -> dict[str, Any]:
    buttons = _buttons(fields.get("buttons"))
    header, footer = fields.get("header") or "", fields.get("footer") or ""
    container = {
        "appId": app.app_id,
        "data": content,
        "header": header,
        "footer": footer,
        "buttons": buttons,
        "sampleText": fields.get("example") or content,
        "enableSample": True,
        "editTemplate": False,
        "allowTemplateCategoryChange": False,
        "addSecurityRecommendation": False,
    }
    for field, key in (
        ("mediaId", "mediaId"),
        ("mediaUrl", "mediaUrl"),
        ("exampleHeader", "sampleHeader"),
    ):
        if fields.get(field):
            container[key] = fields[field]
    labels = "".join(f" | [{button.get('text', '')}]" for button in buttons)
    shown = "\n".join(part for part in (header, content, footer) if part) + labels
    kinds = {button.get("type") for button in buttons}
    return {
        "id": new_template_id(),
        "externalId": str(782_300_000_000_000 + now_ms % 10**12),
        "appId": app.app_id,
        "wabaId": app.waba_id,
        "elementName": name,
        "languageCode": language,
        "languagePolicy": "deterministic",
        "category": category,
        "oldCategory": None,
        "internalCategory": 0,
        "templateType": kind,
        "internalType": 0,
        "status": "PENDING",
        "stage": "NONE",
        "state": "ACTIVE",
        "quality": "UNKNOWN",
        "reason": None,
        "parameterFormat": fields.get("parameterFormat") or "POSITIONAL",
        "vertical": fields.get("vertical") or name,
        "data": shown,
        "meta": json.dumps({"example": fields.get("example") or content}),
        "containerMeta": json.dumps(container, ensure_ascii=False),
        "buttonSupported": next(iter(sorted(filter(None, kinds))), None),
        "namespace": "b2f1c0de_0000_4000_8000_000000000001",
        "priority": 1,
        "retry": 0,
        "source": None,
        "createdOn": now_ms,
        "modifiedOn": now_ms,
    }


def _buttons(value: Any) -> list[dict[str, Any]]:
    if not value:
        return []
    try:
        rows = json.loads(value) if isinstance(value, str) else value
    except ValueError as error:
        raise TemplateError("Invalid buttons") from error
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise TemplateError("Invalid buttons")
    kinds = [row.get("type") for row in rows]
    if len(rows) > 10 or kinds.count("URL") > 2 or kinds.count("PHONE_NUMBER") > 1:
        raise TemplateError("Too many buttons")
    return rows


def container_of(template: dict[str, Any]) -> dict[str, Any]:
    """Return the parsed `containerMeta`."""
    return json.loads(template["containerMeta"])


# Sending


def slots(template: dict[str, Any]) -> list[tuple[str, str]]:
    """Return (part, variable) for every parameter, in the order they are given."""
    container = container_of(template)
    found: list[tuple[str, str]] = []
    for part in ("header", "data"):
        names = list(dict.fromkeys(_VARIABLE.findall(container.get(part) or "")))
        if all(name.isdigit() for name in names):
            names.sort(key=int)
        found += [(part, name) for name in names]
    for index, button in enumerate(container.get("buttons") or []):
        dynamic = _VARIABLE.search(button.get("url") or "")
        if dynamic or button.get("type") == "OTP":
            found.append((f"button{index}", "1"))
    return found


def check(
    template: dict[str, Any] | None, params: list[Any], header: dict[str, Any] | None
) -> Refusal | None:
    """Return why a template message would fail, or None."""
    if template is None:
        return refusal(132001)
    status = template["status"]
    if status != "APPROVED":
        return refusal({"PAUSED": 132015, "DISABLED": 132016}.get(status, 132001))
    if len(params) != len(slots(template)):
        return refusal(132000, f"{len(slots(template))} expected, {len(params)} given")
    for value in params:
        if not isinstance(value, str) or not value:
            return refusal(132012, "parameters must be texts and not empty")
        if _BAD_PARAMETER.search(value):
            return refusal(132018)
    return _check_header(template, header)


def _check_header(
    template: dict[str, Any], header: dict[str, Any] | None
) -> Refusal | None:
    kind = template["templateType"]
    if kind not in _MEDIA_TYPES:
        return None
    name = kind.lower()
    given = header or {}
    if str(given.get("type", "")).lower() != name or not given.get(name):
        return refusal(132012, f"the header needs a {name}")
    return None


def view(
    template: dict[str, Any],
    params: list[Any],
    header: dict[str, Any] | None,
    postbacks: dict[int, str],
) -> dict[str, Any]:
    """Return what the phone shows of a template message."""
    container = container_of(template)
    values: dict[str, dict[str, str]] = {}
    for (part, name), value in zip(slots(template), params, strict=False):
        values.setdefault(part, {})[name] = str(value)
    buttons = []
    for index, button in enumerate(container.get("buttons") or []):
        kind = button.get("type")
        filled = values.get(f"button{index}", {})
        buttons.append(
            {
                "title": button.get("text") or kind or "",
                "kind": "reply" if kind == "QUICK_REPLY" else str(kind).lower(),
                "url": _fill(button.get("url") or "", filled),
                "postback": postbacks.get(index),
            }
        )
    result = {
        "header": _fill(container.get("header") or "", values.get("header", {})),
        "text": _fill(container.get("data") or "", values.get("data", {})),
        "footer": container.get("footer") or "",
        "buttons": buttons,
    }
    if (header or {}).get("type") == "location":
        place = header.get("location") or {}
        names = ("latitude", "longitude", "name", "address")
        result["location"] = {key: str(place.get(key) or "") for key in names}
    return result


def _fill(text: str, values: dict[str, str]) -> str:
    return _VARIABLE.sub(lambda found: values.get(found[1], found[0]), text)


# Life cycle


def status_payload(template: dict[str, Any], change: dict[str, Any]) -> dict[str, Any]:
    """Apply a change of status, category or quality; return the event's payload.

    `change` has `status` (with `reason`, `description`), or `category` in one of the
    three shapes seen, or `quality`. `omit_type` leaves `type` out, as in old payloads.
    """
    payload: dict[str, Any] = {
        "type": "status-update",
        "id": template["id"],
        "elementName": template["elementName"],
        "languageCode": template["languageCode"],
    }
    if "category" in change:
        payload["type"] = "category-update"
        payload["category"] = change["category"]
        _apply_category(template, change["category"])
    elif "quality" in change:
        payload["type"] = "quality-update"
        payload["quality"] = change["quality"]
        template["quality"] = change["quality"].upper()
    else:
        payload |= _apply_status(template, change)
    if change.get("omit_type"):
        del payload["type"]
    return payload


def _apply_status(template: dict[str, Any], change: dict[str, Any]) -> dict[str, Any]:
    status = change["status"].lower()
    template["status"] = EVENT_STATUSES[status]
    template["reason"] = change.get("reason")
    template["state"] = "ACTIVE" if status == "approved" else "INACTIVE"
    fields = {"status": status}
    if status == "rejected":
        fields["rejectedReason"] = change.get("reason") or "TAG_CONTENT_MISMATCH"
        template["reason"] = fields["rejectedReason"]
    if change.get("description"):
        fields["description"] = change["description"]
    return fields


def _apply_category(template: dict[str, Any], category: Any) -> None:
    new = category
    if isinstance(category, dict):
        # {"current", "correct"} is only an announcement; {"old", "new"} is the change.
        new = category.get("new")
    if new:
        template["oldCategory"] = template["category"]
        template["category"] = new


_SAMPLES = (
    {
        "elementName": "visit_reminder",
        "languageCode": "es",
        "category": "UTILITY",
        "content": "Hola {{1}}, te esperamos el {{2}}.",
        "footer": "Demo",
        "example": "Hola Lucía, te esperamos el 13 oct.",
        "buttons": [
            {"type": "QUICK_REPLY", "text": "Confirmar"},
            {"type": "QUICK_REPLY", "text": "Cambiar"},
        ],
    },
    {
        "elementName": "visit_reminder",
        "languageCode": "en",
        "category": "UTILITY",
        "content": "Hello {{1}}, we expect you on {{2}}.",
        "footer": "Demo",
        "example": "Hello Ben, we expect you on 13 Oct.",
        "buttons": [
            {"type": "QUICK_REPLY", "text": "Confirm"},
            {"type": "QUICK_REPLY", "text": "Change"},
        ],
    },
    {
        "elementName": "order_ready",
        "languageCode": "en",
        "category": "UTILITY",
        "templateType": "IMAGE",
        "mediaUrl": "/samples/order_ready.png",
        "content": "Your order {{1}} is ready to be picked up.",
        "example": "Your order 4711 is ready to be picked up.",
        "buttons": [
            {
                "type": "URL",
                "text": "See order",
                "url": "https://example.com/orders/{{1}}",
                "example": ["https://example.com/orders/4711"],
            }
        ],
    },
    {
        "elementName": "autumn_offer",
        "languageCode": "en",
        "category": "MARKETING",
        "header": "For {{1}}",
        "exampleHeader": "For Lucía",
        "content": "Ten per cent off until {{1}}.",
        "example": "Ten per cent off until Sunday.",
        "footer": "Answer STOP to unsubscribe",
    },
    {
        "elementName": "survey_draft",
        "languageCode": "en",
        "category": "MARKETING",
        "content": "How did we do?",
        "example": "How did we do?",
        "status": "PENDING",
    },
    {
        "elementName": "club_invitation",
        "languageCode": "es",
        "category": "MARKETING",
        "parameterFormat": "NAMED",
        "content": "Hola {{nombre}}, le invitamos al club de {{tienda}}.",
        "example": "Hola Lucía, le invitamos al club de Acme.",
        "buttons": [
            {"type": "QUICK_REPLY", "text": "Me apunto"},
            {
                "type": "PHONE_NUMBER",
                "text": "Llamar",
                "phone_number": "+15550100100",
            },
        ],
    },
    {
        "elementName": "parcel_delayed",
        "languageCode": "en",
        "category": "UTILITY",
        "content": "Your parcel {{1}} is late. We are sorry.",
        "example": "Your parcel 4711 is late. We are sorry.",
        "status": "PAUSED",
        "quality": "RED",
        "reason": "Customers blocked or reported it.",
    },
    {
        "elementName": "flash_sale",
        "languageCode": "en",
        "category": "UTILITY",
        "content": "Everything at half the price, today only!",
        "example": "Everything at half the price, today only!",
        "status": "REJECTED",
        "reason": "TAG_CONTENT_MISMATCH",
    },
)


def add_samples(state: State, app: App, now_ms: int) -> None:
    """Give an app a few templates, most of them approved."""
    for fields in _SAMPLES:
        template = build(state, app, now_ms, fields)
        template["status"] = fields.get("status", "APPROVED")
        usual = "GREEN" if template["status"] == "APPROVED" else "UNKNOWN"
        template["quality"] = fields.get("quality", usual)
        template["reason"] = fields.get("reason")
        state.templates[template["id"]] = template
