# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Whatever is posted to the callback address: answered well, written down, harmless."""

import http.client
import json
from collections import Counter
from urllib.parse import urlsplit

import pytest
import requests
from harness.callbacks import CALLBACK_PATH, new_phone, text_message
from harness.waiting import wait_until

TOO_LONG = 1_000_001

#: What somebody posts, and the kind and state under which the journal keeps it.
STRANGE_BODIES = {
    "empty": (b"", "broken", "failed"),
    "not JSON": (b"Hello, is anybody there?", "broken", "failed"),
    "JSON cut off": (b'{"app": "DemoSupport", "type": "mess', "broken", "failed"),
    "not UTF-8": (b"\xff\xfe\x00{}\xc3\x28", "broken", "failed"),
    "a number": (b"17", "broken", "failed"),
    "deeply nested": (b"[" * 100_000, "broken", "failed"),
    "too long": (b"x" * TOO_LONG, "broken", "failed"),
    "empty object": (b"{}", "unknown", "ignored"),
    "unknown type": (
        json.dumps({"app": "DemoSupport", "version": 2, "type": "news"}).encode(),
        "unknown",
        "ignored",
    ),
    "NUL characters": (
        json.dumps({"type": "\0news\0", "version": 2}).encode(),
        "unknown",
        "ignored",
    ),
}


@pytest.mark.parametrize("name", STRANGE_BODIES)
def test_strange_bodies_are_written_down(centre, name):
    """Garbage gets a good answer, or it would come for ever; a row tells of it."""
    body, kind, state = STRANGE_BODIES[name]
    before = journal_rows(centre)

    delivery = centre.deliver(body)

    assert (delivery.status, delivery.content) == (200, b"")
    assert journal_rows(centre) - before == {(kind, state): 1}


def test_an_ordinary_message_after_all_that(centre):
    """Nothing that was posted before keeps the next customer from being heard."""
    phone = new_phone()
    assert centre.deliver(text_message(phone, "Hola")).status == 200
    centre.wait_applied()
    assert centre.transcript(phone) == ["Hola"]


def test_connections_for_callbacks_that_are_lost(centre):
    """PostgreSQL ends them, as when it restarts: the next callback notices nothing."""
    kept = "FROM pg_stat_activity WHERE query LIKE 'EXECUTE whatsapp_omni%%'"
    phone = new_phone()
    assert centre.deliver(text_message(phone, "Hola")).status == 200
    ended = centre.query(f"SELECT pg_terminate_backend(pid) {kept}")
    assert ended
    wait_until(lambda: not centre.query(f"SELECT pid {kept}"))

    texts = [f"Message {number}" for number in range(6)]
    for text in texts:
        assert centre.deliver(text_message(phone, text)).status == 200

    centre.wait_applied()
    assert centre.transcript(phone) == ["Hola", *texts]
    assert centre.query(f"SELECT pid {kept}")


@pytest.mark.parametrize(
    "content_type", ["application/x-www-form-urlencoded", "text/plain", ""]
)
def test_content_type_does_not_matter(centre, content_type):
    """The body counts, whatever its header calls it."""
    phone = new_phone()
    answer = centre.post(
        data=json.dumps(text_message(phone, "a=1&b=2")).encode(),
        headers={"Content-Type": content_type},
    )
    assert answer.status_code == 200
    centre.wait_applied()
    assert centre.transcript(phone) == ["a=1&amp;b=2"]


def test_body_in_chunks(centre):
    """A body that comes in chunks, without its length, is read like any other."""
    phone = new_phone()
    body = json.dumps(text_message(phone, "Hola")).encode()
    answer = centre.post(
        data=iter([body[:50], body[50:]]),
        headers={"Content-Type": "application/json"},
    )
    assert answer.status_code == 200
    centre.wait_applied()
    assert centre.transcript(phone) == ["Hola"]


def test_endless_body_is_cut_off(centre):
    """Who sends too much in chunks is not listened to for ever, and Odoo goes on."""
    before = journal_rows(centre)
    chunk = b"x" * 64_000
    answer = centre.post(data=iter([chunk] * 20))
    assert answer.status_code == 200
    assert journal_rows(centre) - before == {("broken", "failed"): 1}


def test_several_requests_over_one_connection(centre):
    """A client that keeps its connection gets all answers, however long its bodies."""
    address = urlsplit(centre.odoo.url)
    connection = http.client.HTTPConnection(address.hostname, address.port, timeout=20)
    phone = new_phone()
    for body in (b"x" * TOO_LONG, json.dumps(text_message(phone, "Hola")), b"{}"):
        connection.request("POST", CALLBACK_PATH, body)
        answer = connection.getresponse()
        assert (answer.status, answer.read()) == (200, b"")
        centre.count_delivery(answer.status)
    connection.close()
    centre.wait_applied()
    assert centre.transcript(phone) == ["Hola"]


def test_wrong_address_and_wrong_method(centre):
    """Without the secret there is nothing here, and nothing is written down."""
    before = centre.received()
    body = text_message(new_phone(), "Hola")

    assert centre.deliver(body, CALLBACK_PATH[:-1]).status == 404
    assert centre.deliver(body, CALLBACK_PATH.lower() + "x").status == 404
    assert centre.deliver(body, "/whatsapp_omni/callback/").status == 404
    url = centre.odoo.url + CALLBACK_PATH
    assert requests.get(url, timeout=20).status_code == 405
    assert requests.put(url, json=body, timeout=20).status_code == 405
    assert centre.received() == before


def test_session_cookie_is_not_handed_out(centre):
    """A callback opens no session: millions of them would fill the disk."""
    answer = centre.post(json={})
    assert "Set-Cookie" not in answer.headers


def journal_rows(centre):
    """Return how many events the journal has of each kind and state."""
    return Counter(
        {
            (kind, state): count
            for kind, state, count in centre.query(
                "SELECT kind, state, count(*) FROM whatsapp_omni_event GROUP BY 1, 2"
            )
        }
    )
