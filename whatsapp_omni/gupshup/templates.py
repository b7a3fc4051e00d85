# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Approved templates as GupShup's list tells them."""

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from .reading import first, items, mapping, moment, storable, text


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateButton:
    """``type``: ``QUICK_REPLY``, ``URL``, ``PHONE_NUMBER``, ``OTP`` …, upper case."""

    type: str
    text: str = ""
    url: str = ""
    phone: str = ""
    example: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """One language of a template. ``id`` is what is sent; ``name`` is not unique.

    ``body`` is the text with its ``{{1}}`` placeholders. ``sample`` is the body with
    example values. Only ``status`` ``APPROVED`` can be sent. ``raw`` is GupShup's row.
    ``is_complete`` is false on old rows that do not tell the parts: their ``body`` is
    a text to be shown, which may hold footer and buttons as well.
    """

    id: str
    name: str = ""
    language: str = ""
    category: str = ""
    old_category: str = ""
    type: str = ""
    status: str = ""
    quality: str = ""
    reason: str = ""
    parameter_format: str = "POSITIONAL"
    label: str = ""
    external_id: str = ""
    header: str = ""
    body: str = ""
    footer: str = ""
    sample: str = ""
    sample_header: str = ""
    media_url: str = ""
    media_id: str = ""
    buttons: tuple[TemplateButton, ...] = ()
    created: datetime | None = None
    modified: datetime | None = None
    is_complete: bool = True
    raw: dict[str, Any] = field(default_factory=dict, repr=False)


def read_template(row: dict) -> Template:
    """A template from its row; what is missing or broken is empty, nothing raises."""
    container = _nested(row.get("containerMeta"))
    return Template(
        id=first(row, "id"),
        name=first(row, "elementName"),
        language=first(row, "languageCode"),
        category=first(row, "category").upper(),
        old_category=first(row, "oldCategory").upper(),
        type=first(row, "templateType").upper(),
        status=first(row, "status").upper(),
        quality=first(row, "quality").upper(),
        reason=first(row, "reason", "rejectedReason"),
        parameter_format=first(row, "parameterFormat").upper() or "POSITIONAL",
        label=first(row, "vertical"),
        external_id=first(row, "externalId"),
        header=first(container, "header"),
        body=first(container, "data") or first(row, "data"),
        footer=first(container, "footer"),
        sample=first(container, "sampleText")
        or first(_nested(row.get("meta")), "example"),
        sample_header=first(container, "sampleHeader"),
        media_url=first(container, "mediaUrl"),
        media_id=first(container, "mediaId"),
        buttons=tuple(_button(entry) for entry in items(container.get("buttons"))),
        created=moment(row.get("createdOn")),
        modified=moment(row.get("modifiedOn")),
        is_complete=bool(first(container, "data")),
        raw=storable(row),
    )


def _nested(value) -> dict:
    """An object that may come as a JSON text, even as a text of a text."""
    for _layer in range(2):
        if type(value) is not str:
            break
        value = _decoded(value)
    return mapping(value)


def _decoded(value: str):
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return None


def _button(entry: dict) -> TemplateButton:
    example = entry.get("example")
    return TemplateButton(
        type=first(entry, "type").upper(),
        text=first(entry, "text"),
        url=first(entry, "url"),
        phone=first(entry, "phone_number", "phoneNumber"),
        example=text(example[0]) if type(example) is list and example else "",
    )
