"""Load: requests one after another, several at once, or at a given rate.

A request costs this client as little as possible (one send, one or two receives on a
plain socket), because client and server share the machine.
"""

import queue
import socket
import threading
import time
from dataclasses import dataclass, field
from urllib.parse import urlsplit

TIMEOUT = 60


class LoadError(Exception):
    """A request got no answer that can be counted."""


@dataclass
class Result:
    """What some requests led to. Times in seconds."""

    latencies: list = field(default_factory=list)
    refused: int = 0
    seconds: float = 0.0

    @property
    def rate(self):
        """Return answers per second."""
        return len(self.latencies) / self.seconds

    def percentile(self, percent):
        """Return the latency that this share of requests did not exceed."""
        return percentile(self.latencies, percent)


def percentile(values, percent):
    """Return the smallest value that ``percent`` of all values do not exceed."""
    ordered = sorted(values)
    index = max(0, -(-len(ordered) * percent // 100) - 1)
    return ordered[int(index)]


class Connection:
    """Posts to one server, on a new connection per request unless told otherwise."""

    def __init__(self, url, keep_alive=False):
        address = urlsplit(url)
        self._address = (address.hostname, address.port)
        self._keep_alive = keep_alive
        self._head = (
            "POST {path} HTTP/1.1\r\n"
            f"Host: {address.netloc}\r\n"
            "Content-Type: application/json\r\n"
            f"Connection: {'keep-alive' if keep_alive else 'close'}\r\n"
            "Content-Length: {length}\r\n\r\n"
        )
        self._socket = None

    def post(self, path, body):
        """Post and return the status and the answer's body.

        :raise LoadError: when the connection breaks
        """
        head = self._head.format(path=path, length=len(body)).encode()
        try:
            self._connect()
            self._socket.sendall(head + body)
            status, content, stays = self._receive()
        except OSError as error:
            self.close()
            raise LoadError(f"{path}: {error}") from error
        if not (self._keep_alive and stays):
            self.close()
        return status, content

    def _connect(self):
        if self._socket is None:
            self._socket = socket.create_connection(self._address, TIMEOUT)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def _receive(self):
        data = b""
        while b"\r\n\r\n" not in data:
            data += self._more()
        head, _, content = data.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        version, status = lines[0].split(" ", 2)[:2]
        headers = dict(line.lower().split(": ", 1) for line in lines[1:])
        while len(content) < int(headers["content-length"]):
            content += self._more()
        stays = version == "HTTP/1.1" and headers.get("connection") != "close"
        return int(status), content, stays

    def _more(self):
        data = self._socket.recv(65536)
        if not data:
            raise ConnectionError("closed before the answer was complete")
        return data

    def close(self):
        """Close the connection if one is open."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None


def _timed(connection, path, body, result, since=None):
    began = time.perf_counter() if since is None else since
    try:
        status, _content = connection.post(path, body)
    except LoadError:
        status = 0
    if 200 <= status < 300:
        result.latencies.append(time.perf_counter() - began)
    else:
        result.refused += 1


def closed_loop(url, requests, concurrency=1, keep_alive=False):
    """Send requests as fast as they are answered.

    :param requests: pairs of a path and a body
    :rtype: Result
    """
    waiting = queue.SimpleQueue()
    for request in requests:
        waiting.put(request)
    result = Result()

    def work():
        connection = Connection(url, keep_alive)
        while True:
            try:
                path, body = waiting.get_nowait()
            except queue.Empty:
                break
            _timed(connection, path, body, result)
        connection.close()

    began = time.perf_counter()
    if concurrency == 1:
        work()
    else:
        _run_threads(work, concurrency)
    result.seconds = time.perf_counter() - began
    return result


def open_loop(url, requests, rate, concurrency=16, on_send=None):
    """Send requests at a rate, whatever the answers do.

    A latency counts from the moment at which its request was due, so that a server
    that stalls cannot hide it by keeping this client from asking.

    :param on_send: called with the index and the moment at which a request was due
    :rtype: Result
    """
    requests = list(requests)
    waiting = queue.SimpleQueue()
    for index in range(len(requests)):
        waiting.put(index)
    result = Result()
    began = time.perf_counter() + 0.05

    def work():
        connection = Connection(url)
        while True:
            try:
                index = waiting.get_nowait()
            except queue.Empty:
                break
            due = began + index / rate
            time.sleep(max(0.0, due - time.perf_counter()))
            if on_send is not None:
                on_send(index, due)
            _timed(connection, *requests[index], result, since=due)

    _run_threads(work, min(concurrency, len(requests)))
    result.seconds = time.perf_counter() - began
    return result


def _run_threads(work, count):
    threads = [threading.Thread(target=work) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
