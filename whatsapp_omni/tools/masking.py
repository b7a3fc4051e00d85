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
from functools import lru_cache
from html import escape, unescape
from typing import NamedTuple

from .masking_finders import FINDERS, Span
from .masking_identities import COUNTRIES

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


class Policy(NamedTuple):
    """What is hidden, and what is not although it looks like it.

    :param kinds: some of :data:`KINDS`
    :param countries: ISO codes; their identity numbers, their phones without prefix
    :param spared: what may be read: e-mail addresses and phone numbers as digits
    :param known: numbers as digits that are hidden however they are written, be they of
        another country or in the address of a web page
    """

    kinds: frozenset[str] = frozenset(KINDS)
    countries: tuple[str, ...] = ()
    spared: frozenset[str] = frozenset()
    known: frozenset[str] = frozenset()

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
    known: Collection[str] = (),
) -> Masked:
    """Replace what is to be hidden in a text.

    The arguments are those of :class:`Policy`. Whatever is outside of what was found
    stays as it is, to the character.
    """
    if not may_hide(text):
        return Masked(text)
    return _replace(text, _find(text, kinds, countries, spared, known))


def _replace(text, spans):
    parts, position = [], 0
    for span in spans:
        parts += text[position : span.start], span.shown
        position = span.end
    return Masked("".join([*parts, text[position:]]), _kinds_of(spans))


def _kinds_of(spans):
    return _ordered({span.kind for span in spans})


def _ordered(kinds):
    return tuple(kind for kind in KINDS if kind in kinds)


# === HTML === #

_TAG = re.compile(r"(<[^>]*>)")
_BREAKING = re.compile(
    r"</?(?:br|p|div|li|ul|ol|tr|td|table|blockquote|pre|h\d|hr|section)\b", re.I
)
_CALLING = re.compile(r"""\shref=(["'])(?:mailto|tel):.*?\1""", re.I)
_ADDRESS = re.compile(r"""\s(?:href|src|title|alt|data-[\w-]+)=(["']).*?\1""", re.I)


def mask_html(
    html: str,
    kinds: Collection[str] = KINDS,
    countries: Collection[str] = (),
    spared: Collection[str] = (),
    known: Collection[str] = (),
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
    spans = _find(text, kinds, countries, spared, known) if may_hide(text) else []
    for index, start, end in pieces:
        inside = [span for span in spans if span.start < end and span.end > start]
        if inside:
            tokens[index] = _replace_piece(text, start, end, inside)
    if spans:
        tokens[1::2] = [_CALLING.sub("", tag) for tag in tokens[1::2]]
    kinds_found = _kinds_of(spans)
    for index in range(1, len(tokens), 2):
        if known and _known(known).search(tokens[index]):
            tokens[index] = _ADDRESS.sub("", tokens[index])
            kinds_found = _ordered({*kinds_found, "phone"})
    return Masked("".join(tokens), kinds_found)


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
_SPACES = (
    "\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008"
    "\u2009\u200a\u202f\u3000\u200b\u200c\u200d\u2060\ufeff"
)
_DASHES = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d"
_ALIKE = {
    **{ord(space): " " for space in _SPACES},
    **{ord(dash): "-" for dash in _DASHES},
    ord("\uff20"): "@",
    ord("\uff0e"): ".",
    ord("\uff0b"): "+",
}


def _find(text, kinds, countries, spared, known):
    """Return the spans to replace, in their order.

    What was found is no part of anything else, and gone from the text in which the rest
    is looked for, until there is nothing more.
    """
    work = _plain(text)
    spans = _find_known(work, known) if known else []
    work = _opaque(_without(work, spans))
    finders = [FINDERS[kind] for kind in KINDS if kind in kinds]
    while found := _find_next(work, finders, countries):
        work = _without(work, found)
        spans += [
            span
            for span in found
            if not _is_spared(text[span.start : span.end], span.kind, spared)
        ]
    return sorted(spans)


def _without(work, spans):
    for span in spans:
        work = work[: span.start] + _OPAQUE * (span.end - span.start) + work[span.end :]
    return work


def _find_known(work, known):
    return [
        Span(*match.span(), "phone", f"••• {match[0][-2:]}")
        for match in _known(known).finditer(work)
    ]


@lru_cache(maxsize=1024)
def _known(numbers):
    """Return the pattern of these numbers with whatever people put between digits."""
    longest_first = sorted(numbers, key=len, reverse=True)
    written = "|".join(r"[ ().\-/]{0,3}".join(number) for number in longest_first)
    return re.compile(rf"\+?(?:00)?(?:{written})")


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
    return any(
        digits == own or (len(digits) > 6 and own.endswith(digits)) for own in spared
    )
