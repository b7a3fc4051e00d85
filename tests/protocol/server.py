# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A real HTTP server that behaves as badly as a test wants it to."""

import json
import socket
import socketserver
import struct
import threading
from dataclasses import dataclass, field
from email.parser import BytesParser
from urllib.parse import parse_qs


@dataclass
class Request:
    method: str
    path: str
    headers: dict
    body: bytes
    connection: int

    @property
    def form(self) -> dict:
        pairs = parse_qs(self.body.decode(), keep_blank_values=True)
        return {name: values[0] for name, values in pairs.items()}


@dataclass
class Answer:
    """What the server does with one request; the flags come in this order.

    ``drip``: ``all`` or ``body``, whatever is to come byte by byte. ``drop_after``: the
    number of bytes of the body after which the connection ends.
    """

    status: int = 200
    body: bytes = b""
    headers: dict = field(default_factory=dict)
    drop_before: bool = False
    silent: bool = False
    drip: str = ""
    drop_after: int | None = None
    endless: bool = False
    close: bool = False


def as_json(data, status=200, **members) -> Answer:
    return Answer(status, json.dumps(data).encode(), **members)


class Server:
    """Answers each request by ``script``: a list of answers, or a function."""

    def __init__(self):
        self.requests: list[Request] = []
        self.script = []
        self.released = threading.Event()
        self._lock = threading.Lock()
        self._connections = 0
        self._server = _Tcp(("127.0.0.1", 0), _Handler)
        self._server.owner = self
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.01}
        )
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def answer(self, *answers) -> None:
        self.script = list(answers)

    def connected(self) -> int:
        with self._lock:
            self._connections += 1
            return self._connections

    def received(self, request: Request) -> Answer:
        with self._lock:
            self.requests.append(request)
            if callable(self.script):
                return self.script(request)
            return self.script.pop(0) if len(self.script) > 1 else self.script[0]

    def stop(self) -> None:
        self.released.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Tcp(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True


class _Handler(socketserver.StreamRequestHandler):
    def handle(self):
        number = self.server.owner.connected()
        while True:
            request = self._read(number)
            if request is None or not self._write(self.server.owner.received(request)):
                return

    def _read(self, number):
        try:
            line = self.rfile.readline().decode()
            head = b""
            while (more := self.rfile.readline()) not in (b"\r\n", b""):
                head += more
        except ConnectionError:
            return None
        if not line:
            return None
        method, path, _version = line.split(" ", 2)
        headers = dict(BytesParser().parsebytes(head))
        length = int(headers.get("Content-Length") or 0)
        return Request(method, path, headers, self.rfile.read(length), number)

    def _write(self, answer: Answer) -> bool:
        """Write an answer; whether the connection stays."""
        if answer.drop_before:
            return self._reset()
        if answer.silent:
            self.server.owner.released.wait(10)
            return False
        try:
            return self._write_answer(answer)
        except ConnectionError:
            return False

    def _write_answer(self, answer: Answer) -> bool:
        headers = {"Content-Length": str(len(answer.body)), **answer.headers}
        lines = [f"HTTP/1.1 {answer.status} X"]
        lines += [f"{name}: {value}" for name, value in headers.items() if value]
        head = ("\r\n".join(lines) + "\r\n\r\n").encode("utf-8")
        if answer.drip == "all":
            return self._drip(head + answer.body)
        self.wfile.write(head)
        if answer.drip == "body":
            return self._drip(answer.body)
        if answer.drop_after is not None:
            self.wfile.write(answer.body[: answer.drop_after])
            return False
        self.wfile.write(answer.body)
        while answer.endless:
            self.wfile.write(b"x" * 65536)
        return not answer.close

    def _drip(self, content: bytes) -> bool:
        for byte in content:
            self.wfile.write(bytes([byte]))
            if self.server.owner.released.wait(0.05):
                return False
        return True

    def _reset(self) -> bool:
        linger = struct.pack("ii", 1, 0)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        return False
