"""Prepare databases: ``python -m tools.database template|demo|copy NAME|drop NAME``.

template  Print the name of the template database, having built it if the addon
          changed. It is made in two layers: Odoo with what the addon depends on
          (``wa_base_HASH``, half a minute, seldom), and the addon installed into a
          copy of that (``wa_tmpl_HASH``, whenever Python, XML or CSV changed). A
          change of JavaScript or styles rebuilds only its web bundles.
demo      Bring ``wa_demo`` up to date: created with demo data, or the addon updated.
copy      Make a copy of the template for tests; drop what dead runs left behind.
drop      Drop such a copy.
"""

import argparse
import ast
import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

from tools import odoo_env

ADDON = "whatsapp_omni"
ADDON_DIR = odoo_env.ROOT / ADDON
DEMO = "wa_demo"
BASE_PREFIX, TEMPLATE_PREFIX = "wa_base_", "wa_tmpl_"
# Colleagues' runs that began before a change still use the template of that moment.
KEPT_TEMPLATES = 4
# Neither is part of an installed database.
NOT_INSTALLED = ("tests", "static", "i18n", "readme")


def digest(*parts):
    """Return a short hash of strings."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:12]


def tree_digest(paths):
    """Return a short hash of the names and contents of files."""
    parts = []
    for path in sorted(paths):
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        parts.append(f"{path.relative_to(ADDON_DIR)} {content}")
    return digest(*parts)


def addon_files(*, static, demo):
    """Return the addon's files that end up in bundles, or else in the database."""
    skipped = NOT_INSTALLED if demo else (*NOT_INSTALLED, "demo")
    files = []
    for path in ADDON_DIR.rglob("*"):
        top = path.relative_to(ADDON_DIR).parts[0]
        wanted = top == "static" if static else top not in skipped
        if wanted and path.is_file() and path.suffix != ".pyc":
            files.append(path)
    return files


def dependencies():
    """Return the addons that the manifest names."""
    manifest = ast.literal_eval((ADDON_DIR / "__manifest__.py").read_text())
    return manifest["depends"]


# --- marks: what a database was made from -------------------------------------------


def mark_path(name):
    """Return the file that says what the database was made from."""
    return odoo_env.STATE / "databases" / f"{name}.json"


def read_mark(name):
    """Return what the database was made from; None if it is not complete."""
    try:
        mark = json.loads(mark_path(name).read_text())
    except FileNotFoundError:
        return None
    return mark if odoo_env.exists(name) else None


def write_mark(name, **mark):
    """Note what the database was made from, now that it is complete."""
    path = mark_path(name)
    path.parent.mkdir(exist_ok=True)
    path.with_suffix(".new").write_text(json.dumps(mark))
    path.with_suffix(".new").replace(path)


def forget(name):
    """Drop a database and its mark."""
    mark_path(name).unlink(missing_ok=True)
    odoo_env.drop(name)


# --- building ------------------------------------------------------------------------


def run_odoo(
    database, *, install=(), update=(), demo=False, languages=(), bundles="all"
):
    """Install or update modules and build the web bundles, in one process."""
    job = {
        "database": database,
        "install": list(install),
        "update": list(update),
        "demo": demo,
        "languages": list(languages),
        "bundles": bundles,
    }
    script = odoo_env.ROOT / "tools" / "odoo_job.py"
    command = [sys.executable, str(script), json.dumps(job)]
    result = subprocess.run(command, check=False, stdout=sys.stderr)
    if result.returncode:
        raise SystemExit(f"{database}: Odoo failed, see the log above")


def build_base():
    """Return the name of the database with everything but the addon."""
    odoo = Path(odoo_env.setting("WA_OMNI_ODOO"))
    release = odoo / "odoo" / "release.py"
    identity = f"{odoo} {release.stat().st_mtime_ns}"
    name = BASE_PREFIX + digest(identity, *dependencies())
    if read_mark(name) is not None:
        return name
    forget(name)
    run_odoo(name, install=dependencies())
    write_mark(name)
    return name


def build_template():
    """Return the name of the database with the addon installed, bundles included."""
    base = build_base()
    assets = tree_digest(addon_files(static=True, demo=False))
    code = tree_digest(addon_files(static=False, demo=False))
    name = TEMPLATE_PREFIX + digest(base, code)
    mark = read_mark(name)
    if mark is None:
        forget(name)
        odoo_env.create_copy(name, template=base)
        run_odoo(name, install=[ADDON])
    elif mark["assets"] != assets:
        run_odoo(name)
    write_mark(name, assets=assets)
    forget_old_templates(keep={base, name})
    return name


def forget_old_templates(keep):
    """Drop all base databases but the present one, and all but the latest templates."""
    marks = (odoo_env.STATE / "databases").glob("wa_*.json")
    newest_first = sorted(marks, key=os.path.getmtime, reverse=True)
    names = [path.stem for path in newest_first]
    templates = [name for name in names if name.startswith(TEMPLATE_PREFIX)]
    bases = [name for name in names if name.startswith(BASE_PREFIX)]
    for name in {*bases[1:], *templates[KEPT_TEMPLATES:]} - keep:
        forget(name)


def create_demo(name, apps=(ADDON,), languages=()):
    """Make a database with these addons and sample data, whatever it was before."""
    forget(name)
    run_odoo(name, install=apps, demo=True, languages=languages, bundles="web")


def build_demo():
    """Create the demo database, or update the addon in it if that has changed."""
    code = tree_digest(addon_files(static=False, demo=True))
    mark = read_mark(DEMO)
    if mark is None:
        create_demo(DEMO)
    elif mark["code"] != code:
        run_odoo(DEMO, update=[ADDON], bundles="web")
    write_mark(DEMO, code=code)


def forget_test_databases():
    """Drop what test runs that were killed have left behind."""
    rows = odoo_env.execute("SELECT datname FROM pg_database")
    for (name,) in rows:
        process = name.removeprefix("wa_test_")
        if process != name and process.isdigit() and not is_alive(int(process)):
            odoo_env.drop(name)


def is_alive(process):
    """Tell whether a process of that number exists."""
    return Path("/proc", str(process)).exists()


def copy_for_tests(name):
    """Make a copy of the template, and drop what runs that were killed left behind."""
    forget_test_databases()
    odoo_env.create_copy(name)


def main():
    """Run one of the commands."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("template")
    commands.add_parser("demo")
    for command in ("copy", "drop"):
        commands.add_parser(command).add_argument("name")
    arguments = parser.parse_args()
    match arguments.command:
        case "template":
            print(build_template())
        case "demo":
            build_demo()
        case "copy":
            copy_for_tests(arguments.name)
        case "drop":
            odoo_env.drop(arguments.name)


if __name__ == "__main__":
    main()
