# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Requests to GupShup, against a real server that misbehaves."""

import io
import json
import logging
import socket
import threading
import traceback

import pytest
from server import Answer, as_json

from gupshup import http, wire
from gupshup.client import Client, Submitted
from gupshup.exceptions import (
    Ambiguous,
    GupshupError,
    NotSent,
    RateLimited,
    Rejected,
    Unauthorized,
    Unavailable,
)

KEY = "sk-secret-4711"
GS_ID = "1f0c2b7e-90aa-4c55-8d1e-0f6b9a3e7712"
ACCEPTED = as_json({"status": "submitted", "messageId": GS_ID}, 202)
TEXT = {"type": "text", "text": "¿Qué tal? 😀"}


def make_client(url, **members):
    settings = {
        "api_key": KEY,
        "app_name": "AcmeSupport",
        "app_id": "5b1d",
        "source": "15550100100",
        "timeout": (2.0, 1.0),
    }
    return Client(base_url=url, **(settings | members))


@pytest.fixture
def client(server):
    return make_client(server.url)


@pytest.fixture(autouse=True)
def no_key_in_the_log(caplog):
    caplog.set_level(logging.DEBUG)
    yield
    assert KEY not in caplog.text


def error_of(call, *args, **kwargs):
    """The error of a call, once it is sure that it does not show the key."""
    with pytest.raises(GupshupError) as caught:
        call(*args, **kwargs)
    error = caught.value
    shown = [str(error), repr(error), error.reason, repr(vars(error))]
    shown += traceback.format_exception(error)
    assert error.__cause__ is None
    assert error.__context__ is None
    assert not any(KEY in text for text in shown)
    assert error.reason
    return error


# Sending


def test_send_is_a_form_with_json_inside(server, client):
    server.answer(ACCEPTED)
    assert client.send("34600111222", TEXT) == Submitted(GS_ID)
    request = server.requests[0]
    assert (request.method, request.path) == ("POST", "/wa/api/v1/msg")
    assert request.headers["apikey"] == KEY
    assert request.headers["Content-Type"] == "application/x-www-form-urlencoded"
    form = request.form
    assert json.loads(form.pop("message")) == TEXT
    assert form == {
        "channel": "whatsapp",
        "source": "15550100100",
        "destination": "34600111222",
        "src.name": "AcmeSupport",
    }


def test_send_without_preview(server, client):
    server.answer(ACCEPTED)
    client.send("34600111222", TEXT, disable_preview=True)
    assert server.requests[0].form["disablePreview"] == "true"


def test_send_template(server, client):
    server.answer(ACCEPTED)
    header = {"type": "image", "image": {"link": "https://x.example/a.jpg"}}
    postbacks = [{"index": 0, "text": "yes"}]
    client.send_template("346", {"id": "t", "params": ["a"]}, header, postbacks)
    request = server.requests[0]
    assert request.path == "/wa/api/v1/template/msg"
    assert json.loads(request.form["template"]) == {"id": "t", "params": ["a"]}
    assert json.loads(request.form["message"]) == header
    assert json.loads(request.form["postbackTexts"]) == postbacks


@pytest.mark.parametrize(
    "answer",
    [
        as_json({"messageId": GS_ID}, 200),
        as_json({"messageId": GS_ID}, 202, headers={"Content-Type": "text/html"}),
        Answer(202, f'\n{{"messageId":"{GS_ID}"}}\n'.encode()),
    ],
)
def test_any_success_with_an_id_is_accepted(server, client, answer):
    server.answer(answer)
    assert client.send("346", TEXT).gs_id == GS_ID


@pytest.mark.parametrize(
    ("answer", "expected", "reason"),
    [
        (as_json({"message": "Invalid Destination"}, 400), Rejected, "Invalid Dest"),
        (
            as_json({"message": {"message": "Authentication Failed"}}, 401),
            Unauthorized,
            "Authentication Failed",
        ),
        (as_json({"error": "Forbidden"}, 403), Unauthorized, "Forbidden"),
        (as_json({"error": {"message": "Odd"}}, 422), Rejected, "Odd"),
        (Answer(400, b"plain words"), Rejected, "plain words"),
        (Answer(500, b"<html>Oops</html>"), Unavailable, "HTTP 500"),
        (Answer(502), Unavailable, "HTTP 502"),
        (Answer(503, b"{"), Unavailable, "HTTP 503"),
        (Answer(504), Ambiguous, "HTTP 504"),
        (Answer(408), Unavailable, "HTTP 408"),
        (Answer(202), Ambiguous, "without giving it an id"),
        (as_json({"status": "submitted"}, 202), Ambiguous, "without giving"),
        (as_json({"messageId": None}, 202), Ambiguous, "without giving"),
        (as_json({"status": "error", "message": "No"}), Rejected, "No"),
        (as_json(["messageId"], 202), Ambiguous, "without giving"),
        (Answer(202, b"[" * 100_000), Ambiguous, "without giving"),
        (as_json({"message": f"Bad key {KEY}"}, 400), Rejected, "Bad key ***"),
        (Answer(400, b"\xff" * 5000), Rejected, "\ufffd"),
        (Answer(400, b"x" * 200_000), Rejected, "HTTP 400"),
    ],
)
def test_answers_sorted_by_what_may_be_done_next(
    server, client, answer, expected, reason
):
    server.answer(answer)
    error = error_of(client.send, "346", TEXT)
    assert type(error) is expected
    assert error.status == answer.status
    assert reason in error.reason
    assert len(error.reason) <= 300
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("header", "seconds"), [("7", 7.0), ("", None), ("soon", None), ("-1", None)]
)
def test_rate_limit_tells_how_long_to_wait(server, client, header, seconds):
    server.answer(
        as_json({"message": "Too Many Requests"}, 429, headers={"Retry-After": header})
    )
    error = error_of(client.send, "346", TEXT)
    assert type(error) is RateLimited
    assert error.retry_after == seconds


def test_rate_limit_with_a_date_in_the_past(server, client):
    header = {"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}
    server.answer(Answer(429, headers=header))
    assert error_of(client.send, "346", TEXT).retry_after == 0


def test_kinds_have_names_for_storage():
    classes = (NotSent, RateLimited, Unavailable, Ambiguous, Unauthorized, Rejected)
    assert [found.kind for found in classes] == [
        "not_sent",
        "rate_limited",
        "unavailable",
        "ambiguous",
        "unauthorized",
        "rejected",
    ]


# Connections that fail


def closed_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@pytest.mark.parametrize("host", ["127.0.0.1", "no-such-host.invalid"])
def test_no_connection_means_not_sent(host):
    client = make_client(f"http://{host}:{closed_port()}")
    error = error_of(client.send, "346", TEXT)
    assert type(error) is NotSent
    assert error.status is None


def test_failed_encryption_means_not_sent(server):
    """The server speaks no TLS: the handshake fails before a word of the message."""
    server.answer(ACCEPTED)
    client = make_client(server.url.replace("http:", "https:"))
    assert type(error_of(client.send, "346", TEXT)) is NotSent


@pytest.mark.parametrize(
    "answer",
    [
        Answer(drop_before=True),
        Answer(202, ACCEPTED.body, drop_after=10),
        Answer(202, ACCEPTED.body, {"Content-Length": "9999"}, close=True),
        Answer(202, b"{", {"Transfer-Encoding": "chunked", "Content-Length": ""}),
    ],
)
def test_connection_lost_after_the_message_is_ambiguous_and_not_repeated(
    server, client, answer
):
    answer.close = True
    server.answer(answer)
    assert type(error_of(client.send, "346", TEXT)) is Ambiguous
    assert len(server.requests) == 1


def test_kept_connection_that_the_server_drops_is_ambiguous(server, client):
    """Nobody can tell a server that never read from one that read and died."""
    server.answer(ACCEPTED, Answer(drop_before=True))
    client.send("346", TEXT)
    assert type(error_of(client.send, "346", TEXT)) is Ambiguous
    assert len(server.requests) == 2


def test_silence_is_ambiguous(server):
    server.answer(Answer(silent=True))
    client = make_client(server.url, timeout=(1.0, 0.2))
    error = error_of(client.send, "346", TEXT)
    assert type(error) is Ambiguous
    assert "in time" in error.reason
    assert len(server.requests) == 1


@pytest.mark.parametrize("drip", ["all", "body"])
def test_dripping_answer_ends_at_the_deadline(server, drip):
    """Each byte is in time, the answer is not: the deadline counts."""
    server.answer(Answer(202, ACCEPTED.body, drip=drip))
    client = make_client(server.url, timeout=(1.0, 1.0), deadline=0.4)
    error = error_of(client.send, "346", TEXT)
    assert type(error) is Ambiguous
    assert "in time" in error.reason


@pytest.mark.parametrize("headers", [{"Content-Length": "99999999999"}, {}])
def test_huge_answer_is_not_read(server, client, headers, monkeypatch):
    monkeypatch.setattr(wire, "MAX_ANSWER_BYTES", 100_000)
    chunked = {"Content-Length": "", "Connection": "close"}
    server.answer(Answer(202, b"", headers or chunked, endless=True))
    assert type(error_of(client.send, "346", TEXT)) is Ambiguous
    assert type(error_of(client.subscriptions)) is Unavailable


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_redirects_are_not_followed_with_the_key(server, client, status):
    server.answer(Answer(status, b"", {"Location": f"{server.url}/elsewhere"}))
    assert type(error_of(client.send, "346", TEXT)) is Rejected
    assert [request.path for request in server.requests] == ["/wa/api/v1/msg"]


@pytest.mark.parametrize("key", ["", "  ", "a\nb", "clé", "two words", None])
def test_impossible_key_is_refused_before_any_request(server, key):
    client = make_client(server.url, api_key=key)
    assert type(error_of(client.send, "346", TEXT)) is Unauthorized
    assert server.requests == []


@pytest.mark.parametrize(
    "url", ["", "api.gupshup.io", "ftp://x", "http://", "http://a:b", "http://[", None]
)
def test_impossible_address_is_refused(url):
    assert type(error_of(make_client(url).send, "346", TEXT)) is Rejected


def test_nothing_shows_the_key(client):
    assert KEY not in repr(client)
    assert KEY not in str(client)
    assert KEY not in repr(client._session.headers)


def test_credentials_of_a_netrc_file_are_not_sent(
    server, client, tmp_path, monkeypatch
):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password mine\n")
    monkeypatch.setenv("NETRC", str(netrc))
    server.answer(ACCEPTED)
    client.send("346", TEXT)
    assert "Authorization" not in server.requests[0].headers


def test_cookies_are_not_kept(server, client):
    server.answer(
        as_json({"messageId": "1"}, headers={"Set-Cookie": "a=b; Path=/"}),
    )
    client.send("346", TEXT)
    client.send("346", TEXT)
    assert "Cookie" not in server.requests[1].headers


# Keeping connections


def test_connection_is_kept(server, client):
    server.answer(ACCEPTED)
    for _time in range(3):
        client.send("346", TEXT)
    assert {request.connection for request in server.requests} == {1}


def test_connection_is_kept_after_a_refusal(server, client):
    server.answer(as_json({"message": "No"}, 400), ACCEPTED)
    error_of(client.send, "346", TEXT)
    client.send("346", TEXT)
    assert {request.connection for request in server.requests} == {1}


def test_connection_unused_for_long_is_renewed(server, client, monkeypatch):
    server.answer(ACCEPTED)
    client.send("346", TEXT)
    monkeypatch.setattr(http, "IDLE_SECONDS", -1.0)
    client.send("346", TEXT)
    assert [request.connection for request in server.requests] == [1, 2]


def test_eight_threads_send_at_once_over_eight_connections(server, client):
    """All eight requests are open at the same moment, and each gets its own answer."""
    together = threading.Barrier(8)
    answers = {}

    def handle(request):
        return as_json({"messageId": request.form["destination"]}, 202)

    def send(number):
        together.wait(5)
        for turn in range(5):
            destination = f"{number}{turn}"
            answers[destination] = client.send(destination, TEXT).gs_id

    server.script = handle
    threads = [threading.Thread(target=send, args=(n,)) for n in range(1, 9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(answers) == 40
    assert all(destination == gs_id for destination, gs_id in answers.items())
    assert len({request.connection for request in server.requests}) <= 8


# Reading requests


def test_mark_read(server, client):
    server.answer(Answer(202))
    assert client.mark_read("wamid.HBg/+=") is None
    request = server.requests[0]
    assert request.method == "PUT"
    assert request.path == "/wa/app/5b1d/msg/wamid.HBg%2F%2B%3D/read"
    assert request.headers["Content-Type"] == "application/json"


def test_reading_is_repeated_once_when_the_connection_breaks(server, client):
    server.answer(Answer(drop_before=True), as_json({"subscriptions": []}))
    assert client.subscriptions() == []
    assert len(server.requests) == 2


def test_reading_is_repeated_once_only(server, client):
    server.answer(Answer(drop_before=True))
    assert type(error_of(client.mark_read, "1")) is Unavailable
    assert len(server.requests) == 2


@pytest.mark.parametrize("answer", [Answer(silent=True), Answer(504)])
def test_slow_reading_is_not_repeated(server, answer):
    server.answer(answer)
    client = make_client(server.url, timeout=(1.0, 0.2))
    assert type(error_of(client.subscriptions)) is Unavailable
    assert len(server.requests) == 1


@pytest.mark.parametrize("first_page", [0, 1])
@pytest.mark.parametrize("total", [0, 1, 2, 3, 4, 5])
def test_templates_of_all_pages(server, client, first_page, total):
    """The documents do not say whether pages count from 0 or from 1."""
    rows = [{"id": f"t{number}", "elementName": "x"} for number in range(total)]

    def handle(request):
        query = dict(pair.split("=") for pair in request.path.split("?")[1].split("&"))
        page = max(int(query["pageNo"]), first_page) - first_page
        size = int(query["pageSize"])
        return as_json({"templates": rows[page * size : (page + 1) * size]})

    server.script = handle
    found = list(client.templates(page_size=2, templateStatus="APPROVED"))
    assert [template.id for template in found] == [row["id"] for row in rows]
    assert "templateStatus=APPROVED" in server.requests[0].path


def test_one_template(server, client):
    server.answer(
        as_json({"template": {"id": "t1", "status": "APPROVED"}}), as_json({})
    )
    assert client.template("t1").status == "APPROVED"
    assert type(error_of(client.template, "t1")) is Unavailable


@pytest.mark.parametrize(
    "data", [{}, {"templates": None}, {"status": "error", "message": "Try later"}, []]
)
def test_answer_without_a_list_is_not_an_empty_list(server, client, data):
    server.answer(as_json(data))
    error = error_of(lambda: list(client.templates()))
    assert type(error) is Unavailable


def test_create_template(server, client):
    server.answer(as_json({"status": "success", "template": {"id": "t1"}}))
    fields = {"elementName": "visit", "content": "Hola {{1}}"}
    assert client.create_template(fields).id == "t1"
    (request,) = server.requests
    assert (request.method, request.path) == ("POST", "/wa/app/5b1d/template")
    assert request.form == fields


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (as_json({"status": "error", "message": "Exists"}, 400), Rejected),
        (as_json({"status": "error", "message": "Exists"}), Rejected),
        (as_json({"status": "success"}), Ambiguous),
        (Answer(drop_before=True), Ambiguous),
        (Answer(silent=True), Ambiguous),
        (Answer(504), Ambiguous),
        (as_json({}, 429), RateLimited),
    ],
)
def test_template_that_is_not_created(server, client, answer, kind):
    """It is never submitted a second time by itself."""
    server.answer(answer)
    assert type(error_of(client.create_template, {"elementName": "x"})) is kind
    assert len(server.requests) == 1


def test_delete_template(server, client):
    server.answer(as_json({"status": "success"}))
    client.delete_template("visit/x")
    (request,) = server.requests
    assert (request.method, request.path) == (
        "DELETE",
        "/wa/app/5b1d/template/visit%2Fx",
    )


@pytest.mark.parametrize("status", [200, 400])
def test_template_that_is_not_deleted(server, client, status):
    server.answer(as_json({"status": "error", "message": "Does not exist"}, status))
    assert type(error_of(client.delete_template, "visit")) is Rejected


def test_upload_of_a_sample(server, client):
    media = {"id": "14", "url": "https://example.com/h.jpg", "fileName": "h.jpg"}
    server.answer(as_json({"status": "success", "media": media}))
    found = client.upload_sample(b"bytes", "image/jpeg", "h.jpg")
    assert found == ("14", "https://example.com/h.jpg")
    assert server.requests[0].path == "/wa/5b1d/wa/media/v2"
    server.answer(as_json({"status": "success"}))
    error = error_of(client.upload_sample, b"bytes", "image/jpeg", "h.jpg")
    assert type(error) is Unavailable


@pytest.mark.parametrize(
    ("data", "code"),
    [
        ({"message": "Paused", "code": 132015}, 132015),
        ({"message": {"message": "Paused", "code": "132015"}}, 132015),
        ({"error": {"message": "Paused", "code": 132015}}, 132015),
        ({"message": "Bad", "code": 400}, None),
        ({"message": "Bad", "code": 503}, None),
        ({"message": "Bad", "code": "x"}, None),
        ({"message": "Bad"}, None),
    ],
)
def test_code_of_a_refusal(server, client, data, code):
    server.answer(as_json(data, 400))
    assert error_of(client.send, "346", TEXT).code == code


# Subscriptions

SUBSCRIPTION = {
    "id": 8166,
    "active": True,
    "modes": ["MESSAGE", "SENT"],
    "tag": "crm",
    "url": "https://crm.example/hook/s3cr3t",
    "version": 2,
}


def test_create_subscription(server, client):
    server.answer(as_json({"subscription": SUBSCRIPTION}))
    made = client.create_subscription("https://x/h", "crm", ("MESSAGE",), check=False)
    assert (made.id, made.tag, made.version) == ("8166", "crm", "2")
    assert made.modes == ("MESSAGE", "SENT")
    assert "s3cr3t" not in repr(made)
    request = server.requests[0]
    assert (request.method, request.path) == ("POST", "/wa/app/5b1d/subscription")
    assert request.form == {
        "modes": "MESSAGE",
        "tag": "crm",
        "url": "https://x/h",
        "version": "2",
        "doCheck": "false",
    }


def test_refused_subscription_tells_why(server, client):
    server.answer(as_json({"status": "error", "message": "Invalid URL Passed"}, 400))
    error = error_of(client.create_subscription, "https://x/h", "crm")
    assert (type(error), error.reason) == (Rejected, "Invalid URL Passed")


def test_lost_answer_of_a_new_subscription_is_ambiguous(server, client):
    server.answer(Answer(drop_before=True))
    error = error_of(client.create_subscription, "https://x/h", "crm")
    assert type(error) is Ambiguous
    assert len(server.requests) == 1


def test_update_list_and_delete_subscriptions(server, client):
    server.answer(
        as_json({"subscription": SUBSCRIPTION | {"active": "false"}}),
        as_json({"subscriptions": [SUBSCRIPTION]}),
        Answer(204),
    )
    changed = client.update_subscription("8166", active=False, modes=["READ"])
    assert changed.active is False
    assert [found.id for found in client.subscriptions()] == ["8166"]
    client.delete_subscription("8166")
    assert [(found.method, found.path) for found in server.requests] == [
        ("PUT", "/wa/app/5b1d/subscription/8166"),
        ("GET", "/wa/app/5b1d/subscription"),
        ("DELETE", "/wa/app/5b1d/subscription/8166"),
    ]
    assert server.requests[0].form == {
        "modes": "READ",
        "active": "false",
        "doCheck": "true",
    }


# Files and blocking


@pytest.mark.parametrize("content", [b"%PDF-1.7", io.BytesIO(b"%PDF-1.7")])
@pytest.mark.parametrize(
    "answer", [{"mediaId": "14"}, {"media": {"id": 14}}, {"id": "14"}]
)
def test_upload(server, client, content, answer):
    server.answer(as_json(answer))
    if not isinstance(content, bytes):
        content.seek(0)
    assert client.upload_media(content, "application/pdf", 'ñ"x.pdf') == "14"
    request = server.requests[0]
    assert request.path == "/wa/5b1d/wa/media/"
    assert request.headers["Content-Type"].startswith("multipart/form-data; boundary=")
    assert b'name="file_type"\r\n\r\napplication/pdf\r\n' in request.body
    assert 'filename="ñ%22x.pdf"'.encode() in request.body
    assert b"Content-Type: application/pdf\r\n\r\n%PDF-1.7\r\n--" in request.body


def test_upload_without_an_id_in_the_answer(server, client):
    server.answer(as_json({"status": "success"}))
    assert type(error_of(client.upload_media, b"x", "text/plain", "x")) is Unavailable


def test_block_and_unblock(server, client):
    server.answer(as_json({"status": "success"}))
    client.block(["34600111222"])
    client.unblock(["34600111222"])
    assert [found.method for found in server.requests] == ["POST", "DELETE"]
    assert json.loads(server.requests[0].body) == {
        "messaging_product": "whatsapp",
        "block_users": [{"user": "34600111222"}],
    }
