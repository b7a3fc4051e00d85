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
    return _VARIABLE.sub(
        lambda match: values.get(match[1], match[0]), text or ""
    )


def without_variables(text: str) -> str:
    return _VARIABLE.sub("", text or "")
