# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What people should not read in a text: found, and replaced by a mask.

Cards, bank accounts, numbers of persons, e-mail addresses and phone numbers, told from
dates, prices and order numbers by check digits, lengths, ranges and what stands beside
them. Addresses of web pages stay as they are, digits and all. A mask is never looked
into again: to mask what is masked changes nothing.
"""

import re
import unicodedata
from collections.abc import Collection
from html import escape, unescape
from typing import NamedTuple

import phonenumbers
from stdnum import luhn

from .masking_identities import COUNTRIES, IDENTITIES

__all__ = [
    "COUNTRIES",
    "KINDS",
    "Masked",
    "Policy",
    "mask",
    "mask_data",
    "mask_html",
    "may_hide",
]

#: What can be hidden, in the order in which it is looked for.
KINDS = ("card", "iban", "identity", "email", "phone")

#: Class of the element around a mask in HTML; the kind is its second class.
CLASS = "o-whatsapp_omni-masked"

_OPAQUE = "•"


class Masked(NamedTuple):
    """A text in which something may have been replaced.

    :param str text: the text with its masks
    :param tuple found: the kinds that were hidden, each once, in their order
    """

    text: str
    found: tuple[str, ...] = ()


class _Span(NamedTuple):
    start: int
    end: int
    kind: str
    shown: str


class Policy(NamedTuple):
    """What is hidden, and what is not although it looks like it.

    :param kinds: some of :data:`KINDS`
    :param countries: ISO codes; their identity numbers, and phone numbers without prefix
    :param spared: what may be read: e-mail addresses and phone numbers as digits
    """

    kinds: frozenset[str] = frozenset(KINDS)
    countries: tuple[str, ...] = ()
    spared: frozenset[str] = frozenset()

    def mask(self, text: str) -> Masked:
        return mask(text, *self)

    def mask_html(self, html: str) -> Masked:
        return mask_html(html, *self)


# === FAST WAY OUT === #

_SIX_DIGITS = re.compile(r"(?:\d\D*){5}\d")


def may_hide(text: str) -> bool:
    """Tell whether there can be anything to hide: most messages end here."""
    return "@" in text or bool(_SIX_DIGITS.search(text))


# === TEXT === #


def mask(
    text: str,
    kinds: Collection[str] = KINDS,
    countries: Collection[str] = (),
    spared: Collection[str] = (),
) -> Masked:
    """Replace what is to be hidden in a text.

    The arguments are those of :class:`Policy`. Whatever is outside of what was found
    stays as it is, to the character.
    """
    if not may_hide(text):
        return Masked(text)
    return _replace(text, _find(text, kinds, countries, spared))


def _replace(text, spans):
    parts, position = [], 0
    for span in spans:
        parts += text[position : span.start], span.shown
        position = span.end
    return Masked("".join([*parts, text[position:]]), _kinds_of(spans))


def _kinds_of(spans):
    found = {span.kind for span in spans}
    return tuple(kind for kind in KINDS if kind in found)


# === HTML === #

_TAG = re.compile(r"(<[^>]*>)")
_BREAKING = re.compile(
    r"</?(?:br|p|div|li|ul|ol|tr|td|table|blockquote|pre|h\d|hr|section)\b", re.I
)
_HREF = re.compile(r"""\shref=(["'])(?:mailto|tel):.*?\1""", re.I)


def mask_html(
    html: str,
    kinds: Collection[str] = KINDS,
    countries: Collection[str] = (),
    spared: Collection[str] = (),
) -> Masked:
    """Replace what is to be hidden in HTML by elements of the class :data:`CLASS`.

    What tags for looks split is found all the same; what is on two lines is not one.
    Addresses of links are seen by nobody, but those that call or write are taken away.
    """
    if not may_hide(html):
        return Masked(html)
    tokens = _TAG.split(html)
    pieces, text = [], ""  # of each piece of text: its place in the tokens and in text
    for index, token in enumerate(tokens):
        if index % 2:
            text += "\n" if _BREAKING.match(token) else ""
        elif token:
            plain = unescape(token)
            pieces.append((index, len(text), len(text) + len(plain)))
            text += plain
    spans = _find(text, kinds, countries, spared) if may_hide(text) else []
    for index, start, end in pieces:
        inside = [span for span in spans if span.start < end and span.end > start]
        if inside:
            tokens[index] = _replace_piece(text, start, end, inside)
    if spans:
        tokens[1::2] = [_HREF.sub("", tag) for tag in tokens[1::2]]
    return Masked("".join(tokens), _kinds_of(spans))


def _replace_piece(text, start, end, spans):
    """Return a piece of text as HTML; a mask is put where its span begins."""
    parts, position = [], start
    for span in spans:
        parts.append(_escape(text[position : max(span.start, position)]))
        if span.start >= start:
            parts.append(f'<span class="{CLASS} o-{span.kind}">{span.shown}</span>')
        position = min(span.end, end)
    return "".join([*parts, _escape(text[position:end])])


def _escape(text):
    return escape(text, quote=False).replace("\u00a0", "&nbsp;")


def mask_data(data, policy: Policy):
    """Return plain data, as JSON has it, with every text in it masked."""
    if isinstance(data, dict):
        return {key: mask_data(value, policy) for key, value in data.items()}
    if isinstance(data, list):
        return [mask_data(value, policy) for value in data]
    return policy.mask(data).text if isinstance(data, str) else data


# === FINDING === #

_URL = re.compile(r"(?:https?://|www\.)[^\s<>\"`]+", re.I)
_MASK = re.compile(
    r"•••• \d{4}"  # card
    r"|[A-Z]{2}•• •••• [0-9A-Z]{4}"  # iban
    r"|••••[0-9A-Z]{3}"  # identity
    r"|[^\W•]?•••@[^\W•]?•••\.[^\W\d_]{2,24}"  # email
    r"|••• \d{2}"  # phone
)
_SPACES = "\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u3000\u200b\u200c\u200d\u2060\ufeff"
_DASHES = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d"
_ALIKE = {
    **{ord(space): " " for space in _SPACES},
    **{ord(dash): "-" for dash in _DASHES},
    ord("\uff20"): "@",
    ord("\uff0e"): ".",
    ord("\uff0b"): "+",
}


def _find(text, kinds, countries, spared):
    """Return the spans to replace, in their order.

    What was found is no part of anything else, and gone from the text in which the rest
    is looked for, until there is nothing more.
    """
    work = _opaque(_plain(text))
    spans = []
    finders = [_FINDERS[kind] for kind in KINDS if kind in kinds]
    while found := _find_next(work, finders, countries):
        for span in found:
            work = work[: span.start] + _OPAQUE * (span.end - span.start) + work[span.end :]
            if not _is_spared(text[span.start : span.end], span.kind, spared):
                spans.append(span)
    return sorted(spans)


def _find_next(work, finders, countries):
    for find in finders:
        if found := find(work, countries):
            return found
    return []


def _plain(text):
    """Return the text with ASCII digits, blanks and dashes, character by character."""
    if text.isascii():
        return text
    text = text.translate(_ALIKE)
    return "".join(
        str(unicodedata.decimal(c)) if c > "\x7f" and c.isdecimal() else c for c in text
    )


def _opaque(text):
    """Return the text without what must stay as it is: masks and web pages."""
    for pattern in (_URL, _MASK):
        text = pattern.sub(lambda match: _OPAQUE * len(match[0]), text)
    return text


def _is_spared(source, kind, spared):
    if not spared or kind not in ("email", "phone"):
        return False
    if kind == "email":
        return source.lower() in spared
    digits = re.sub(r"\D", "", _plain(source)).lstrip("0")
    return any(digits == own or (len(digits) > 6 and own.endswith(digits)) for own in spared)


# --- cards ---

# Groups of digits; what else is in a word with them is no card.
_RUN = re.compile(r"(?<![^\W_])(?<!\+)(?<![^\W_][-/.])\d(?:[ -]?\d){12,}(?![^\W_])")
_GROUP = re.compile(r"\d+")


def _find_cards(work, _countries):
    found = []
    for run in _RUN.finditer(work):
        groups = [m.span() for m in _GROUP.finditer(work, run.start(), run.end())]
        first = 0
        while first < len(groups):
            last = _end_of_card(work, groups, first)
            if last is None:
                first += 1
                continue
            start, end = groups[first][0], groups[last][1]
            found.append(_Span(start, end, "card", f"•••• {_digits(work[start:end])[-4:]}"))
            first = last + 1
    return found


def _end_of_card(work, groups, first):
    """Return which group is the last of the card that begins here, None for no card."""
    digits, result = "", None
    for last in range(first, len(groups)):
        digits += work[slice(*groups[last])]
        if len(digits) > 19:
            break
        if _is_card(digits):
            result = last
    return result


def _is_card(digits):
    return (
        any(
            len(digits) in lengths and low <= int(digits[: len(str(low))]) <= high
            for low, high, lengths in _ISSUERS
        )
        and len(set(digits)) > 1
        and luhn.is_valid(digits)
    )


#: First digits of the known issuers: from, to, lengths.
_ISSUERS = (
    (4, 4, (13, 16, 19)),  # Visa
    (51, 55, (16,)),  # Mastercard
    (2221, 2720, (16,)),
    (34, 34, (15,)),  # American Express
    (37, 37, (15,)),
    (300, 305, (14, 16, 17, 18, 19)),  # Diners Club
    (36, 36, (14, 16, 17, 18, 19)),
    (38, 39, (14, 16, 17, 18, 19)),
    (6011, 6011, (16, 17, 18, 19)),  # Discover
    (644, 659, (16, 17, 18, 19)),
    (3528, 3589, (16, 17, 18, 19)),  # JCB
    (62, 62, (16, 17, 18, 19)),  # UnionPay
    (5018, 5020, (13, 14, 15, 16, 17, 18, 19)),  # Maestro
    (5038, 5038, (13, 14, 15, 16, 17, 18, 19)),
    (5893, 5893, (13, 14, 15, 16, 17, 18, 19)),
    (6304, 6304, (13, 14, 15, 16, 17, 18, 19)),
    (6759, 6763, (13, 14, 15, 16, 17, 18, 19)),
)


def _digits(text):
    return re.sub(r"\D", "", text)


# --- bank accounts ---

_IBAN_START = re.compile(r"(?<![^\W_])[A-Za-z]{2}\d{2}(?=[ -]?[A-Za-z0-9])")
_IBAN_NEXT = re.compile(r"[ -]?([A-Za-z0-9])")

#: How long the accounts of each country are.
_IBAN_LENGTHS = {
    country: int(length)
    for length, countries in (
        line.split(":")
        for line in (
            "15:NO",
            "16:BE",
            "18:DK FK FI FO GL NL SD",
            "19:MK SI",
            "20:AT BA EE KZ LT LU MN XK",
            "21:CH HR LI LV",
            "22:BG BH CR DE GB GE IE ME RS VA",
            "23:AE GI IL IQ OM SO TL",
            "24:AD CZ ES MD PK RO SA SE SK TN VG",
            "25:LY PT ST",
            "26:IS TR",
            "27:BI DJ FR GR IT MC MR SM",
            "28:AL AZ BY CY DO GT HN HU LB NI PL SV",
            "29:BR EG PS QA UA",
            "30:JO KW MU YE",
            "31:MT SC",
            "32:LC",
            "33:RU",
        )
    )
    for country in countries.split()
}


def _find_ibans(work, _countries):
    found, position = [], 0
    while start := _IBAN_START.search(work, position):
        position = start.end()
        if end := _end_of_iban(work, start):
            shown = re.sub(r"[ -]", "", work[start.start() : end]).upper()
            shown = f"{shown[:2]}•• •••• {shown[-4:]}"
            found.append(_Span(start.start(), end, "iban", shown))
            position = end
    return found


def _end_of_iban(work, start):
    """Return where the account ends that begins here, None for no account."""
    compact, end = start[0].upper(), start.end()
    length = _IBAN_LENGTHS.get(compact[:2], 0)
    while len(compact) < length and (following := _IBAN_NEXT.match(work, end)):
        compact, end = compact + following[1].upper(), following.end()
    if len(compact) != length or (end < len(work) and work[end].isalnum()):
        return None
    return end if _has_check_digits(compact) else None


def _has_check_digits(compact):
    turned = compact[4:] + compact[:4]
    return int("".join(str(int(c, 36)) for c in turned)) % 97 == 1


# --- numbers of persons ---


def _find_identities(work, countries):
    found = []
    for country in countries:
        for identity in IDENTITIES.get(country, ()):
            for match in identity.pattern.finditer(work):
                compact = re.sub(r"[^0-9A-Za-z]", "", match[0]).upper()
                if identity.is_valid(compact):
                    shown = f"••••{compact[-3:]}"
                    found.append(_Span(*match.span(), "identity", shown))
    return _apart(found)


def _apart(spans):
    """Return the spans that do not touch an earlier one."""
    result, end = [], 0
    for span in sorted(spans):
        if span.start >= end:
            result.append(span)
            end = span.end
    return result


# --- e-mail addresses ---

_LOCAL_PART = re.compile(r"[\w.%+'-]+$")
_DOMAIN = re.compile(r"(?:[^\W_](?:[^\W_]|-){0,62}\.){1,8}([^\W\d_]{2,24})(?![^\W_]|-[^\W_])")


def _find_emails(work, _countries):
    found, end = [], 0
    for at in re.finditer("@", work):
        before = _LOCAL_PART.search(work[max(end, at.start() - 64) : at.start()])
        domain = _DOMAIN.match(work, at.end())
        if not before or not domain:
            continue
        local = before[0].lstrip("_'.-")  # marks, quotes
        if not local:
            continue
        shown = f"{local[0]}•••@{domain[0][0]}•••.{domain[1]}"
        found.append(_Span(at.start() - len(local), domain.end(), "email", shown))
        end = domain.end()
    return found


# --- phone numbers ---

_PHONE_LEAST = re.compile(r"\d(?:\D{0,4}\d){6}")
#: What is told before a number that is anything but a phone number.
_OTHER_NUMBER = re.compile(
    r"(?:#|\b(?:order|orden|pedido|compra|bestell\w*|auftrag\w*|commande|bon|invoice|"
    r"factura|rechnung\w*|facture|ticket|tique|case|caso|fall|expediente|dossier|"
    r"tracking|seguimiento|env[ií]o|sendung\w*|suivi|colis|albar[aá]n|contrato|contract|"
    r"vertrag\w*|contrat|p[oó]liza|policy|booking|reserva|buchung\w*|r[ée]servation|"
    r"ref(?:erenc(?:e|ia)|erenz|érence)?|código|codigo|code|kunden\w*|client[e]?|"
    r"serial|serie|imei|isbn|ean|sku|id)\b"
    r"(?:[ ](?:de[ ])?(?:number|no|n[ºo°]|n[uú]m(?:ero)?|nummer|nr|numéro|is|es|ist|est)"
    r"\b)?)\.?[ ]{0,2}[:#=]?[ ]{0,2}(?:n[ºo°]|nr|no|num)?\.?[ ]{0,2}\(?$",
    re.I,
)
_MONEY = r"(?:[€$£¥]|eur(?:os?)?\b|usd\b|gbp\b|d[oó]lares\b|dollars?\b|pesos\b)"
_MONEY_BEFORE = re.compile(_MONEY + r"[ ]?$", re.I)
_MONEY_AFTER = re.compile(r"(?:[.,]\d{1,2})?[ ]?" + _MONEY, re.I)


def _find_phones(work, countries):
    if not _PHONE_LEAST.search(work):
        return []
    found = []
    for country in countries or (None,):
        for match in phonenumbers.PhoneNumberMatcher(work, country):
            if not _is_other_number(work, match):
                start, source = match.start, match.raw_string
                if source[0] in "([" and not any(c in ")]" for c in source):
                    start += 1  # it begins the brackets that the number stands in
                shown = f"••• {_digits(source)[-2:]}"
                found.append(_Span(start, match.end, "phone", shown))
    return _apart(found)


def _is_other_number(work, match):
    groups = _GROUP.findall(match.raw_string)
    if len("".join(groups)) < 1.5 * len(groups):
        return True  # a row of single digits
    before, after = work[max(0, match.start - 40) : match.start], work[match.end :]
    if _MONEY_BEFORE.search(before) or _MONEY_AFTER.match(after):
        return True
    return not match.raw_string.startswith("+") and bool(_OTHER_NUMBER.search(before))


_FINDERS = {
    "card": _find_cards,
    "iban": _find_ibans,
    "identity": _find_identities,
    "email": _find_emails,
    "phone": _find_phones,
}
