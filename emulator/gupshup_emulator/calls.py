# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What all of GupShup's calls share: the key, the faults, the record, the errors."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import web

from .emulator import Emulator
from .state import App

FORM_BYTES = 1024 * 1024
FORM_TYPE = "application/x-www-form-urlencoded"
_JSON_FIELDS = ("message", "template", "postbackTexts", "buttons", "meta")
_SHOWN_HEADERS = ("Content-Type", "User-Agent", "Content-Length", "Accept")

EMULATOR = web.AppKey("emulator", Emulator)
Handler = Callable[["Call"], Awaitable[web.Response]]


class ApiError(Exception):
    """An answer other than success."""

    def __init__(self, status: int, message: str):
        super().__init__(message)
        self.status = status
        self.message = message


class TooLargeError(Exception):
    """A body is larger than its limit."""


class Call:
    """One request of the client."""

    def __init__(self, emulator: Emulator, request: web.Request):
        self.emulator = emulator
        self.request = request
        self.form: dict[str, str] = {}
        self.body = b""
        self.app: App | None = None

    async def load(self) -> None:
        """Read the body, and the form in it."""
        self.body = await read_body(self.request, FORM_BYTES)
        if self.request.content_type == FORM_TYPE:
            text = self.body.decode("utf-8", "replace")
            self.form = dict(parse_qsl(text, keep_blank_values=True))

    def json_field(self, name: str) -> dict[str, Any]:
        """Return an object that the form holds as JSON.

        :raise ApiError: missing or no JSON object
        """
        text = self.form.get(name)
        if not text:
            raise ApiError(400, f"Missing required parameter: {name}")
        try:
            value = json.loads(text)
        except ValueError:
            value = None
        if not isinstance(value, dict):
            raise ApiError(400, f"Invalid {name}: not a JSON object")
        return value


async def read_body(request: web.Request, limit: int) -> bytes:
    """Return the body.

    :raise TooLargeError: it is larger than `limit` bytes
    """
    if (request.content_length or 0) > limit:
        raise TooLargeError
    data = bytearray()
    while chunk := await request.content.readany():
        data += chunk
        if len(data) > limit:
            raise TooLargeError
    return bytes(data)


def answer(status: int, body: Any, content_type: str = "application/json"):
    """Return a JSON answer, possibly under another Content-Type."""
    response = web.Response(status=status, body=json.dumps(body).encode())
    response.headers["Content-Type"] = content_type
    return response


# Every call: record, faults, key


def endpoint(scope: str, handler: Handler, load: bool = True):
    """Return an aiohttp handler with what all of GupShup's calls share."""

    async def run(request: web.Request) -> web.StreamResponse:
        emulator = request.app[EMULATOR]
        call = Call(emulator, request)
        started = time.time()
        notes: dict[str, Any] = {}
        try:
            if load:
                await call.load()
            response = await _answered(call, scope, handler, notes)
        except TooLargeError:
            response = error_answer(emulator, 413, "Request entity too large")
        except ApiError as error:
            response = error_answer(emulator, error.status, error.message)
        record(call, scope, response, started, notes)
        return response

    return run


async def _answered(
    call: Call, scope: str, handler: Handler, notes: dict[str, Any]
) -> web.Response:
    faults = call.emulator.faults
    applies = faults.http_scope in (scope, "all")
    if applies and faults.drop == "before_accept" and _drop(call, notes):
        return web.Response(status=500)
    if applies:
        status = faults.spend("http_status", "http_status_times")
        if status:
            await asyncio.sleep(faults.latency)
            return fault_answer(call.emulator, status)
    call.app = _authenticate(call)
    response = await handler(call)
    if applies and faults.latency:
        await asyncio.sleep(faults.latency)
    if applies and faults.drop == "after_accept":
        _drop(call, notes)
    return response


def _drop(call: Call, notes: dict[str, Any]) -> bool:
    dropped = call.emulator.faults.spend("drop", "drop_times")
    if dropped and call.request.transport:
        notes["dropped"] = dropped
        call.request.transport.close()
    return bool(dropped)


def _authenticate(call: Call) -> App | None:
    """Return the app of the path, if there is one in it.

    :raise ApiError: the key fits no app, or not that app
    """
    key = call.request.headers.get("apikey", "")
    apps = call.emulator.state.apps
    if not key or all(app.api_key != key for app in apps.values()):
        raise ApiError(401, "Authentication Failed")
    wanted = call.request.match_info.get("app_id")
    if wanted is None:
        return None
    app = apps.get(wanted)
    if app is None:
        raise ApiError(400, "Invalid App Details")
    if app.api_key != key:
        raise ApiError(401, "Authentication Failed")
    return app


def error_answer(emulator: Emulator, status: int, message: str) -> web.Response:
    """Return GupShup's error body; for 401 in the form that was set."""
    body: dict[str, Any] = {"status": "error", "message": message}
    if status == 401 and emulator.faults.auth_error_form == "nested":
        body["message"] = {"message": message}
    return answer(status, body)


_FAULT_TEXTS = {
    400: "Bad Request",
    401: "Authentication Failed",
    403: "Forbidden",
    404: "Not Found",
    429: "Too Many Requests",
}


def fault_answer(emulator: Emulator, status: int) -> web.Response:
    """Return the answer that the switch `http_status` asks for."""
    body = emulator.faults.http_body
    if body is not None:
        return web.Response(status=status, text=body, content_type="text/html")
    if status < 500:
        return error_answer(emulator, status, _FAULT_TEXTS.get(status, "Error"))
    page = f"<html><body><h1>{status} Server Error</h1></body></html>"
    return web.Response(status=status, text=page, content_type="text/html")


def record(
    call: Call,
    scope: str,
    response: web.StreamResponse,
    started: float,
    notes: dict[str, Any],
) -> None:
    """Note a call and its answer, for who looks at what arrived."""
    request = call.request
    form: dict[str, Any] = dict(call.form)
    for name in _JSON_FIELDS:
        if name in form:
            form[name] = parsed(form[name])
    headers = {
        name: request.headers[name]
        for name in _SHOWN_HEADERS
        if name in request.headers
    }
    if "apikey" in request.headers:
        headers["apikey"] = "(hidden)"
    data = {
        "scope": scope,
        "method": request.method,
        "path": request.path,
        "query": dict(request.query),
        "headers": headers,
        "form": form or parsed(call.body.decode("utf-8", "replace")[:10_000]),
        "status": None if "dropped" in notes else response.status,
        "answer": _shown(response),
        "latency_ms": round((time.time() - started) * 1000, 2),
    }
    call.emulator.add_request(data | notes, started)


def parsed(text: str) -> Any:
    """Return what a text says as JSON, or the text itself."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def _shown(response: web.StreamResponse) -> Any:
    body = response.body if isinstance(response, web.Response) else None
    if not isinstance(body, bytes) or len(body) > 20_000:
        return None
    return parsed(body.decode("utf-8", "replace"))


async def unknown_call(request: web.Request) -> web.Response:
    """Answer a call that the emulator does not know, and record it."""
    emulator = request.app[EMULATOR]
    call = Call(emulator, request)
    started = time.time()
    try:
        await call.load()
        response = error_answer(emulator, 404, "Not Found")
    except TooLargeError:
        response = error_answer(emulator, 413, "Request entity too large")
    record(call, "unknown", response, started, {})
    return response
