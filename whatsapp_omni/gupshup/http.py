# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""HTTP with limits that `requests` does not know: a deadline and a size.

Time-outs of `requests` bound the wait for each packet, so a server that sends a byte
now and then holds a worker for ever. Within :func:`deadline` the whole answer, head
and body, must arrive in time. :func:`read_body` bounds its size.
"""

import io
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from http.client import HTTPResponse
from http.cookiejar import DefaultCookiePolicy

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

USER_AGENT = "whatsapp-omni/1.0"
#: Connections kept open to one server: as many as threads that send at once.
POOL_SIZE = 16
#: Seconds after which unused connections are not trusted any more. Proxies on the way
#: forget a silent connection without telling, and the next request on it is lost.
IDLE_SECONDS = 30.0

_CHUNK = 64 * 1024

_deadline: ContextVar[float | None] = ContextVar("http_deadline", default=None)


class TooBig(Exception):
    """The answer has more bytes than allowed."""


class Truncated(Exception):
    """The answer ended before the length that it announced."""


@contextmanager
def deadline(seconds: float) -> Iterator[float]:
    """Answers of requests made inside must be complete within ``seconds``.

    Gives the deadline in terms of :func:`time.monotonic`. Reading past it raises what
    a read time-out raises: :class:`TimeoutError`, or what `requests` makes of it.
    """
    moment = time.monotonic() + seconds
    token = _deadline.set(moment)
    try:
        yield moment
    finally:
        _deadline.reset(token)


class _DeadlineReader(io.RawIOBase):
    """Raw reading from a socket, each wait bounded by what is left of the time."""

    def __init__(self, raw, sock, moment: float):
        super().__init__()
        self._raw = raw
        self._sock = sock
        self._moment = moment

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int | None:
        left = self._moment - time.monotonic()
        if left <= 0:
            raise TimeoutError("The answer took too long")
        usual = self._sock.gettimeout()
        self._sock.settimeout(left if usual is None else min(left, usual))
        try:
            return self._raw.readinto(buffer)
        finally:
            self._sock.settimeout(usual)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Response(HTTPResponse):
    def __init__(self, sock, *args, **kwargs):
        super().__init__(sock, *args, **kwargs)
        moment = _deadline.get()
        if moment is not None:
            raw = _DeadlineReader(self.fp.detach(), sock, moment)
            self.fp = io.BufferedReader(raw)


class _Connection(HTTPConnection):
    response_class = _Response


class _SecureConnection(HTTPSConnection):
    response_class = _Response


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


_POOLS = {"http": _Pool, "https": _SecurePool}


class Adapter(HTTPAdapter):
    """Keeps connections, never repeats a request, obeys :func:`deadline`."""

    def __init__(self):
        self._idle_lock = threading.Lock()
        self._last_use = time.monotonic()
        super().__init__(pool_maxsize=POOL_SIZE, max_retries=0)

    def init_poolmanager(self, *args, **kwargs):
        """Have connections that obey the deadline."""
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = _POOLS

    def proxy_manager_for(self, *args, **kwargs):
        """Have them through a proxy as well."""
        manager = super().proxy_manager_for(*args, **kwargs)
        manager.pool_classes_by_scheme = _POOLS
        return manager

    def send(self, *args, **kwargs):
        """Send on a connection that is not too old to be trusted."""
        self._drop_stale_connections()
        return super().send(*args, **kwargs)

    def _drop_stale_connections(self) -> None:
        with self._idle_lock:
            now = time.monotonic()
            if now - self._last_use > IDLE_SECONDS:
                self.poolmanager.clear()
            self._last_use = now


def new_session() -> requests.Session:
    """A session for several threads: kept connections, no cookies, no repetition."""
    session = requests.Session()
    session.mount("http://", Adapter())
    session.mount("https://", Adapter())
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    # Compressed answers would have no size that can be bounded before unpacking.
    session.headers.update({"User-Agent": USER_AGENT, "Accept-Encoding": "identity"})
    return session


def no_auth(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Keeps `requests` from adding credentials of a ``.netrc`` file."""
    return request


def read_body(response: requests.Response, max_bytes: int) -> bytes:
    """The body of a streamed answer.

    :raises TooBig: as soon as it is known that there are more than ``max_bytes``
    :raises Truncated: when the connection ended before the announced length
    """
    announced = _announced_length(response)
    if announced is not None and announced > max_bytes:
        raise TooBig
    chunks, size = [], 0
    for chunk in response.raw.stream(_CHUNK, decode_content=False):
        size += len(chunk)
        if size > max_bytes:
            raise TooBig
        chunks.append(chunk)
    if announced is not None and size < announced:
        raise Truncated
    return b"".join(chunks)


def _announced_length(response: requests.Response) -> int | None:
    if "chunked" in response.headers.get("Transfer-Encoding", "").lower():
        return None
    length = response.headers.get("Content-Length", "").strip()
    if not (length.isascii() and length.isdigit()) or len(length) > 18:
        return None
    return int(length)
