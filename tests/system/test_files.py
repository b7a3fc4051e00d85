# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Files of every kind in both directions, and what goes wrong with them."""

import base64
import hashlib
import hmac
import io
import random
import time
import zipfile
from contextlib import contextmanager
from typing import NamedTuple

import pytest
import requests
from harness.callbacks import new_phone, profile_name
from harness.waiting import wait_until
from PIL import Image
from screens import Desk, window

from conftest import in_one_mode
from gupshup_emulator import samples
from tools.odoo_env import free_port

SLOW = 6
OFFICE = "application/vnd.openxmlformats-officedocument"


class File(NamedTuple):
    """A file, and what GupShup calls messages that carry it."""

    type: str
    content: bytes
    mime_type: str
    name: str

    @property
    def caption(self):
        """What can be said below it."""
        return "" if self.type in ("audio", "sticker") else "For you"


def office(part):
    """Return the least that is a document of Office, told by its main part."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name in ("[Content_Types].xml", part):
            archive.writestr(name, "<x/>")
    return content.getvalue()


FILES = {
    "image": File("image", samples.png(20, 10), "image/png", "part.png"),
    "voice": File("audio", samples.voice(), "audio/ogg; codecs=opus", "voice.ogg"),
    "video": File("video", samples.video(), "video/mp4", "tour.mp4"),
    "sticker": File("sticker", samples.webp(), "image/webp", "smile.webp"),
    "document": File("file", samples.pdf(), "application/pdf", "Factura nº 7.pdf"),
    "word": File(
        "file",
        office("word/document.xml"),
        f"{OFFICE}.wordprocessingml.document",
        "Oferta.docx",
    ),
    "excel": File(
        "file",
        office("xl/workbook.xml"),
        f"{OFFICE}.spreadsheetml.sheet",
        "Tarifas 2027.xlsx",
    ),
}


@pytest.mark.parametrize("kind", FILES)
def test_customer_sends_a_file(centre, kind):
    """It is there at once with its caption, then with its content, name and type."""
    file = FILES[kind]
    agent = centre.browser("ana")
    phone = send_file(centre, kind, caption=file.caption)
    centre.wait_applied()
    assert centre.transcript(phone) == [file.caption]
    wait_media(centre, phone, "done")

    agent.capture(centre.conversations(phone)[0])
    (attachment,) = agent.search_read(
        "ir.attachment",
        [["res_model", "=", "discuss.channel"], ["res_id", "=", centre.channel(phone)]],
        ["mimetype", "name"],
    )
    assert attachment["mimetype"] == file.mime_type.partition(";")[0]
    if file.type == "file":
        assert attachment["name"] == file.name
    url = f"{centre.odoo.url}/web/content/{attachment['id']}"
    assert agent.session.get(url, timeout=20).content == file.content


@pytest.mark.parametrize(
    ("faults", "fetches"),
    [({"media_gone": True}, 1), ({"media_size": 101 * 1024 * 1024}, 1)],
    ids=["gone", "too big"],
)
def test_file_that_cannot_be_had(centre, faults, fetches):
    """The message stays with the reason; asking again would lead to a lock-out."""
    centre.emulator.faults(**faults)
    phone = send_file(centre, "image")
    wait_media(centre, phone, "failed")
    centre.run_job("WhatsApp: fetch customers' files")
    assert len(media_requests(centre)) == fetches
    assert media_row(centre, phone)["media_error"]


def test_file_on_another_server(centre):
    """Whoever knows the callback address cannot make Odoo fetch from anywhere."""
    elsewhere = centre.emulator.url.replace("127.0.0.1", "localhost")
    phone = send_file(centre, "image", url=f"{elsewhere}/wa/secret.png")
    wait_media(centre, phone, "failed")
    assert centre.emulator.requests("/wa/secret.png") == []


def test_lock_out(centre):
    """GupShup says 429: nothing more is fetched for a while, and nothing is lost."""
    centre.emulator.faults(media_status=429)
    phones = [send_file(centre, "image")]
    try:
        wait_until(lambda: media_requests(centre), what="a fetch")
        wait_until(lambda: postponed(centre, phones[0]), what="a pause")
        phones.append(send_file(centre, "image"))
        centre.wait_applied()
        centre.run_job("WhatsApp: fetch customers' files")
        assert len(media_requests(centre)) == 1
        assert [media_row(centre, phone)["media_state"] for phone in phones] == [
            "pending",
            "pending",
        ]
    finally:
        centre.emulator.faults()
        centre.end_lock_out()
    centre.run_job("WhatsApp: fetch customers' files")
    for phone in phones:
        wait_media(centre, phone, "done")


def test_slow_file_holds_up_nobody(centre):
    """While a file takes its time, others write, are answered, and see their ticks."""
    agent = centre.browser("ana")
    other, channel_id = centre.attended(agent)
    centre.emulator.faults(media_latency=SLOW)
    phone = send_file(centre, "image")
    centre.wait_applied()
    began = time.monotonic()
    agent.post(channel_id, "Hello")
    centre.wait_answers(other, "delivered")
    wait_until(
        lambda: not centre.value(
            "SELECT count(*) FROM whatsapp_omni_message WHERE dirty"
        )
    )
    assert time.monotonic() - began < SLOW - 1
    assert media_row(centre, phone)["media_state"] == "pending"
    wait_media(centre, phone, "done")


@pytest.mark.parametrize("kind", FILES)
def test_agent_sends_a_file(centre, kind):
    """GupShup fetches it by a public address and gets the very bytes."""
    file = FILES[kind]
    agent = centre.browser("ana")
    phone, channel_id = centre.attended(agent)
    attachment_id = agent.upload(channel_id, file.name, file.content, file.mime_type)
    agent.post(channel_id, file.caption, [attachment_id])
    centre.wait_answers(phone, "delivered")

    (record,) = centre.emulator.sent(phone)
    assert record["message"]["type"] == file.type
    assert record["message"].get("caption", "") == file.caption
    assert record["media"]["mime_type"] == file.mime_type
    copy = requests.get(
        f"{centre.emulator.url}/phone/media/{record['media']['id']}", timeout=20
    )
    assert copy.content == file.content
    if file.type == "file":
        assert record["message"]["filename"] == file.name


def test_public_address_cannot_be_forged(centre):
    """The address opens one file until it expires; any change of it opens nothing."""
    _type, content, mime_type, name = FILES["image"]
    agent = centre.browser("ana")
    phone, channel_id = centre.attended(agent)
    ids = [agent.upload(channel_id, name, content, mime_type) for _file in range(2)]
    agent.post(channel_id, "For you", ids[:1])
    centre.wait_answers(phone, "delivered")
    (record,) = centre.emulator.sent(phone)
    url = record["message"]["originalUrl"]
    base, file_id, expires, signature, file_name = url.rsplit("/", 4)
    assert (int(file_id), file_name) == (ids[0], name)
    assert fetch(url).content == content
    assert signature == sign(centre, ids[0], int(expires)), "the test signs otherwise"

    past = int(time.time()) - 1
    for forged in (
        f"{base}/{file_id}/{expires}/{signature[:-1]}x/{name}",
        f"{base}/{file_id}/{expires}/{'0' * 64}/{name}",
        f"{base}/{file_id}/{expires}/ñ/{name}",
        f"{base}/{file_id}/{int(expires) + 1}/{signature}/{name}",
        f"{base}/{ids[1]}/{expires}/{signature}/{name}",
        f"{base}/{file_id}/{past}/{sign(centre, ids[0], past)}/{name}",
        f"{base}/99999999/{expires}/{signature}/{name}",
    ):
        assert fetch(forged).status_code == 404, forged


@in_one_mode
def test_large_photo_is_made_smaller(centre):
    """A camera's photo goes out as a photo, which is why the composer lets it pass."""
    content = io.BytesIO()
    size = (3000, 2000)
    noise = Image.frombytes("RGB", size, random.Random(1).randbytes(3 * 3000 * 2000))
    noise.save(content, "JPEG", quality=90)
    assert len(content.getvalue()) > 5 * 1024 * 1024
    agent = centre.browser("ana")
    phone, channel_id = centre.attended(agent)
    file = ("camera.jpg", content.getvalue(), "image/jpeg")
    agent.post(channel_id, "Look", [agent.upload(channel_id, *file)])
    centre.wait_answers(phone, "delivered")
    (record,) = centre.emulator.sent(phone)
    assert record["message"]["type"] == "image"
    assert record["media"]["size"] < 5 * 1024 * 1024


@in_one_mode
def test_file_that_whatsapp_cannot_fetch(centre, chromium, files):
    """The agent reads why and what to do; once repaired, the same file arrives."""
    with window(chromium) as screen:
        phone, desk = conversing(centre, screen)
        # the public address of Odoo is wrong, as after a move
        with base_url(centre, f"http://127.0.0.1:{free_port()}"):
            desk.send(files("part.png", samples.png(20, 10)), "This one")
            centre.wait_answers(phone, "failed")
            trouble = desk.trouble("This one")
        assert "Not delivered" in trouble and "Media download error" in trouble
        assert "Send it once more" in trouble

        desk.retry("This one")
        centre.wait_answers(phone, "failed", "delivered")
        desk.ticks("This one", "delivered")
    assert [record["message"]["type"] for record in centre.emulator.sent(phone)] == [
        "image",
        "image",
    ]


@in_one_mode
def test_file_that_whatsapp_cannot_use(centre, chromium, files):
    """Nothing is gained by sending it again: the agent is told to look at the file."""
    centre.emulator.faults(fail_code=131053, fail_after="sent")
    with window(chromium) as screen:
        phone, desk = conversing(centre, screen)
        desk.send(files("tour.mp4", samples.video()), "The tour")
        centre.wait_answers(phone, "failed")
        trouble = desk.trouble("The tour")
        assert "Not delivered" in trouble and "Media upload error" in trouble
        assert "Check the file: its type, its size, and that it opens." in trouble
        assert not desk.may_retry("The tour")
    assert len(centre.emulator.sent(phone)) == 1


def conversing(centre, screen):
    """Let Ana take a new customer on her screen; return number and desk."""
    phone = new_phone()
    desk = Desk(screen, centre.odoo.url, "ana", profile_name(phone))
    centre.emulator.write(phone, "Which one?")
    desk.capture("Which one?")
    return phone, desk


@contextmanager
def base_url(centre, url):
    """Give Odoo another public address for a while."""
    admin = centre.browser("admin")
    try:
        admin.call("ir.config_parameter", "set_param", "web.base.url", url)
        yield
    finally:
        admin.call("ir.config_parameter", "set_param", "web.base.url", centre.odoo.url)


def send_file(centre, kind, url=None, caption=""):
    """Let a new customer send a file; return the customer's number."""
    file = FILES[kind]
    phone = new_phone()
    media = {
        "content_base64": base64.b64encode(file.content).decode(),
        "mime_type": file.mime_type,
        "name": file.name,
    }
    if url:
        media["url"] = url
    centre.emulator.write(phone, type=file.type, media=media, caption=caption)
    return phone


def media_requests(centre):
    """Return the downloads that Odoo has tried."""
    return [
        row for row in centre.emulator.requests("/wa/media") if row["method"] == "GET"
    ]


def media_row(centre, phone):
    """Return what became of the file of the customer's only message."""
    names = ("media_state", "media_error", "media_next_at")
    ((*values,),) = centre.query(
        f"SELECT {', '.join(names)} FROM whatsapp_omni_message"
        " WHERE customer_id = (SELECT id FROM whatsapp_omni_customer WHERE wa_id = %s)",
        phone,
    )
    return dict(zip(names, values, strict=True))


def wait_media(centre, phone, state):
    """Return when the file of the customer's only message is in this state."""
    centre.wait_applied()
    wait_until(
        lambda: media_row(centre, phone)["media_state"] == state,
        30,
        f"media_state {state}",
    )


def postponed(centre, phone):
    """Tell whether the file is to be fetched much later."""
    return centre.value(
        "SELECT media_next_at > now() AT TIME ZONE 'UTC' + '30m'::interval"
        "  FROM whatsapp_omni_message WHERE customer_id ="
        " (SELECT id FROM whatsapp_omni_customer WHERE wa_id = %s)",
        phone,
    )


def fetch(url):
    """Fetch an address like somebody without a session."""
    return requests.get(url, timeout=20, allow_redirects=False)


def sign(centre, attachment_id, expires):
    """Return the signature that Odoo would make, with the secret of its database."""
    secret = centre.value(
        "SELECT value FROM ir_config_parameter WHERE key = 'database.secret'"
    )
    checksum = centre.value(
        "SELECT checksum FROM ir_attachment WHERE id = %s", attachment_id
    )
    message = repr(("whatsapp_omni.media", (attachment_id, expires, checksum)))
    return hmac.new(secret.encode(), message.encode(), hashlib.sha256).hexdigest()
