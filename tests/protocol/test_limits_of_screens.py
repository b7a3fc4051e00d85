# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What the screens say about limits is what the protocol checks."""

import json
import re
from pathlib import Path

from gupshup import limits

ROOT = Path(__file__).parents[2]
CORE = ROOT / "whatsapp_omni" / "static" / "src" / "core"
SOURCE = CORE / "limits.js"
FILES = CORE / "sendable_files.js"


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
    assert {*declared_media} == {*limits.MEDIA_RULES}
    for kind, rule in declared_media.items():
        expected = limits.MEDIA_RULES[kind]
        assert frozenset(rule["types"]) == expected.mime_types
        assert rule["size"] == expected.max_bytes
    assert declared("MEDIA_ALIASES") == limits.MEDIA_ALIASES
    assert declared("MEDIA_EXTENSIONS") == limits.MEDIA_EXTENSIONS


def test_reasons():
    """Who reads them before and after the upload reads the same words."""
    source = FILES.read_text(encoding="utf-8")
    for code, text in limits.LIMIT_MESSAGES.items():
        if code.startswith(("media_", *(f"{kind}_" for kind in limits.MEDIA_RULES))):
            assert f'"{text}"' in source, code
