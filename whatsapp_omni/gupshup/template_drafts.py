# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Templates before their review: Meta's rules, and the form that submits one.

Meta rejects after hours what breaks a rule, and blocks the name of what is deleted for
30 days: everything that can be checked is checked before.
"""

import json
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field

from .template_text import filled, variables, without_variables
from .templates import TemplateButton
from .texts import _lt

NAME_LENGTH = 180
BODY_LENGTH = 1024
HEADER_LENGTH = 60
FOOTER_LENGTH = 60
BUTTON_LENGTH = 25
URL_LENGTH = 2000
PHONE_LENGTH = 20
BUTTONS = 10
URL_BUTTONS = 2
PHONE_BUTTONS = 1
#: More line breaks in a row than these are refused.
LINE_BREAKS = 2

CATEGORIES = ("MARKETING", "UTILITY")
MEDIA_KINDS = ("image", "video", "document")
BUTTON_KINDS = ("QUICK_REPLY", "URL", "PHONE_NUMBER")

#: WhatsApp's codes of the languages that a template may have.
LANGUAGES = frozenset(
    """
    af sq ar ar_EG ar_AE ar_LB ar_MA ar_QA az be_BY bn bn_IN bg ca zh_CN zh_HK zh_TW hr
    cs da prs_AF nl nl_BE en en_GB en_US en_AE en_AU en_CA en_GH en_IE en_IN en_JM en_MY
    en_NZ en_QA en_SG en_UG en_ZA et fil fi fr fr_BE fr_CA fr_CH fr_CI fr_MA ka de de_AT
    de_CH el gu ha he hi hu id ga it ja kn kk rw_RW ko ky_KG lo lv lt mk ms ml mr nb
    ps_AF fa pl pt_BR pt_PT pa ro ru sr si_LK sk sl es es_AR es_CL es_CO es_CR es_DO
    es_EC es_HN es_MX es_PA es_PE es_ES es_UY sw sv ta te th tr uk ur uz vi zu
    """.split()
)

#: English texts by code; the addon translates them by their wording.
RULES = {
    "empty": _lt("%(what)s is missing."),
    "too_long": _lt(
        "%(what)s has %(length)s characters; WhatsApp allows at most %(limit)s."
    ),
    "name": _lt(
        "The name may hold lowercase letters without accents, digits and underscores "
        "only."
    ),
    "language": _lt(
        "WhatsApp knows no language “%(language)s”: use a code such as es, es_MX or "
        "en_US."
    ),
    "category": _lt("Templates of this category cannot be created here."),
    "braces": _lt(
        "%(what)s has braces that are no variable: write {{1}} or {{first_name}}."
    ),
    "numbers": _lt(
        "%(what)s must number its variables from {{1}} without a gap: %(found)s."
    ),
    "names": _lt(
        "“%(name)s” is no name of a variable: use lowercase letters, digits and "
        "underscores, beginning with a letter."
    ),
    "edge": _lt("%(what)s must not begin or end with a variable: put words around it."),
    "adjacent": _lt("%(what)s has two variables side by side: put words between them."),
    "line_breaks": _lt("%(what)s has more than two line breaks in a row."),
    "spaces": _lt("%(what)s has tabs, or more than four spaces in a row."),
    "one_line": _lt("%(what)s must be one line."),
    "header_variables": _lt("The header may have one variable at most."),
    "header_marks": _lt(
        "The header must not hold emojis, nor the marks * _ ~ ` of bold, italic, "
        "struck or fixed-width text."
    ),
    "no_variables": _lt("%(what)s must not have variables."),
    "no_sample_file": _lt("The header needs a file as an example."),
    "sample": _lt("%(what)s: variable %(variable)s needs an example among the values."),
    "sample_line": _lt(
        "%(what)s: the example of variable %(variable)s must be on one line, without "
        "tabs and without more than four spaces in a row."
    ),
    "too_many_buttons": _lt(
        "There are %(count)s buttons of this kind (%(kind)s); WhatsApp allows at most "
        "%(limit)s."
    ),
    "button_kind": _lt("Buttons of the kind %(kind)s cannot be created here."),
    "same_button": _lt("Two buttons have the same label: “%(label)s”."),
    "mixed_buttons": _lt(
        "Quick replies must stand together, before or after all other buttons."
    ),
    "url": _lt(
        "“%(url)s” is no address for a button: it begins with https:// and may have "
        "one variable, at its end."
    ),
    "phone": _lt("“%(phone)s” is no phone number with its country prefix."),
}

#: Every ``what`` of the texts above, for translation as well.
SUBJECTS = (
    _lt("The name"),
    _lt("The language"),
    _lt("The header"),
    _lt("The body"),
    _lt("The footer"),
    _lt("The label of a button"),
    _lt("The address of a button"),
)

_BRACES = re.compile(r"\{\{|\}\}")
_ADJACENT = re.compile(r"\}\}\s*\{\{")
_NAME = re.compile(r"[a-z0-9_]+")
_VARIABLE_NAME = re.compile(r"[a-z][a-z0-9_]*")
_URL = re.compile(r"https?://[^\s{}/]+\.[^\s{}]+(\{\{\s*\w+\s*\}\})?")
_PHONE = re.compile(r"\+[\d ().-]{5,}")
_UNEVEN = re.compile(r"\t| {5,}")
_PLACES = {
    "header": "The header",
    "body": "The body",
    "button": "The address of a button",
}


@dataclass(frozen=True, slots=True)
class Problem:
    """A rule that is broken: a key of :data:`RULES` and the values for its text."""

    code: str
    params: dict = field(default_factory=dict)

    def __str__(self) -> str:
        return RULES[self.code] % self.params


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What shall be reviewed.

    ``header_kind``: ``text``, one of :data:`MEDIA_KINDS`, ``location`` or empty.
    ``samples`` by (place, name): place is ``header``, ``body`` or ``button``, whose
    name is its position from 1. ``media_id`` and ``media_url`` are those of an upload;
    ``has_media`` tells before it that there is something to upload.
    """

    name: str
    language: str
    category: str
    header_kind: str = ""
    header: str = ""
    body: str = ""
    footer: str = ""
    parameter_format: str = "POSITIONAL"
    buttons: tuple[TemplateButton, ...] = ()
    samples: dict[tuple[str, str], str] = field(default_factory=dict)
    has_media: bool = False
    media_id: str = ""
    media_url: str = ""


def problems(draft: Draft) -> list[Problem]:
    """Every rule of Meta that a draft breaks, as far as one can tell beforehand."""
    return [
        *_identity(draft),
        *_header(draft),
        *_body(draft),
        *_footer(draft),
        *_buttons(draft),
        *_samples(draft),
    ]


def fields(draft: Draft) -> dict[str, str]:
    """The form that submits a draft without problems."""
    form = {
        "elementName": draft.name,
        "languageCode": draft.language,
        "category": draft.category,
        "templateType": draft.header_kind.upper()
        if draft.header_kind not in ("", "text")
        else "TEXT",
        "vertical": draft.name,
        "content": draft.body,
        "example": filled(draft.body, _of_place(draft, "body")),
        "enableSample": "true",
        "parameterFormat": draft.parameter_format,
        # Otherwise Meta's opinion on the category would reject it.
        "allowTemplateCategoryChange": "true",
    }
    if draft.header_kind == "text":
        form["header"] = draft.header
        form["exampleHeader"] = filled(draft.header, _of_place(draft, "header"))
    optional = {
        "footer": draft.footer,
        "mediaId": draft.media_id,
        "mediaUrl": draft.media_url,
    }
    form |= {name: value for name, value in optional.items() if value}
    if draft.buttons:
        rows = [
            _button_row(button, draft.samples.get(("button", str(position)), ""))
            for position, button in enumerate(draft.buttons, start=1)
        ]
        form["buttons"] = json.dumps(rows, ensure_ascii=False)
    return form


def _of_place(draft: Draft, place: str) -> dict[str, str]:
    return {name: value for (at, name), value in draft.samples.items() if at == place}


def _button_row(button: TemplateButton, sample: str) -> dict:
    row = {"type": button.type, "text": button.text}
    if button.type == "PHONE_NUMBER":
        row["phone_number"] = re.sub(r"[^\d+]", "", button.phone)
    elif button.type == "URL":
        row["url"] = button.url
        if names := variables(button.url):
            row["example"] = [filled(button.url, {names[0]: sample})]
    return row


# Rules


def _identity(draft: Draft) -> Iterator[Problem]:
    yield from _required("The name", draft.name, NAME_LENGTH)
    if draft.name and not _NAME.fullmatch(draft.name):
        yield Problem("name")
    if draft.language not in LANGUAGES:
        yield Problem("language", {"language": draft.language})
    if draft.category not in CATEGORIES:
        yield Problem("category")


def _header(draft: Draft) -> Iterator[Problem]:
    if draft.header_kind in MEDIA_KINDS and not draft.has_media:
        yield Problem("no_sample_file")
    if draft.header_kind != "text":
        return
    yield from _required("The header", draft.header, HEADER_LENGTH)
    yield from _line("The header", draft.header)
    yield from _variables("The header", draft.header, draft.parameter_format)
    if len(variables(draft.header)) > 1:
        yield Problem("header_variables")
    if any(map(_is_mark, without_variables(draft.header))):
        yield Problem("header_marks")


def _is_mark(character: str) -> bool:
    return character in "*_~`" or unicodedata.category(character) in ("So", "Cs")


def _body(draft: Draft) -> Iterator[Problem]:
    what = {"what": "The body"}
    yield from _required("The body", draft.body, BODY_LENGTH)
    yield from _variables("The body", draft.body, draft.parameter_format)
    text = draft.body.strip()
    if text.startswith("{{") or text.endswith("}}"):
        yield Problem("edge", what)
    if _ADJACENT.search(text):
        yield Problem("adjacent", what)
    if "\n" * (LINE_BREAKS + 1) in text.replace("\r\n", "\n"):
        yield Problem("line_breaks", what)
    if _UNEVEN.search(text):
        yield Problem("spaces", what)


def _footer(draft: Draft) -> Iterator[Problem]:
    if len(draft.footer) > FOOTER_LENGTH:
        yield _too_long("The footer", draft.footer, FOOTER_LENGTH)
    yield from _line("The footer", draft.footer)
    if _BRACES.search(draft.footer):
        yield Problem("no_variables", {"what": "The footer"})


def _required(what: str, text: str, limit: int) -> Iterator[Problem]:
    if not text.strip():
        yield Problem("empty", {"what": what})
    elif len(text) > limit:
        yield _too_long(what, text, limit)


def _too_long(what: str, text: str, limit: int) -> Problem:
    return Problem("too_long", {"what": what, "length": len(text), "limit": limit})


def _line(what: str, text: str) -> Iterator[Problem]:
    if "\n" in text or "\r" in text or "\t" in text:
        yield Problem("one_line", {"what": what})


def _variables(what: str, text: str, parameter_format: str) -> Iterator[Problem]:
    if _BRACES.search(without_variables(text)):
        yield Problem("braces", {"what": what})
    names = variables(text)
    if parameter_format == "NAMED":
        for name in names:
            if not _VARIABLE_NAME.fullmatch(name):
                yield Problem("names", {"name": name})
    elif names != [str(number) for number in range(1, len(names) + 1)]:
        found = ", ".join(f"{{{{{name}}}}}" for name in names)
        yield Problem("numbers", {"what": what, "found": found})


def _buttons(draft: Draft) -> Iterator[Problem]:
    kinds = [button.type for button in draft.buttons]
    for kind, limit in (("URL", URL_BUTTONS), ("PHONE_NUMBER", PHONE_BUTTONS)):
        yield from _not_too_many(kind, kinds.count(kind), limit)
    if len(kinds) > BUTTONS:
        yield from _not_too_many("*", len(kinds), BUTTONS)
    changes = sum(
        (one == "QUICK_REPLY") != (next_one == "QUICK_REPLY")
        for one, next_one in zip(kinds, kinds[1:], strict=False)
    )
    if changes > 1:
        yield Problem("mixed_buttons")
    labels = set()
    for button in draft.buttons:
        yield from _button(button)
        label = button.text.strip().lower()
        if label and label in labels:
            yield Problem("same_button", {"label": button.text})
        labels.add(label)


def _not_too_many(kind: str, count: int, limit: int) -> Iterator[Problem]:
    if count > limit:
        params = {"kind": kind, "count": count, "limit": limit}
        yield Problem("too_many_buttons", params)


def _button(button: TemplateButton) -> Iterator[Problem]:
    label = "The label of a button"
    yield from _required(label, button.text, BUTTON_LENGTH)
    yield from _line(label, button.text)
    if _BRACES.search(button.text):
        yield Problem("no_variables", {"what": label})
    if button.type not in BUTTON_KINDS:
        yield Problem("button_kind", {"kind": button.type})
    if button.type == "URL":
        if not _URL.fullmatch(button.url):
            yield Problem("url", {"url": button.url})
        elif len(button.url) > URL_LENGTH:
            yield _too_long("The address of a button", button.url, URL_LENGTH)
    digits = re.sub(r"\D", "", button.phone)
    if button.type == "PHONE_NUMBER" and not (
        _PHONE.fullmatch(button.phone) and len(digits) <= PHONE_LENGTH
    ):
        yield Problem("phone", {"phone": button.phone})


def _samples(draft: Draft) -> Iterator[Problem]:
    for place, name in _slots(draft):
        sample = draft.samples.get((place, name), "")
        params = {"what": _PLACES[place], "variable": name}
        if not sample.strip():
            yield Problem("sample", params)
        elif "\n" in sample or _UNEVEN.search(sample):
            yield Problem("sample_line", params)


def _slots(draft: Draft) -> Iterator[tuple[str, str]]:
    if draft.header_kind == "text":
        yield from (("header", name) for name in variables(draft.header))
    yield from (("body", name) for name in variables(draft.body))
    for position, button in enumerate(draft.buttons, start=1):
        if button.type == "URL" and variables(button.url):
            yield "button", str(position)
