# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The syntax of placeholders: ``{{contact.name}}`` or ``{{contact.name|customer}}``.

What stands after the bar is said when there is no value. Nothing is evaluated: a name
is looked up in a fixed list, and what it stands for is never read again.
"""

import re

_PLACEHOLDER = re.compile(
    r"\{\{\s*(?P<name>\w+(?:\.\w+)*)\s*(?:\|(?P<default>[^{}]*))?\}\}"
)

_NUMBER_AT_END = re.compile(r"\+?\d[\d ().\-/]*$")
_GOES_ON = re.compile(r"[ ().\-/]{0,3}\d")

#: A value on a line of its own, or a whole letter of it, would tear the text apart.
VALUE_LENGTH = 200


def fill(text, value_of):
    """Return ``text`` with every placeholder replaced, in one pass.

    :param value_of: returns the value of a name as text, empty when there is none
    """

    def replace(found):
        return one_line(value_of(found["name"])) or (found["default"] or "").strip()

    return _PLACEHOLDER.sub(replace, text or "")


def names(text):
    """Return the names that ``text`` mentions, in their order."""
    return [found["name"] for found in _PLACEHOLDER.finditer(text or "")]


def broken(text):
    """Return the first pair of braces that is no placeholder, empty when there is none.

    A customer would read it as it stands.
    """
    rest = _PLACEHOLDER.sub("", text or "")
    found = re.search(r"\{\{.{0,30}|.{0,30}\}\}", rest)
    return found[0] if found else ""


def one_line(value):
    """Return a value as it may stand inside a sentence."""
    return " ".join((value or "").split())[:VALUE_LENGTH]


def clip(text, limit):
    """Return ``text`` cut to ``limit`` code points, with a sign that it was.

    No number is cut: half of one is not recognised as something to hide.
    """
    if len(text) <= limit:
        return text
    kept, rest = text[: limit - 1], text[limit - 1 :]
    if _GOES_ON.match(rest):
        kept = _NUMBER_AT_END.sub("", kept)
    return kept.rstrip() + "…"
