# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Fetching what customers send (docs.gupshup.io/docs/inbound-messages).

The address comes from a callback that nobody signed. So only listed origins are ever
contacted, redirects included, and neither size nor time is left to the server. No key
is sent: GupShup's media addresses are secrets themselves.
"""

import mimetypes
import re
import time
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from email.message import Message as HeaderMessage
from email.utils import collapse_rfc2231_value
from urllib.parse import parse_qs, quote, unquote, urljoin, urlsplit

import requests
from urllib3.exceptions import HTTPError

from . import http
from .reading import moment, text

MAX_REDIRECTS = 3
MAX_URL_LENGTH = 4096
#: GupShup locks an app out for an hour after about 20 invalid fetches.
LOCK_OUT = timedelta(hours=1)

_CONNECT_SECONDS = 5.0
_ERROR_BYTES = 64 * 1024
_REDIRECTS = (301, 302, 303, 307, 308)
_HOST = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?|\[[0-9a-f:.]+\])")
_PORTS = {"http": 80, "https": 443}
_UNSAFE = re.compile(r"[\x00-\x1f\x7f\\]")
_EPOCH = re.compile(r"available on\D{0,20}(\d{10,13})|\b(\d{10,13})\b")
_NAME_LENGTH = 120
_EXTENSIONS = {
    "application/octet-stream": ".bin",
    "audio/aac": ".aac",
    "audio/amr": ".amr",
    "audio/mp4": ".m4a",
    "audio/mpeg": ".mp3",
    "audio/ogg": ".ogg",
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/webp": ".webp",
    "text/plain": ".txt",
    "video/3gpp": ".3gp",
    "video/mp4": ".mp4",
}


class MediaError(Exception):
    """A file that could not be fetched.

    ``kind``:

    - ``forbidden``: the address is not on an allowed origin; nothing was fetched
    - ``gone``: the server has no such file; asking again leads to a lock-out
    - ``too_big``: more bytes than allowed
    - ``locked_out``: no fetch at all may be tried before ``retry_at`` (UTC)
    - ``unavailable``: network or server trouble; trying again later may help
    """

    def __init__(self, kind: str, reason: str, retry_at: datetime | None = None):
        super().__init__(reason)
        self.kind = kind
        self.reason = reason
        self.retry_at = retry_at


@dataclass(frozen=True, slots=True)
class Downloaded:
    """A complete file; ``mime_type`` is lower case and without parameters."""

    content: bytes = field(repr=False)
    mime_type: str
    name: str


def download(
    url: str,
    allowed_origins: Iterable[str],
    max_bytes: int,
    timeout: float = 30.0,
    name: str = "",
    mime_type: str = "",
    session: requests.Session | None = None,
) -> Downloaded:
    """Fetch a file.

    :param allowed_origins: such as ``https://*.gupshup.io``, ``http://127.0.0.1:8090``
    :param timeout: seconds for everything together
    :param name: the file's name if the callback told one
    :param mime_type: the type that the callback told, for servers that tell none
    :param session: from :func:`.http.new_session`, to share connections
    :raises MediaError: whatever goes wrong
    """
    origins = tuple(allowed_origins)
    own_session = session or http.new_session()
    failure: MediaError | None = None
    try:
        with http.deadline(timeout) as limit:
            return _follow(own_session, url, origins, max_bytes, limit, name, mime_type)
    except http.TooBig:
        failure = MediaError("too_big", f"The file has more than {max_bytes} bytes")
    except http.Truncated:
        failure = MediaError("unavailable", "The file arrived incomplete")
    except (requests.RequestException, HTTPError, OSError, ValueError) as error:
        # The texts of these exceptions hold the address, which is a secret.
        reason = f"The file could not be fetched ({type(error).__name__})"
        failure = MediaError("unavailable", reason)
    finally:
        if session is None:
            own_session.close()
    raise failure


def _follow(
    session: requests.Session,
    url: str,
    origins: tuple[str, ...],
    max_bytes: int,
    limit: float,
    name: str,
    mime_type: str,
) -> Downloaded:
    target = checked_url(url, origins)
    for _hop in range(MAX_REDIRECTS + 1):
        with _get(session, target, limit) as response:
            if response.status_code not in _REDIRECTS:
                return _read(response, url, max_bytes, name, mime_type)
            location = response.headers.get("Location", "")
        if not location:
            raise MediaError("gone", "The server redirects to nowhere")
        # Header values arrive as Latin-1, whatever they were written in.
        location = location.encode("latin-1", "replace").decode("utf-8", "replace")
        target = checked_url(urljoin(target, location), origins)
    raise MediaError("unavailable", "The server redirects too often")


def _get(session: requests.Session, url: str, limit: float) -> requests.Response:
    left = limit - time.monotonic()
    if left <= 0:
        raise MediaError("unavailable", "The server did not answer in time")
    return session.get(
        url,
        auth=http.no_auth,
        timeout=(min(_CONNECT_SECONDS, left), left),
        allow_redirects=False,
        stream=True,
    )


def _read(
    response: requests.Response, url: str, max_bytes: int, name: str, mime_type: str
) -> Downloaded:
    if response.status_code != 200:
        raise _refusal(response)
    if response.headers.get("Content-Encoding", "identity") not in ("", "identity"):
        raise MediaError("unavailable", "The server packs what it was asked not to")
    content = http.read_body(response, max_bytes)
    found_type = _mime_type(response.headers.get("Content-Type", ""), mime_type)
    disposition = response.headers.get("Content-Disposition", "")
    told = name or _name_in_url(url) or _name_in_header(disposition)
    return Downloaded(
        content=content,
        mime_type=found_type,
        name=safe_name(told) or f"file{extension_of(found_type)}",
    )


def _refusal(response: requests.Response) -> MediaError:
    status = response.status_code
    if status == 429:
        return _lock_out(response)
    if status >= 500 or status in (408, 425):
        return MediaError("unavailable", f"The server answered HTTP {status}")
    return MediaError("gone", f"The file is not available any more (HTTP {status})")


def _lock_out(response: requests.Response) -> MediaError:
    body = http.read_body(response, _ERROR_BYTES).decode("utf-8", "replace")
    found = _EPOCH.search(body)
    retry_at = moment(found.group(1) or found.group(2)) if found else None
    if retry_at is None:
        told = response.headers.get("Retry-After", "")
        seconds = int(told) if told.isascii() and told.isdigit() else None
        wait = timedelta(seconds=min(seconds, 86400)) if seconds else LOCK_OUT
        retry_at = datetime.now(timezone.utc) + wait
    return MediaError("locked_out", "Too many invalid fetches", retry_at)


# Addresses


def checked_url(url: str, allowed_origins: Iterable[str]) -> str:
    """The address, percent-encoded, if its origin is allowed.

    It is put together anew from its checked parts, so that whoever reads it next
    cannot understand another host than the one that was checked.

    :raises MediaError: of kind ``forbidden``
    """
    stripped = url.strip()
    if not stripped or len(stripped) > MAX_URL_LENGTH or _UNSAFE.search(stripped):
        raise MediaError("forbidden", "The file's address is not valid")
    try:
        parts = urlsplit(stripped)
        origin = _origin(parts.scheme, parts.netloc, parts.port)
    except ValueError:
        raise MediaError("forbidden", "The file's address is not valid") from None
    if origin is None or not any(_allows(entry, origin) for entry in allowed_origins):
        raise MediaError("forbidden", "The file is not on an allowed server")
    scheme, host, port = origin
    shown_port = "" if port == _PORTS[scheme] else f":{port}"
    query = f"?{_encoded(parts.query)}" if parts.query else ""
    return f"{scheme}://{host}{shown_port}{_encoded(parts.path) or '/'}{query}"


def _origin(scheme: str, netloc: str, port: int | None) -> tuple[str, str, int] | None:
    """Scheme, host and port in one spelling, None for what is never accepted."""
    scheme = scheme.lower()
    if scheme not in _PORTS or "@" in netloc:
        return None
    host = netloc.lower()
    if port is not None or re.search(r":\d*$", host):
        host = host.rpartition(":")[0]
    if not _HOST.fullmatch(host) or ".." in host:
        return None
    return scheme, host, port or _PORTS[scheme]


def _allows(pattern: str, origin: tuple[str, str, int]) -> bool:
    scheme, separator, netloc = pattern.strip().rstrip("/").partition("://")
    wildcard = netloc.startswith("*.")
    try:
        parts = urlsplit(f"{scheme}://{netloc[2:] if wildcard else netloc}")
        allowed = _origin(scheme, parts.netloc, parts.port) if separator else None
    except ValueError:
        return False
    if allowed is None or (allowed[0], allowed[2]) != (origin[0], origin[2]):
        return False
    if wildcard:
        return origin[1].endswith(f".{allowed[1]}")
    return origin[1] == allowed[1]


def _encoded(part: str) -> str:
    """Percent-encode what must not stand in an address, and nothing twice."""
    stray_percent = re.sub(r"%(?![0-9A-Fa-f]{2})", "%25", part)
    return quote(stray_percent, safe="%/:@!$&'()*+,;=~?-._", errors="replace")


# Names and types


def _mime_type(header: str, told: str) -> str:
    found = _bare_type(header)
    if found in ("", "application/octet-stream", "binary/octet-stream"):
        return _bare_type(told) or found or "application/octet-stream"
    return found


def _bare_type(value: str) -> str:
    bare = value.partition(";")[0].strip().lower()
    return bare if re.fullmatch(r"[\w.+-]+/[\w.+-]+", bare, re.ASCII) else ""


def _name_in_url(url: str) -> str:
    query = parse_qs(urlsplit(url.strip()).query, errors="replace")
    return next(iter(query.get("fileName", ())), "")


def _name_in_header(header: str) -> str:
    """The file name of a ``Content-Disposition``, extended form included."""
    if not header:
        return ""
    message = HeaderMessage()
    message["Content-Disposition"] = header.encode("latin-1", "replace").decode(
        "utf-8", "replace"
    )
    found = message.get_param("filename", "", "Content-Disposition", unquote=True)
    return unquote(collapse_rfc2231_value(found)) if found else ""


def safe_name(name: str) -> str:
    """A file name without folders, control and direction marks; "" if none is left."""
    base = re.split(r"[/\\]", text(name))[-1]
    shown = "".join(
        character
        for character in unicodedata.normalize("NFC", base)
        if unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Zl", "Zp")
    )
    shown = re.sub(r'[<>:"|?*]', "_", shown).strip(" .")
    return shown if len(shown) <= _NAME_LENGTH else _shortened(shown)


def _shortened(name: str) -> str:
    stem, dot, extension = name.rpartition(".")
    if not dot or len(extension) > 10:
        return name[:_NAME_LENGTH].strip(" .")
    return f"{stem[: _NAME_LENGTH - len(extension) - 1].strip(' .')}.{extension}"


def extension_of(mime_type: str) -> str:
    """The extension of a file of this type, with its dot; ``.bin`` if unknown."""
    bare = _bare_type(mime_type)
    return _EXTENSIONS.get(bare) or mimetypes.guess_extension(bare) or ".bin"
