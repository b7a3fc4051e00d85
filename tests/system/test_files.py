# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Photos and documents in both directions, and what goes wrong with them."""

import base64
import hashlib
import hmac
import time

import pytest
import requests
from harness import new_phone, wait_until

from gupshup_emulator import samples

SLOW = 6
FILES = {
    "image": (samples.png(20, 10), "image/png", "part.png"),
    "document": (samples.pdf(), "application/pdf", "Factura nº 7.pdf"),
}
#: What GupShup calls them.
INBOUND_TYPE = {"image": "image", "document": "file"}


@pytest.mark.parametrize("kind", FILES)
def test_customer_sends_a_file(centre, kind):
    """It is there at once with its caption, then with its content, name and type."""
    content, mime_type, name = FILES[kind]
    agent = centre.browser("ana")
    phone = send_file(centre, kind, caption="Look at this")
    centre.wait_applied()
    assert centre.transcript(phone) == ["Look at this"]
    wait_media(centre, phone, "done")

    agent.capture(centre.conversations(phone)[0])
    (attachment,) = agent.search_read(
        "ir.attachment",
        [["res_model", "=", "discuss.channel"], ["res_id", "=", centre.channel(phone)]],
        ["mimetype", "name"],
    )
    assert attachment["mimetype"] == mime_type
    if kind == "document":
        assert attachment["name"] == name
    url = f"{centre.odoo.url}/web/content/{attachment['id']}"
    assert agent.session.get(url, timeout=20).content == content


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
    content, mime_type, name = FILES[kind]
    agent = centre.browser("ana")
    phone, channel_id = centre.attended(agent)
    attachment_id = agent.upload(channel_id, name, content, mime_type)
    agent.post(channel_id, "For you", [attachment_id])
    centre.wait_answers(phone, "delivered")

    (record,) = centre.emulator.sent(phone)
    assert record["message"]["type"] == INBOUND_TYPE[kind]
    assert record["message"]["caption"] == "For you"
    copy = requests.get(
        f"{centre.emulator.url}/phone/media/{record['media']['id']}", timeout=20
    )
    assert copy.content == content
    if kind == "document":
        assert record["message"]["filename"] == name


def test_public_address_cannot_be_forged(centre):
    """The address opens one file until it expires; any change of it opens nothing."""
    content, mime_type, name = FILES["image"]
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


def send_file(centre, kind, url=None, caption=""):
    """Let a new customer send a file; return the customer's number."""
    content, mime_type, name = FILES[kind]
    phone = new_phone()
    media = {
        "content_base64": base64.b64encode(content).decode(),
        "mime_type": mime_type,
        "name": name,
    }
    if url:
        media["url"] = url
    centre.emulator.write(phone, type=INBOUND_TYPE[kind], media=media, caption=caption)
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
