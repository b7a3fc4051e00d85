"""Translations of the addons: ``python -m tools.translations check|update``.

update  Export the template (.pot) of each addon from a database that has it, and merge
        it into every translation (.po): new terms come in untranslated, old ones go.
check   Print what is not current or not translated; fail if there is anything.
"""

import contextlib
import hashlib
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import polib

from tools import odoo_env

STAMPS = odoo_env.STATE / "stamps"


def run_odoo(*arguments):
    """Run one of Odoo's commands; what it says is shown only if it fails."""
    command = odoo_env.odoo_command(*arguments)
    result = subprocess.run(command, capture_output=True, text=True)
    if result.returncode:
        sys.exit(f"Odoo does not export the terms:\n{result.stderr}")


class Addon:
    """An addon, and what has to be installed for it beside the main one."""

    def __init__(self, name, needs=()):
        self.name = name
        self.needs = needs
        self.folder = odoo_env.ROOT / name / "i18n"
        self.template = self.folder / f"{name}.pot"

    def translations(self):
        """Return the catalogues of all languages."""
        return [polib.pofile(str(path)) for path in sorted(self.folder.glob("*.po"))]

    @contextlib.contextmanager
    def exported(self):
        """Export the terms from a copy of the template database; yield them."""
        # As a session's copy, it is cleared away even if this run is killed.
        name = odoo_env.create_copy(f"wa_test_{os.getpid()}")
        try:
            if self.needs:
                options = ("--stop-after-init", "--no-http", "--log-level=error")
                run_odoo("server", "-d", name, "-i", ",".join(self.needs), *options)
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder, self.template.name)
                run_odoo("i18n", "export", "-d", name, "-o", str(path), self.name)
                yield polib.pofile(str(path))
        finally:
            odoo_env.drop(name)

    # --- what was found current needs no other installation -------------------------

    @property
    def _stamp(self):
        return STAMPS / f"translations_{self.name}"

    def _digest(self):
        digest = hashlib.sha256()
        for path in sorted((odoo_env.ROOT / self.name).rglob("*")):
            if path.is_file() and path.suffix not in {".pyc", ".po"}:
                digest.update(f"{path} ".encode() + path.read_bytes())
        return digest.hexdigest()

    def is_known_current(self):
        """Tell whether the template was current when the addon was as it is now."""
        return self._stamp.exists() and self._stamp.read_text() == self._digest()

    def note_current(self):
        """Remember that the template is current."""
        STAMPS.mkdir(parents=True, exist_ok=True)
        self._stamp.write_text(self._digest())


ADDONS = [Addon("whatsapp_omni"), Addon("whatsapp_omni_crm", needs=["crm"])]


def terms(catalogue):
    """Return what matters in a catalogue: terms, and the places that use them."""
    return {
        (entry.msgid, entry.comment, tuple(sorted(entry.occurrences)))
        for entry in catalogue
        if not entry.obsolete
    }


def update(addon):
    """Bring the template and all translations of an addon up to date."""
    addon.folder.mkdir(exist_ok=True)
    with addon.exported() as exported:
        if not addon.template.exists() or terms(
            polib.pofile(str(addon.template))
        ) != terms(exported):
            exported.save(str(addon.template))
        for catalogue in addon.translations():
            catalogue.merge(exported)
            for entry in catalogue.obsolete_entries():
                catalogue.remove(entry)
            catalogue.save()
            path = Path(catalogue.fpath)
            print(f"{addon.name}/{path.name}: {catalogue.percent_translated()} %")


def check(addon):
    """Return findings about an addon, one line each."""
    if not addon.template.exists():
        return [f"{addon.template.name} is missing"]
    findings = check_template(addon)
    wanted = {entry.msgid for entry in polib.pofile(str(addon.template))}
    for catalogue in addon.translations():
        name = f"{addon.name}/{Path(catalogue.fpath).name}"
        done = {entry.msgid for entry in catalogue.translated_entries()}
        findings += [f"{name} lacks: {msgid!r}" for msgid in sorted(wanted - done)]
        findings += [
            f"{name} is unsure of: {e.msgid!r}" for e in catalogue.fuzzy_entries()
        ]
    return findings


def check_template(addon):
    """Return what differs between the template and the addon's present terms."""
    if addon.is_known_current():
        return []
    with addon.exported() as exported:
        changed = terms(exported) ^ terms(polib.pofile(str(addon.template)))
    if not changed:
        addon.note_current()
    return [
        f"{addon.template.name} is not current: {msgid!r}"
        for msgid in sorted({term[0] for term in changed})
    ]


def main():
    """Run the command."""
    if sys.argv[1:] == ["update"]:
        for addon in ADDONS:
            update(addon)
    elif sys.argv[1:] == ["check"]:
        findings = [finding for addon in ADDONS for finding in check(addon)]
        print(*findings, sep="\n")
        if findings:
            sys.exit("run ./dev i18n, then translate what is new in i18n/")
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main()
