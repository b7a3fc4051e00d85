# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What the screens say about limits is what the protocol checks."""

import json
import re
from pathlib import Path

from gupshup import limits

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "whatsapp_omni" / "static" / "src" / "core" / "limits.js"


def declared(name):
    """Return a constant of the screens' limits."""
    found = re.search(rf"export const {name} = (\{{.*?^\}});", _source(), re.S | re.M)
    text = re.sub(r"(\w+):", r'"\1":', found[1])
    text = re.sub(r",(\s*[}\]])", r"\1", text)
    return json.loads(text)


def _source():
    return SOURCE.read_text(encoding="utf-8")


def test_lengths_and_numbers():
    assert declared("LIMITS") == {
        "text": limits.TEXT_LENGTH,
        "question": limits.INTERACTIVE_BODY_LENGTH,
        "header": limits.HEADER_LENGTH,
        "footer": limits.FOOTER_LENGTH,
        "opener": limits.LIST_OPENER_LENGTH,
        "buttons": limits.BUTTONS,
        "buttonTitle": limits.BUTTON_TITLE_LENGTH,
        "rows": limits.LIST_ROWS,
        "rowTitle": limits.ROW_TITLE_LENGTH,
        "rowDescription": limits.ROW_DESCRIPTION_LENGTH,
        "fileName": limits.FILE_NAME_LENGTH,
    }


def test_files():
    declared_media = declared("MEDIA")
    for kind, rule in declared_media.items():
        expected = limits.MEDIA_RULES[kind]
        assert frozenset(rule["types"]) == expected.mime_types
        assert rule["size"] == expected.max_bytes
    # a sticker is told by its content, which only the server looks at
    assert {*declared_media, "sticker"} == set(limits.MEDIA_RULES)
