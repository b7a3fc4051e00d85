"""Check the addons' data files; print findings and fail if there are any.

XML must be well-formed and say that it is UTF-8; ids must be unique; every data file
must be in the manifest and every file in the manifest must exist; rows of a CSV file
must have as many fields as its header.
"""

import ast
import csv
import sys
from collections import Counter
from pathlib import Path

from lxml import etree

ROOT = Path(__file__).resolve().parent.parent
ADDONS = [ROOT / "whatsapp_omni", ROOT / "whatsapp_omni_crm"]
XML_HEADER = '<?xml version="1.0" encoding="UTF-8" ?>'
DATA_FOLDERS = ("data", "demo", "report", "security", "views", "wizard")
RECORD_TAGS = ("record", "template", "menuitem")


def short(path):
    """Return a path as it is shown."""
    return path.relative_to(ROOT)


def check_manifest(addon):
    """Compare the manifest with the files there are."""
    manifest = ast.literal_eval((addon / "__manifest__.py").read_text())
    listed = {
        addon / name for key in ("data", "demo") for name in manifest.get(key, [])
    }
    present = {
        path
        for folder in DATA_FOLDERS
        for path in (addon / folder).rglob("*")
        if path.suffix in (".xml", ".csv")
    }
    for path in sorted(present - listed):
        yield f"{short(path)}: not in the manifest"
    for path in sorted(path for path in listed if not path.is_file()):
        yield f"{short(path)}: in the manifest, but there is no such file"


def check_xml(addon):
    """Check every XML file, and the ids of records over all of them."""
    ids = Counter()
    for path in sorted(addon.rglob("*.xml")):
        try:
            tree = etree.parse(path)
        except etree.XMLSyntaxError as error:
            yield f"{short(path)}: {error}"
            continue
        declared = path.read_bytes().startswith(b"<?xml ")
        if not declared or tree.docinfo.encoding.upper() != "UTF-8":
            yield f"{short(path)}: does not begin with {XML_HEADER}"
        root = tree.getroot()
        if root.tag == "odoo":
            ids.update(node.get("id") for node in root.iter(*RECORD_TAGS))
    ids.pop(None, None)
    for name, count in ids.items():
        if count > 1:
            yield f"the id {name} is used {count} times"


def check_csv(addon):
    """Check the rows of every CSV file."""
    for path in sorted(addon.rglob("*.csv")):
        with path.open(newline="") as file:
            header, *rows = csv.reader(file)
        ids = Counter(row[0] for row in rows if row)
        for number, row in enumerate(rows, start=2):
            if len(row) != len(header):
                yield f"{short(path)}:{number}: {len(row)} fields, not {len(header)}"
        for name, count in ids.items():
            if count > 1:
                yield f"{short(path)}: the id {name} is used {count} times"


def main():
    """Print all findings."""
    checks = (check_manifest, check_xml, check_csv)
    findings = [line for addon in ADDONS for check in checks for line in check(addon)]
    print(*findings, sep="\n")
    sys.exit(bool(findings))


if __name__ == "__main__":
    main()
