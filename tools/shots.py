"""Take the screenshots of the documentation: ``./dev shots [DIRECTORY]``.

A fresh database with the sample data, a real Odoo, the emulator, Chromium: a sample
conversation is played through all of them and looked at. Pictures go to docs/images.
"""

import argparse
import base64
import contextlib
import struct
import zlib
from pathlib import Path

from tools import browser, database, emulator, odoo_env
from tools.demo import CALLBACK_PATH

NAME = "wa_shots"
LUCIA, BEN = "34600111222", "491701234567"
DESKTOP = {"width": 1440, "height": 900}


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


def play(gupshup, page):
    """Play the sample conversation up to the moment of the pictures."""
    gupshup.write(LUCIA, "Hola, ¿abrís hoy?")
    page.locator(".o-whatsapp_omni-ConversationCard-capture").first.click()
    # Until it is the agent's, the composer takes notes only.
    page.locator(".o-whatsapp_omni-ConversationHeader-close").wait_for()
    composer = page.locator(".o-mail-Composer-input")
    composer.fill("¡Hola, Lucía! Sí, hasta las *20:00*.")
    page.locator("button[name=send-message]:enabled").click()
    # The line's welcome and the answer.
    gupshup.call("POST", "wait", {"what": "sent", "count": 2})
    picture = {
        "content_base64": base64.b64encode(photo()).decode(),
        "mime_type": "image/png",
        "name": "tornillo.png",
    }
    gupshup.write(LUCIA, type="image", caption="Se ha roto esta pieza", media=picture)
    page.wait_for_selector(".o-mail-AttachmentImage")
    composer.fill("Gracias por la foto: la tenemos. ¿Se la *reservo*?")
    page.locator("button[name=send-message]:enabled").click()
    gupshup.call("POST", "wait", {"what": "sent", "count": 3})
    for sent in gupshup.call("GET", "sent")["sent"]:
        receipt = {"gs_id": sent["gs_id"], "status": "read", "wait": True}
        gupshup.call("POST", "receipt", receipt)
    gupshup.write(LUCIA, "Sí, por favor 🙏")
    gupshup.write(BEN, "Moin, wo ist meine Bestellung?")
    page.wait_for_selector("text=Sí, por favor")


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


def take_all(chromium, gupshup, odoo_url, directory):
    context = chromium.new_context(viewport=DESKTOP, locale="en-GB")
    page = log_in(context, odoo_url, "agent")
    come_to_work(page, odoo_url)
    colleague = log_in(chromium.new_context(viewport=DESKTOP), odoo_url, "agent2")
    come_to_work(colleague, odoo_url)
    page.bring_to_front()
    play(gupshup, page)
    take(page, directory, "desk")
    page.locator(".o-whatsapp_omni-ConversationHeader-close").click()
    page.wait_for_selector("[role=dialog]")
    take(page, directory, "close")
    page.keyboard.press("Escape")
    page.locator(".o-whatsapp_omni-ConversationHeader-transfer").click()
    page.wait_for_selector(".o-whatsapp_omni-TransferDialog-option")
    take(page, directory, "transfer")
    page.keyboard.press("Escape")
    phone = context.new_page()
    phone.goto(gupshup.url)
    phone.get_by_text("Lucía").first.click()
    take(phone, directory, "phone-page")
    admin = log_in(chromium.new_context(viewport=DESKTOP), odoo_url, "admin")
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
        gupshup = stack.enter_context(
            Emulator(
                f"--callback={odoo_url}{CALLBACK_PATH}",
                log_path=odoo_env.STATE / "log" / "emulator-shots.log",
            )
        )
        prepare_database(gupshup.url, odoo_url)
        stack.callback(odoo_env.drop, NAME)
        stack.enter_context(odoo_env.start_odoo(NAME, port=port))
        chromium = stack.enter_context(browser.chromium())
        take_all(chromium, gupshup, odoo_url, directory)


if __name__ == "__main__":
    main()
