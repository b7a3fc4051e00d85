# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Where in a text there is something to hide, kind by kind."""

import re
from typing import NamedTuple

import phonenumbers
from stdnum import luhn

from .masking_identities import IDENTITIES


class Span(NamedTuple):
    """A part of a text, and what is shown in its place."""

    start: int
    end: int
    kind: str
    shown: str


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
            found.append(
                Span(start, end, "card", f"•••• {_digits(work[start:end])[-4:]}")
            )
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


#: First digits of the known issuers: from, to, lengths. UATP, all 15 digits that begin
#: with 1, is left out: orders and accounts of big shops are written so, and one in ten
#: of them would be hidden.
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
    (3095, 3095, (14, 16, 17, 18, 19)),
    (3528, 3589, (16, 17, 18, 19)),  # JCB
    (1800, 1800, (15,)),
    (2131, 2131, (15,)),
    (62, 62, (16, 17, 18, 19)),  # UnionPay
    (2200, 2205, (16, 17, 18, 19)),  # Mir, BORICA
    (60, 60, (16,)),  # RuPay, Hipercard
    (81, 82, (16,)),
    (636297, 636297, (16,)),  # Elo; more of them below
    (636368, 636368, (16,)),
    (637, 639, (16,)),  # Hipercard, InstaPayment
    (9792, 9792, (16,)),  # Troy
    (50, 50, (16, 18, 19)),  # Maestro, Elo, RuPay, Verve
    (56, 58, (16, 18, 19)),  # Maestro
    (67, 67, (16, 18, 19)),
    (5018, 5020, (13, 14, 15, 16, 17, 18, 19)),
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
            found.append(Span(start.start(), end, "iban", shown))
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
                    found.append(Span(*match.span(), "identity", shown))
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
_DOMAIN = re.compile(
    r"(?:[^\W_](?:[^\W_]|-){0,62}\.){1,8}([^\W\d_]{2,24})(?![^\W_]|-[^\W_])"
)


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
        found.append(Span(at.start() - len(local), domain.end(), "email", shown))
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
    r"(?:[ ](?:de[ ])?(?:number|no|n[ºo°]|n[uú]m(?:ero)?|nummer|nr|numéro|is|es|ist|"
    r"est)\b)?)\.?[ ]{0,2}[:#=]?[ ]{0,2}(?:n[ºo°]|nr|no|num)?\.?[ ]{0,2}\(?$",
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
                found.append(Span(start, match.end, "phone", shown))
    return _apart(found)


def _is_other_number(work, match):
    groups = _GROUP.findall(match.raw_string)
    if len("".join(groups)) < 1.5 * len(groups):
        return True  # a row of single digits
    before, after = work[max(0, match.start - 40) : match.start], work[match.end :]
    if _MONEY_BEFORE.search(before) or _MONEY_AFTER.match(after):
        return True
    return not match.raw_string.startswith("+") and bool(_OTHER_NUMBER.search(before))


#: By kind: what finds its spans in a text of plain digits, given the countries.
FINDERS = {
    "card": _find_cards,
    "iban": _find_ibans,
    "identity": _find_identities,
    "email": _find_emails,
    "phone": _find_phones,
}
