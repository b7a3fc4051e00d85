"""Translations of the addon: ``python tools/translations.py check|update``.

update  Export the template (.pot) from a database with the addon, and merge it into
        every translation (.po): new terms come in untranslated, old ones go.
check   Print what is not current or not translated; fail if there is anything.
"""

import contextlib
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import polib

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tools import odoo_env  # noqa: E402

ADDON = "whatsapp_omni"
FOLDER = odoo_env.ROOT / ADDON / "i18n"
TEMPLATE = FOLDER / f"{ADDON}.pot"


@contextlib.contextmanager
def exported_template():
    """Export the terms from a copy of the template database; yield them."""
    # As a session's copy, it is cleared away even if this run is killed.
    database = odoo_env.create_copy(f"wa_test_{os.getpid()}")
    try:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, TEMPLATE.name)
            arguments = ("-d", database, "-o", str(path), ADDON)
            command = odoo_env.odoo_command("i18n", "export", *arguments)
            export = subprocess.run(command, capture_output=True, text=True)
            if export.returncode:
                sys.exit(f"Odoo does not export the terms:\n{export.stderr}")
            yield polib.pofile(str(path))
    finally:
        odoo_env.drop(database)


def terms(catalogue):
    """Return what matters in a catalogue: terms, and the places that use them."""
    return {
        (entry.msgid, entry.comment, tuple(sorted(entry.occurrences)))
        for entry in catalogue
        if not entry.obsolete
    }


def translations():
    """Return the catalogues of all languages."""
    return [polib.pofile(str(path)) for path in sorted(FOLDER.glob("*.po"))]


def update():
    """Bring the template and all translations up to date."""
    FOLDER.mkdir(exist_ok=True)
    with exported_template() as exported:
        if not TEMPLATE.exists() or terms(polib.pofile(str(TEMPLATE))) != terms(
            exported
        ):
            exported.save(str(TEMPLATE))
        for catalogue in translations():
            catalogue.merge(exported)
            for entry in catalogue.obsolete_entries():
                catalogue.remove(entry)
            catalogue.save()
            print(f"{Path(catalogue.fpath).name}: {catalogue.percent_translated()} %")


def check():
    """Return findings, one line each."""
    if not TEMPLATE.exists():
        return [f"{TEMPLATE.name} is missing"]
    template = polib.pofile(str(TEMPLATE))
    with exported_template() as exported:
        changed = terms(exported) ^ terms(template)
    findings = [
        f"{TEMPLATE.name} is not current: {msgid!r}"
        for msgid in sorted({term[0] for term in changed})
    ]
    wanted = {entry.msgid for entry in template}
    for catalogue in translations():
        name = Path(catalogue.fpath).name
        done = {entry.msgid for entry in catalogue.translated_entries()}
        findings += [f"{name} lacks: {msgid!r}" for msgid in sorted(wanted - done)]
        findings += [
            f"{name} is unsure of: {e.msgid!r}" for e in catalogue.fuzzy_entries()
        ]
    return findings


def main():
    """Run the command."""
    if sys.argv[1:] == ["update"]:
        update()
    elif sys.argv[1:] == ["check"]:
        findings = check()
        print(*findings, sep="\n")
        if findings:
            sys.exit("run ./dev i18n, then translate what is new in whatsapp_omni/i18n")
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main()
