"""What taking pictures of a centre needs: ``./dev shots``, with ``--all`` and without.

A real Odoo on a database with the sample data, the emulator, Chromium. What is looked
at is in tools/guide.py (the documentation) and tools/gallery.py (every screen).
"""

import struct
import zlib

from tools import database, emulator, odoo_env

NAME = "wa_shots"


class Emulator(emulator.Emulator):
    """The emulator, whose sample customers write when told to."""

    def write(self, phone, text="", **message):
        """Have a sample customer write."""
        spec = {"phone": phone, "text": text, "wait": True, **message}
        self.call("POST", "inbound", spec)


def photo(width=360, height=240):
    """Return a drawn sample photo (PNG): a grey bolt on a coloured ground."""
    rows = []
    for y in range(height):
        row = bytearray([0])
        for x in range(width):
            bolt = abs(x - width // 2) < 26 and 40 < y < 200
            head = abs(x - width // 2) < 60 and 30 < y < 70
            crack = abs((x - width // 2) - (y - 130) // 2) < 3 and 90 < y < 170
            shade = 90 + y // 4
            dark = (60, 20, 20) if crack else (shade, shade, shade + 10)
            row += bytes(dark if bolt or head else (200 - y // 4, 180, 150 + x // 8))
        rows.append(bytes(row))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = [
        (b"IHDR", header),
        (b"IDAT", zlib.compress(b"".join(rows))),
        (b"IEND", b""),
    ]
    chunks = (
        struct.pack(">I", len(data))
        + kind
        + data
        + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in parts
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def prepare_database(emulator_url, odoo_url, apps=(database.ADDON,)):
    """Make a database with the sample data, whose line leads to the emulator."""
    database.create_demo(NAME, apps)
    connect(NAME, emulator_url, odoo_url)


def connect(name, emulator_url, odoo_url):
    """Tell a database its own address, and its sample line the emulator's."""
    for statement in (
        f"UPDATE whatsapp_omni_provider SET base_url = '{emulator_url}',"
        f" media_origins = '{emulator_url}'",
        "INSERT INTO ir_config_parameter (key, value)"
        f" VALUES ('web.base.url', '{odoo_url}'), ('web.base.url.freeze', 'True')"
        " ON CONFLICT (key) DO UPDATE SET value = EXCLUDED.value",
    ):
        odoo_env.execute(statement, name)


def log_in(context, odoo_url, login):
    """Return a page of the desk, logged in."""
    page = context.new_page()
    page.goto(f"{odoo_url}/web/login")
    page.fill("input[name=login]", login)
    page.fill("input[name=password]", login)
    page.click("button[type=submit]")
    page.wait_for_url("**/odoo**")
    page.goto(f"{odoo_url}/odoo/whatsapp")
    page.wait_for_selector("[role=tablist]")
    return page


def settle(page):
    """Wait until fonts and pictures are there."""
    page.wait_for_function(
        "document.fonts.status === 'loaded'"
        " && [...document.images].every((image) => image.complete)"
    )
