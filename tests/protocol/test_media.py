# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Fetching files from addresses that nobody vouches for."""

from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from server import Answer, as_json

from gupshup.media import MediaError, checked_url, download, safe_name

UTC = timezone.utc
ORIGINS = ["https://*.gupshup.io", "http://127.0.0.1:8090"]


# Which addresses


@pytest.mark.parametrize(
    ("url", "fetched"),
    [
        ("https://filemanager.gupshup.io/a", "https://filemanager.gupshup.io/a"),
        ("HTTPS://FileManager.GupShup.IO/A", "https://filemanager.gupshup.io/A"),
        ("https://a.b.gupshup.io:443", "https://a.b.gupshup.io/"),
        ("https://a.gupshup.io:/b", "https://a.gupshup.io/b"),
        ("http://127.0.0.1:8090/x?y=1", "http://127.0.0.1:8090/x?y=1"),
        (
            " https://x.gupshup.io/m?fileName=my file ñ.pdf&d=50%&e=%20 ",
            "https://x.gupshup.io/m?fileName=my%20file%20%C3%B1.pdf&d=50%25&e=%20",
        ),
        ("https://x.gupshup.io/a#fragment", "https://x.gupshup.io/a"),
        ("https://x.gupshup.io/@evil.example", "https://x.gupshup.io/@evil.example"),
    ],
)
def test_allowed_addresses(url, fetched):
    assert checked_url(url, ORIGINS) == fetched


@pytest.mark.parametrize(
    "url",
    [
        "",
        "x",
        "//filemanager.gupshup.io/a",
        "http://filemanager.gupshup.io/a",
        "https://gupshup.io/a",
        "https://evilgupshup.io/a",
        "https://filemanager.gupshup.io.evil.example/a",
        "https://filemanager.gupshup.io./a",
        "https://.gupshup.io/a",
        "https://a..gupshup.io/a",
        "https://filemanager.gupshup.io:8443/a",
        "https://filemanager.gupshup.io@evil.example/a",
        "https://user:pass@filemanager.gupshup.io/a",
        "https://evil.example#@filemanager.gupshup.io/a",
        "https://evil.example?.gupshup.io",
        "https://evil.example\\.gupshup.io/a",
        "https://evil.example\\@x.gupshup.io/a",
        "https://x.gupshup.io\\@evil.example/a",
        "https://x.gupshup.io\t/a",
        "https://x.gupshup.io/a\nHost: b",
        "https://x.gupshup.io%2eevil.example/a",
        "https://ｘ.gupshup.io/a",
        "https://x.gupshup。io/a",
        "https://x.gupshup.io:99999/a",
        "https://[::1]/a",
        "https://[x.gupshup.io/a",
        "https://*.gupshup.io/a",
        "http://127.0.0.1/x",
        "http://127.0.0.1:80/x",
        "http://2130706433:8090/x",
        "https://127.0.0.1:8090/x",
        "http://localhost:8090/x",
        "file:///etc/passwd",
        "ftp://x.gupshup.io/a",
        "https://x.gupshup.io/" + "a" * 5000,
    ],
)
def test_forbidden_addresses(url):
    with pytest.raises(MediaError) as caught:
        checked_url(url, ORIGINS)
    assert caught.value.kind == "forbidden"


def test_forbidden_address_is_never_fetched(server):
    server.answer(Answer())
    assert error_of(server.url, ["https://*.gupshup.io"]).kind == "forbidden"
    assert server.requests == []


@pytest.mark.parametrize(
    "origin", ["", "*", "https://", "x.gupshup.io", "https://*", "https://a@b", "://["]
)
def test_broken_entries_of_the_list_allow_nothing(origin):
    with pytest.raises(MediaError):
        checked_url("https://x.gupshup.io/a", [origin])


@given(st.text(max_size=40), st.text(max_size=20))
def test_only_listed_hosts_pass_whatever_stands_around_them(before, after):
    for url in (
        f"https://{before}gupshup.io{after}",
        f"{before}://x.gupshup.io{after}",
    ):
        try:
            fetched = checked_url(url, ORIGINS)
        except MediaError as error:
            assert error.kind == "forbidden"
        else:
            assert fetched.isascii()
            host = fetched.removeprefix("https://").partition("/")[0]
            assert host.endswith(".gupshup.io")


# Fetching


def fetch(url, origins=None, max_bytes=1000, **members):
    origin = url[: url.index("/", 8)] if "/" in url[8:] else url
    return download(url, origins or [origin], max_bytes, **({"timeout": 5} | members))


def error_of(url, origins=None, **members):
    with pytest.raises(MediaError) as caught:
        fetch(url, origins, **members)
    error = caught.value
    assert error.__context__ is None or error.kind == "forbidden"
    assert "secret-path" not in str(error)
    return error


def test_download(server):
    server.answer(Answer(200, b"data", {"Content-Type": "image/JPEG; x=y"}))
    found = fetch(f"{server.url}/wa/media/1?download=false&fileName=a b.jpg")
    assert (found.content, found.mime_type, found.name) == (
        b"data",
        "image/jpeg",
        "a b.jpg",
    )
    request = server.requests[0]
    assert request.path == "/wa/media/1?download=false&fileName=a%20b.jpg"
    assert "apikey" not in {name.lower() for name in request.headers}
    assert b"data" not in repr(found).encode()


@pytest.mark.parametrize(
    ("headers", "told", "name", "mime_type"),
    [
        ({}, {"name": "../x/Factura.pdf"}, "Factura.pdf", "application/octet-stream"),
        (
            {"Content-Disposition": 'attachment; filename="in.pdf"'},
            {"mime_type": "application/pdf"},
            "in.pdf",
            "application/pdf",
        ),
        (
            {"Content-Disposition": "inline; filename*=UTF-8''fa%C3%B1.pdf"},
            {},
            "fañ.pdf",
            "application/octet-stream",
        ),
        ({"Content-Type": "audio/ogg; codecs=opus"}, {}, "file.ogg", "audio/ogg"),
        (
            {"Content-Type": "nonsense"},
            {"mime_type": "image/png"},
            "file.png",
            "image/png",
        ),
        ({}, {}, "file.bin", "application/octet-stream"),
    ],
)
def test_name_and_type(server, headers, told, name, mime_type):
    server.answer(Answer(200, b"data", headers))
    found = fetch(f"{server.url}/1", **told)
    assert (found.name, found.mime_type) == (name, mime_type)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 204])
def test_missing_file_is_gone_for_good(server, status):
    server.answer(as_json({"status": "error", "message": "Invalid Media Id"}, status))
    assert error_of(f"{server.url}/secret-path").kind == "gone"
    assert len(server.requests) == 1


@pytest.mark.parametrize("status", [500, 502, 503, 504, 408])
def test_trouble_of_the_server_may_pass(server, status):
    server.answer(Answer(status))
    assert error_of(f"{server.url}/secret-path").kind == "unavailable"


def test_lock_out_tells_until_when(server):
    text = "Api rate limit reached due to multiple invalid calls. New quota will be "
    server.answer(as_json({"message": text + "available on 1791903600"}, 429))
    error = error_of(f"{server.url}/1")
    assert error.kind == "locked_out"
    assert error.retry_at == datetime(2026, 10, 13, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("headers", "seconds"), [({}, 3600), ({"Retry-After": "60"}, 60)]
)
def test_lock_out_without_a_time_lasts_an_hour(server, headers, seconds):
    server.answer(Answer(429, b"no", headers))
    expected = datetime.now(UTC) + timedelta(seconds=seconds)
    error = error_of(f"{server.url}/1")
    assert abs(error.retry_at - expected) < timedelta(seconds=30)


@pytest.mark.parametrize(
    "answer",
    [
        Answer(200, b"x" * 1001),
        Answer(200, b"", {"Content-Length": "99999999999"}, endless=True),
        Answer(200, b"", {"Content-Length": ""}, endless=True),
    ],
)
def test_too_big(server, answer):
    server.answer(answer)
    assert error_of(f"{server.url}/1").kind == "too_big"


def test_just_not_too_big(server):
    server.answer(Answer(200, b"x" * 1000))
    assert len(fetch(f"{server.url}/1").content) == 1000


@pytest.mark.parametrize(
    "answer",
    [
        Answer(drop_before=True),
        Answer(200, b"x" * 100, drop_after=10),
        Answer(200, b"x", {"Content-Encoding": "gzip"}),
    ],
)
def test_incomplete_file_is_no_file(server, answer):
    server.answer(answer)
    assert error_of(f"{server.url}/secret-path").kind == "unavailable"


@pytest.mark.parametrize("drip", ["all", "body"])
def test_dripping_file_ends_at_the_deadline(server, drip):
    server.answer(Answer(200, b"x" * 500, drip=drip))
    assert error_of(f"{server.url}/secret-path", timeout=0.4).kind == "unavailable"


def test_server_that_is_not_there():
    assert error_of("http://127.0.0.1:9/secret-path").kind == "unavailable"


def test_redirect_within_the_allowed_servers(server):
    server.answer(
        Answer(302, b"", {"Location": "/b c?x=ñ"}),
        Answer(307, b"", {"Location": f"{server.url}/d"}),
        Answer(200, b"data"),
    )
    assert fetch(f"{server.url}/a").content == b"data"
    assert [request.path for request in server.requests] == [
        "/a",
        "/b%20c?x=%C3%B1",
        "/d",
    ]


@pytest.mark.parametrize(
    "target", ["http://127.0.0.1:1/x", "https://evil.example/", "file:///etc/passwd"]
)
def test_redirect_elsewhere_is_forbidden(server, target):
    server.answer(Answer(302, b"", {"Location": target}))
    assert error_of(f"{server.url}/a").kind == "forbidden"
    assert len(server.requests) == 1


def test_redirect_in_a_circle(server):
    server.answer(Answer(302, b"", {"Location": "/a"}))
    assert error_of(f"{server.url}/a").kind == "unavailable"
    assert len(server.requests) == 4


def test_redirect_to_nowhere(server):
    server.answer(Answer(302))
    assert error_of(f"{server.url}/a").kind == "gone"


# Names


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("report.pdf", "report.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\temp\\a.doc", "a.doc"),
        ("fa\u202excod.exe", "faxcod.exe"),
        ("a\0b\n.txt", "ab.txt"),
        (".hidden.", "hidden"),
        ('a<b>:"c|?*.txt', "a_b___c___.txt"),
        ("..", ""),
        ("x" * 300 + ".pdf", "x" * 116 + ".pdf"),
        ("x" * 300, "x" * 120),
    ],
)
def test_safe_name(name, safe):
    assert safe_name(name) == safe


@given(st.text(max_size=300))
def test_no_name_leaves_its_folder(name):
    safe = safe_name(name)
    assert len(safe) <= 120
    assert not set(safe) & set("/\\\0\n\r")
    assert safe not in (".", "..")
