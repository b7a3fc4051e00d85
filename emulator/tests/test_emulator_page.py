# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The phone page in a real browser, played by a person who reads it."""

import json
import os
import re
import subprocess
import sys
import threading
import urllib.parse
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import expect

from gupshup_emulator import samples
from tools import browser

LUCIA = "34600111222"
DURATION = """async (audio) => {
    if (!audio.readyState) {
        await new Promise((resolve) => (audio.onloadedmetadata = resolve));
    }
    return audio.duration;
}"""
FOLDER = Path(__file__).resolve().parent.parent


class Program:
    """The program that uses the emulator: takes callbacks, serves files."""

    def __init__(self):
        self.bodies = []
        self.arrived = threading.Condition()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                size = int(self.headers["Content-Length"])
                body = json.loads(self.rfile.read(size))
                with outer.arrived:
                    outer.bodies.append(body)
                    outer.arrived.notify_all()
                self._answer(b"", "text/plain")

            def do_GET(self):
                kind = self.path.strip("/").partition(".")[0]
                data, mime_type, _name = samples.of_kind(kind)
                self._answer(data, mime_type)

            def _answer(self, data, mime_type):
                self.send_response(200)
                self.send_header("Content-Type", mime_type)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *args):
                """Keep the output of the tests clean."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def wait(self, kind):
        """Return the payload of the first message of this type."""

        def found():
            return [
                body["payload"]
                for body in self.bodies
                if body["type"] == "message" and body["payload"]["type"] == kind
            ]

        with self.arrived:
            assert self.arrived.wait_for(found, 10), self.bodies
        return found()[0]


class Emulator:
    """The emulator as a process of its own."""

    def __init__(self, program, port="0"):
        self._program = program
        self.url = ""
        self.start(port)

    def start(self, port):
        """Start it and wait until it listens."""
        self._process = subprocess.Popen(
            [
                *(sys.executable, "-m", "gupshup_emulator", "--fast"),
                *("--port", port, "--callback", self._program.url + "/hook"),
            ],
            env=os.environ | {"PYTHONPATH": str(FOLDER)},
            stdout=subprocess.PIPE,
            text=True,
        )
        line = self._process.stdout.readline()
        assert line.startswith("emulator ready on ")
        self.url = line.split()[-1]

    def stop(self):
        """End it."""
        self._process.terminate()
        self._process.communicate(timeout=10)

    def control(self, path, body=None, method=None):
        """Call the control interface."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            f"{self.url}/control{path}", data=data, method=method
        )
        with urllib.request.urlopen(request, timeout=20) as answer:
            return json.load(answer)

    def send(self, message):
        """Send a message to Lucía as the program would; return its GS id."""
        form = {
            "channel": "whatsapp",
            "source": "15550100100",
            "destination": LUCIA,
            "src.name": "DemoSupport",
            "message": json.dumps(message),
        }
        request = urllib.request.Request(
            self.url + "/wa/api/v1/msg",
            data=urllib.parse.urlencode(form).encode(),
            headers={"apikey": "emulator-key"},
        )
        with urllib.request.urlopen(request, timeout=20) as answer:
            return json.load(answer)["messageId"]

    def state_of(self, gs_id, state):
        """Wait until a message has come to a state."""
        match = {"gs_id": gs_id, "state": state}
        return self.control("/wait", {"what": "sent", "match": match})


@pytest.fixture(scope="module")
def chromium():
    with browser.chromium() as running:
        yield running


@pytest.fixture(scope="module")
def program():
    made = Program()
    yield made
    made.server.shutdown()


@pytest.fixture(scope="module")
def process(program):
    made = Emulator(program)
    yield made
    made.stop()


@pytest.fixture
def emulator(process, program):
    process.control("/reset", {})
    program.bodies.clear()
    return process


@pytest.fixture
def page(chromium, emulator):
    made = chromium.new_page(viewport={"width": 1280, "height": 800})
    made.set_default_timeout(10_000)
    problems = []
    made.on("pageerror", lambda error: problems.append(str(error)))
    made.on("console", lambda note: note.type == "error" and problems.append(note.text))
    _open(made, emulator)
    yield made
    made.close()
    # A connection that the test itself cut is reported by the browser as well.
    assert [text for text in problems if "WebSocket" not in text] == []


def _open(page, emulator):
    page.goto(emulator.url)
    expect(page.locator(".live.on")).to_have_text("live")
    page.get_by_role("button", name="Lucía (sample)").click()


def _write(page, text):
    page.get_by_role("textbox", name="Message").fill(text)
    page.keyboard.press("Enter")


def _bubble(page, text):
    return page.locator(".line", has_text=text).last


def test_a_text_goes_to_the_program_and_its_answer_comes_back(page, emulator, program):
    _write(page, "¿Abrís hoy?")
    assert program.wait("text")["payload"]["text"] == "¿Abrís hoy?"
    mine = _bubble(page, "¿Abrís hoy?")
    expect(mine.locator(".ticks.delivered")).to_be_visible()
    expect(page.get_by_role("textbox", name="Message")).to_have_value("")
    gs_id = emulator.send({"type": "text", "text": "Sí, hasta las *20:00* <b>hoy</b>"})
    answer = _bubble(page, "hasta las 20:00")
    expect(answer.locator("strong")).to_have_text("20:00")
    expect(answer.locator(".text")).to_contain_text("<b>hoy</b>")
    # The page shows this chat, so the customer reads.
    emulator.state_of(gs_id, "read")


def test_what_is_not_looked_at_is_counted_and_not_read(page, emulator):
    _write(page, "Hola")
    expect(_bubble(page, "Hola").locator(".ticks.delivered")).to_be_visible()
    page.get_by_role("button", name="Ben (sample)").click()
    expect(page.get_by_text("No messages yet.")).to_be_visible()
    gs_id = emulator.send({"type": "text", "text": "Are you there?"})
    row = page.locator(f'[data-phone="{LUCIA}"]')
    expect(row.locator(".badge")).to_have_text("1")
    emulator.state_of(gs_id, "delivered")
    row.click()
    emulator.state_of(gs_id, "read")
    expect(row.locator(".badge")).to_have_count(0)


def test_photos_and_documents_of_the_program_are_shown(page, emulator, program):
    _write(page, "Hola")
    image = {
        "type": "image",
        "originalUrl": program.url + "/image.png",
        "caption": "Front",
    }
    emulator.send(image)
    picture = page.get_by_role("img", name="Front")
    expect(picture).to_be_visible()
    assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)")
    page.get_by_role("button", name="Open the photo").click()
    expect(page.get_by_role("dialog", name="Photo")).to_be_visible()
    page.get_by_role("button", name="Close", exact=True).click()
    emulator.send(
        {"type": "file", "url": program.url + "/file.pdf", "filename": "bill.pdf"}
    )
    with page.expect_download() as download:
        page.get_by_role("link", name="bill.pdf").click()
    assert Path(download.value.path()).read_bytes() == samples.pdf()


def test_video_voice_and_sticker_of_the_program_are_shown(page, emulator, program):
    _write(page, "Hola")
    theirs = page.locator(".line:not(.mine)")
    emulator.send(
        {"type": "video", "url": program.url + "/video.mp4", "caption": "The tour"}
    )
    film = _bubble(page, "The tour").locator("video[controls]")
    expect(film).to_be_visible()
    assert _fetched(film) == samples.video()

    emulator.send({"type": "audio", "url": program.url + "/audio.ogg"})
    voice = theirs.locator("audio[controls]")
    expect(voice).to_be_visible()
    assert _fetched(voice) == samples.voice()
    assert voice.evaluate(DURATION) == pytest.approx(2, abs=0.1)

    emulator.send({"type": "sticker", "url": program.url + "/sticker.webp"})
    sticker = theirs.get_by_role("img", name="Sticker")
    expect(sticker).to_be_visible()
    size = "image => image.decode().then(() => image.naturalWidth)"
    assert sticker.evaluate(size) == 512


def _fetched(player):
    """Return the bytes that a player plays."""
    with urllib.request.urlopen(player.evaluate("player => player.src")) as answer:
        return answer.read()


def test_a_person_sends_a_photo_and_a_document(page, program, tmp_path):
    photo = tmp_path / "part.png"
    photo.write_bytes(samples.png(40, 40))
    page.get_by_role("textbox", name="Message").fill("The part")
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Attach").click()
        page.get_by_role("menuitem", name="Photo or video").click()
    chooser.value.set_files(photo)
    inner = program.wait("image")["payload"]
    assert inner["caption"] == "The part"
    with urllib.request.urlopen(inner["url"]) as answer:
        assert answer.read() == photo.read_bytes()
    expect(page.get_by_role("img", name="The part")).to_be_visible()
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Attach").click()
        page.get_by_role("menuitem", name="Document").click()
    chooser.value.set_files(photo)
    assert program.wait("file")["payload"]["name"] == "part.png"


def test_a_person_sends_a_place_a_card_and_a_voice_message(page, program):
    def choose(item):
        page.get_by_role("button", name="Attach").click()
        page.get_by_role("menuitem", name=item).click()
        return page.get_by_role("dialog")

    dialog = choose("Location")
    dialog.get_by_label("Name").fill("The shop")
    dialog.get_by_role("button", name="Send").click()
    assert program.wait("location")["payload"]["name"] == "The shop"
    expect(_bubble(page, "The shop")).to_be_visible()
    dialog = choose("Contact card")
    dialog.get_by_label("Name").fill("Eva Ruiz")
    dialog.get_by_role("button", name="Send").click()
    (card,) = program.wait("contact")["payload"]["contacts"]
    assert card["name"]["formatted_name"] == "Eva Ruiz"
    expect(_bubble(page, "Eva Ruiz")).to_be_visible()
    choose("Voice message (sample)")
    assert program.wait("audio")["payload"]["contentType"].startswith("audio/ogg")
    expect(page.locator(".line.mine audio")).to_be_visible()


def test_what_the_program_sends_beside_texts_is_shown(page, emulator, program):
    _write(page, "Hola")
    place = {"latitude": "40.41", "longitude": "-3.70", "name": "Our shop"}
    emulator.send({"type": "location", **place})
    expect(_bubble(page, "Our shop")).to_be_visible()
    name = {"firstName": "Ana", "formattedName": "Ana Gil"}
    phones = [{"phone": "+34600223344", "type": "WORK"}]
    emulator.send({"type": "contact", "contact": {"name": name, "phones": phones}})
    expect(_bubble(page, "Ana Gil")).to_be_visible()


def test_buttons_and_lists_can_be_tapped(page, emulator, program):
    _write(page, "Hola")
    emulator.send(
        {
            "type": "quick_reply",
            "msgid": "menu",
            "content": {"type": "text", "text": "Which department?"},
            "options": [{"type": "text", "title": "Sales", "postbackText": "d:sales"}],
        }
    )
    page.get_by_role("button", name="Sales").click()
    assert program.wait("button_reply")["payload"]["postbackText"] == "d:sales"
    emulator.send(
        {
            "type": "list",
            "title": "Slots",
            "body": "Choose",
            "globalButtons": [{"type": "text", "title": "See slots"}],
            "items": [{"title": "Tue", "options": [{"title": "Tue 10:00"}]}],
        }
    )
    page.get_by_role("button", name="See slots").click()
    page.get_by_role("dialog").get_by_role("button", name="Tue 10:00").click()
    assert program.wait("list_reply")["payload"]["title"] == "Tue 10:00"
    expect(page.locator(".line.mine", has_text="Tue 10:00")).to_be_visible()


def test_quoting_and_reacting(page, emulator, program):
    _write(page, "Hola")
    gs_id = emulator.send({"type": "text", "text": "Which one?"})
    _bubble(page, "Which one?").locator(".text").click()
    page.get_by_role("button", name="Reply", exact=True).locator("visible=true").click()
    expect(page.locator(".quote-bar")).to_contain_text("Which one?")
    _write(page, "That one")
    expect(_bubble(page, "That one").locator(".quote")).to_contain_text("Which one?")
    quotes = [body["payload"].get("context") for body in program.bodies]
    assert gs_id in [context["gsId"] for context in quotes if context]
    theirs = page.locator(".line.theirs", has_text="Which one?")
    theirs.locator(".text").click()
    theirs.get_by_role("button", name="React with 👍").click()
    assert program.wait("reaction")["payload"]["gsId"] == gs_id
    expect(theirs.locator(".reactions")).to_have_text("👍")
    wa_id = program.wait("text")["id"]
    emulator.send({"type": "reaction", "msgId": wa_id, "emoji": "❤️"})
    mine = page.locator(".line.mine", has_text="Hola")
    expect(mine.locator(".reactions")).to_have_text("❤️")


def test_switches_set_faults_and_show_those_that_others_set(page, emulator):
    page.get_by_role("tab", name="Faults").click()
    page.get_by_role("switch", name="Shuffle").check()
    page.get_by_label("HTTP status", exact=True).fill("503")
    page.keyboard.press("Enter")
    expect(page.get_by_text("2 changed")).to_be_visible()
    switches = emulator.control("/faults")
    assert (switches["shuffle"], switches["http_status"]) == (True, 503)
    page.get_by_role("button", name="Back to usual").click()
    expect(page.get_by_text("All as usual")).to_be_visible()
    emulator.control("/faults", {"hold": True}, "PUT")
    expect(page.get_by_role("switch", name="Hold")).to_be_checked()
    page.get_by_role("tab", name="Receipts").click()
    page.get_by_role("button", name="Fail the next").click()
    expect(page.get_by_label("Fail code")).to_have_value("131049")


def test_the_clock_shuts_the_window_and_the_failure_is_shown(page, emulator):
    chip = page.locator(".chat-head .window-chip")
    expect(chip).to_have_text("no window")
    _write(page, "Hola")
    expect(chip).to_have_text(re.compile(r"23:59:\d\d|24:00:00"))
    page.get_by_role("tab", name="Clock").click()
    page.get_by_role("button", name="+24 h").click()
    expect(chip).to_have_text("window shut")
    emulator.send({"type": "text", "text": "Too late"})
    expect(_bubble(page, "Too late").locator(".failure")).to_contain_text("131047")
    page.get_by_role("button", name="Real time").click()
    expect(chip).to_have_attribute("data-state", "open")


def test_traffic_is_shown_live_with_its_json(page, emulator):
    _write(page, "Hola")
    emulator.send({"type": "text", "text": "Raw as it is"})
    callbacks = page.get_by_role("region", name="Callbacks")
    expect(callbacks.get_by_role("button", name="delivered")).to_be_visible()
    requests = page.get_by_role("region", name="Requests")
    requests.get_by_role("button", name="send text").click()
    detail = page.get_by_role("region", name="Details")
    expect(detail).to_contain_text('"Raw as it is"')
    expect(detail).not_to_contain_text("emulator-key")
    page.get_by_role("checkbox", name="Only this chat").check()
    page.get_by_role("button", name="Ben (sample)").click()
    expect(callbacks.get_by_text("Nothing yet")).to_be_visible()


def test_a_phone_without_a_number_can_be_added(page, program):
    page.get_by_role("button", name="Add a phone").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Profile name").fill("Sam")
    dialog.get_by_label("Business-scoped user id").fill("US.4711471147114711")
    dialog.get_by_role("button", name="Add", exact=True).click()
    expect(page.locator(".chat-head")).to_contain_text("as Sam")
    _write(page, "Hi")
    sender = program.wait("text")["sender"]
    assert (sender["userId"], sender["phone"]) == ("US.4711471147114711", "")


def test_the_page_comes_back_when_the_emulator_was_restarted(page, emulator):
    port = emulator.url.rsplit(":", 1)[1]
    emulator.stop()
    expect(page.locator(".live")).to_have_text("connecting…")
    emulator.start(port)
    expect(page.locator(".live.on")).to_have_text("live", timeout=20_000)
    emulator.control("/inbound", {"phone": LUCIA, "text": "Back again"})
    expect(page.locator(".line.mine", has_text="Back again")).to_be_visible()


def test_a_small_screen_shows_one_view_at_a_time(page, emulator):
    page.set_viewport_size({"width": 390, "height": 844})
    expect(page.locator("#phones")).to_be_hidden()
    page.get_by_role("button", name="To the phones").click()
    expect(page.locator("#stage")).to_be_hidden()
    page.get_by_role("button", name="Ben (sample)").click()
    expect(page.locator("#stage")).to_be_visible()
    page.get_by_role("navigation").get_by_role("button", name="Controls").click()
    expect(page.get_by_role("tab", name="Traffic")).to_be_visible()
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width == 390


def test_a_long_name_leaves_room_for_its_window(page, emulator):
    name = "A customer with a name that is a good deal longer than a panel is wide"
    emulator.control("/phones", {"phone": "34600111333", "name": name})
    page.get_by_role("tab", name="Clock").click()
    body = page.locator(".panel-body")
    expect(body).to_contain_text(name)
    inner, outer = body.evaluate("el => [el.scrollWidth, el.clientWidth]")
    assert inner == outer
