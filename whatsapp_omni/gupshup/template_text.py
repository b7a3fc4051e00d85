# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The variables of approved templates: ``{{1}}`` by position, ``{{name}}`` by name."""

import re

_VARIABLE = re.compile(r"\{\{\s*(\w+)\s*\}\}")


def variables(text: str) -> list[str]:
    """The variables of one part, each once, in the order in which it takes values.

    Numbered ones count; named ones follow each other as they appear.
    """
    found = list(dict.fromkeys(_VARIABLE.findall(text or "")))
    if all(name.isascii() and name.isdigit() for name in found):
        found.sort(key=int)
    return found


def filled(text: str, values: dict[str, str]) -> str:
    """The text with its variables replaced; one without value stays as it is."""
    return _VARIABLE.sub(lambda match: values.get(match[1]) or match[0], text or "")


def without_variables(text: str) -> str:
    """The text without its variables."""
    return _VARIABLE.sub("", text or "")


def samples(text: str, example: str) -> dict[str, str]:
    """The values with which ``text`` was filled to give ``example``.

    Nothing where the two do not fit. A value that holds the words after its variable is
    cut there: good enough for a picture of the message.
    """
    pieces = _VARIABLE.split(text or "")
    literals, names = pieces[::2], pieces[1::2]
    if not names or not (example or "").startswith(literals[0]):
        return {}
    found, at = {}, len(literals[0])
    for position, (name, literal) in enumerate(zip(names, literals[1:], strict=True)):
        if position == len(names) - 1:
            end = len(example) - len(literal) if example.endswith(literal) else -1
        else:
            end = example.find(literal, at) if literal else -1
        if end < at:
            return {}
        found.setdefault(name, example[at:end])
        at = end + len(literal)
    return found
