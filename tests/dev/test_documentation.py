# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The documents and their pictures belong together."""

import re

import pytest

from tools import odoo_env

ROOT = odoo_env.ROOT
IMAGES = ROOT / "docs" / "images"
SPANISH = IMAGES / "es"
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
PICTURE = re.compile(r"!\[(?P<text>[^\]]*)\]\((?P<path>[^)]+)\)")


def pictures(document):
    """Return the pictures that a document shows, in its order."""
    found = PICTURE.finditer(document.read_text())
    return [(document.parent / match["path"]).resolve() for match in found]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name)
def test_every_picture_that_is_named_exists(document):
    assert [path for path in pictures(document) if not path.is_file()] == []


def test_every_picture_is_shown_somewhere():
    shown = {path for document in DOCUMENTS for path in pictures(document)}
    assert set(IMAGES.rglob("*.png")) - shown == set()


def test_every_picture_says_what_it_shows():
    silent = [
        match["path"]
        for document in DOCUMENTS
        for match in PICTURE.finditer(document.read_text())
        if not match["text"].strip()
    ]
    assert silent == []


def test_both_guides_show_the_same_pictures_each_in_its_language():
    english = pictures(ROOT / "docs" / "agent-guide.md")
    spanish = pictures(ROOT / "docs" / "agent-guide.es.md")
    assert [path.parent for path in english] == [IMAGES] * len(english)
    assert [path.parent for path in spanish] == [SPANISH] * len(spanish)
    assert [path.name for path in spanish] == [path.name for path in english]
