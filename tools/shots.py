"""Take the screenshots of the documentation: ``./dev shots [DIRECTORY]``.

A fresh database with the sample data, a real Odoo, the emulator, Chromium: a sample
conversation is played through all of them and looked at. Pictures go to docs/images.
"""

import argparse
import base64
import contextlib
import json
import os
import struct
import subprocess
import sys
import urllib.request
import zlib
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from playwright.sync_api import sync_playwright  # noqa: E402

from tools import database, odoo_env  # noqa: E402
from tools.demo import CALLBACK_PATH, stop  # noqa: E402

NAME = "wa_shots"
CHROMIUM = "/usr/bin/chromium"
LUCIA, BEN = "34600111222", "491701234567"
DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}


class Emulator:
    """The emulator as a process, scripted through its control interface."""

    def __init__(self, callback):
        port = odoo_env.free_port()
        self.url = f"http://127.0.0.1:{port}"
        self._process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "gupshup_emulator",
                f"--port={port}",
                f"--callback={callback}",
            ],
            env={**os.environ, "PYTHONPATH": str(odoo_env.ROOT / "emulator")},
            stdout=subprocess.PIPE,
        )
        self._process.stdout.readline()  # it prints a line once it listens

    def call(self, path, **data):
        """Post to the control interface and return its answer."""
        request = urllib.request.Request(
            f"{self.url}/control/{path}",
            data=json.dumps(data).encode(),
            headers={"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=30) as response:
            return json.load(response)

    def write(self, phone, text="", **message):
        """Have a sample customer write."""
        self.call("inbound", phone=phone, text=text, wait=True, **message)

    def stop(self):
        stop(self._process)


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


def prepare_database(emulator_url, odoo_url):
    """Make a database with the sample data, whose line leads to the emulator."""
    odoo_env.drop(NAME)
    database.run_odoo(NAME, install=[database.ADDON], demo=True, bundles="web")
    for statement in (
        f"UPDATE whatsapp_omni_provider SET base_url = '{emulator_url}',"
        f" media_origins = '{emulator_url}'",
        "INSERT INTO ir_config_parameter (key, value)"
        f" VALUES ('web.base.url', '{odoo_url}'), ('web.base.url.freeze', 'True')"
        " ON CONFLICT (key) DO UPDATE SET value = EXCLUDED.value",
    ):
        odoo_env.execute(statement, NAME)


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


def play(emulator, page):
    """Play the sample conversation up to the moment of the pictures."""
    emulator.write(LUCIA, "Hola, ¿abrís hoy?")
    page.locator(".o-whatsapp_omni-ConversationCard-capture").first.click()
    composer = page.locator(".o-mail-Composer-input")
    composer.fill("¡Hola, Lucía! Sí, hasta las *20:00*.")
    page.locator("button[name=send-message]:enabled").click()
    emulator.call("wait", what="sent", count=2)  # the line's welcome and the answer
    picture = {
        "content_base64": base64.b64encode(photo()).decode(),
        "mime_type": "image/png",
        "name": "tornillo.png",
    }
    emulator.write(LUCIA, type="image", caption="Se ha roto esta pieza", media=picture)
    page.wait_for_selector(".o-mail-AttachmentImage")
    composer.fill("Gracias por la foto: la tenemos. ¿Se la *reservo*?")
    page.locator("button[name=send-message]:enabled").click()
    emulator.call("wait", what="sent", count=3)
    for sent in emulator_sent(emulator):
        emulator.call("receipt", gs_id=sent["gs_id"], status="read", wait=True)
    emulator.write(LUCIA, "Sí, por favor 🙏")
    emulator.write(BEN, "Moin, wo ist meine Bestellung?")
    page.wait_for_selector("text=Sí, por favor")


def emulator_sent(emulator):
    with urllib.request.urlopen(f"{emulator.url}/control/sent", timeout=30) as response:
        return json.load(response)["sent"]


def take(page, directory, name):
    settle(page)
    page.screenshot(path=str(directory / f"{name}.png"))
    print(f"  {name}.png", flush=True)


def call(page, odoo_url, model, method, *args):
    """Call a method as the user of a page, and return its result."""
    response = page.request.post(
        f"{odoo_url}/web/dataset/call_kw",
        data={"params": {"model": model, "method": method, "args": args, "kwargs": {}}},
    )
    return response.json()["result"]


def come_to_work(page, odoo_url):
    """Have the page's agent be available."""
    call(page, odoo_url, "whatsapp_omni.agent", "set_state", "available")
    page.wait_for_selector(".o-whatsapp_omni-AgentState[data-state=available]")


def let_it_ring(page, admin, odoo_url):
    """Have the queues give out what waits, and the page's agent be there."""
    queues = call(admin, odoo_url, "whatsapp_omni.queue", "search", [])
    settings = {"strategy": "least_busy", "offer_seconds": 60}
    call(admin, odoo_url, "whatsapp_omni.queue", "write", queues, settings)
    call(page, odoo_url, "whatsapp_omni.agent", "set_state", "available")
    page.wait_for_selector(".o-whatsapp_omni-OfferCard")


def take_all(browser, emulator, odoo_url, directory):
    context = browser.new_context(viewport=DESKTOP, locale="en-GB")
    page = log_in(context, odoo_url, "agent")
    come_to_work(page, odoo_url)
    colleague = log_in(browser.new_context(viewport=DESKTOP), odoo_url, "agent2")
    come_to_work(colleague, odoo_url)
    page.bring_to_front()
    play(emulator, page)
    take(page, directory, "desk")
    page.locator(".o-whatsapp_omni-ConversationHeader-close").click()
    page.wait_for_selector("[role=dialog]")
    take(page, directory, "close")
    page.keyboard.press("Escape")
    page.locator(".o-whatsapp_omni-ConversationHeader-transfer").click()
    page.wait_for_selector(".o-whatsapp_omni-TransferDialog-option")
    take(page, directory, "transfer")
    page.keyboard.press("Escape")
    desk_url = page.url
    phone = context.new_page()
    phone.goto(emulator.url)
    phone.get_by_text("Lucía").first.click()
    take(phone, directory, "phone-page")
    state = context.storage_state()
    narrow = browser.new_context(viewport=PHONE, storage_state=state).new_page()
    narrow.goto(desk_url)
    narrow.wait_for_selector(".o-mail-Composer-input")
    narrow.wait_for_function(
        "[...document.querySelectorAll('.o-mail-AttachmentList img')]"
        ".some((image) => image.naturalWidth)"
    )
    take(narrow, directory, "desk-narrow")
    admin = log_in(browser.new_context(viewport=DESKTOP), odoo_url, "admin")
    call(colleague, odoo_url, "whatsapp_omni.agent", "set_state", "offline")
    page.bring_to_front()
    let_it_ring(page, admin, odoo_url)
    take(page, directory, "offer")
    page = admin
    page.goto(f"{odoo_url}/odoo/action-whatsapp_omni.line_action/1")
    page.wait_for_selector(".o_form_view")
    take(page, directory, "line")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    default = odoo_env.ROOT / "docs" / "images"
    parser.add_argument("directory", nargs="?", type=Path, default=default)
    directory = parser.parse_args().directory
    directory.mkdir(parents=True, exist_ok=True)
    port = odoo_env.free_port()
    odoo_url = f"http://127.0.0.1:{port}"
    with contextlib.ExitStack() as stack:
        emulator = Emulator(odoo_url + CALLBACK_PATH)
        stack.callback(emulator.stop)
        prepare_database(emulator.url, odoo_url)
        stack.callback(odoo_env.drop, NAME)
        stack.enter_context(odoo_env.start_odoo(NAME, port=port))
        playwright = stack.enter_context(sync_playwright())
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox"]
        )
        stack.callback(browser.close)
        take_all(browser, emulator, odoo_url, directory)


if __name__ == "__main__":
    main()
