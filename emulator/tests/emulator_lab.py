# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A running emulator, a client for it, and a receiver of its callbacks."""

import asyncio
import functools
import json
from collections import deque

import aiohttp
from aiohttp import web

from gupshup_emulator.emulator import Emulator, Options, default_app
from gupshup_emulator.server import Server

KEY = "emulator-key"
APP_ID = "5b1d8c7e-2f43-4a90-9a6b-7c0e4d21f8aa"
LUCIA = "34600111222"
LIMIT = 10


def asynchronous(test):
    """Let pytest run an asynchronous test, with a limit on its time."""

    @functools.wraps(test)
    def run(*args, **kwargs):
        asyncio.run(asyncio.wait_for(test(*args, **kwargs), 25))

    return run


class Receiver:
    """An HTTP server that notes what it gets, and serves files."""

    def __init__(self):
        self.bodies = []
        self.headers = []
        self.statuses = deque()
        self.files = {}
        self.pause = 0.0
        self.arrived = asyncio.Condition()
        self.url = ""
        app = web.Application(client_max_size=0)
        app.router.add_post("/hook{rest:.*}", self._post)
        app.router.add_get("/files/{name}", self._get)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)

    async def __aenter__(self):
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *exc_info):
        await self._runner.cleanup()

    @property
    def hook(self):
        """The callback address."""
        return self.url + "/hook"

    async def _post(self, request):
        body = await request.json()
        if self.pause:
            await asyncio.sleep(self.pause)
        status = self.statuses.popleft() if self.statuses else 200
        async with self.arrived:
            self.bodies.append(body)
            self.headers.append(dict(request.headers))
            self.arrived.notify_all()
        return web.Response(status=status)

    async def _get(self, request):
        data, mime_type = self.files.get(request.match_info["name"], (None, ""))
        if data is None:
            return web.Response(status=404)
        return web.Response(body=data, headers={"Content-Type": mime_type})

    def of_type(self, kind):
        """Return the bodies whose `type`, or inner type, is `kind`."""
        return [
            body
            for body in self.bodies
            if kind in (body.get("type"), body.get("payload", {}).get("type"))
        ]

    async def wait(self, count, kind=None):
        """Wait for `count` bodies (of a kind) and return them."""

        def found():
            return self.of_type(kind) if kind else self.bodies

        async with self.arrived:
            enough = self.arrived.wait_for(lambda: len(found()) >= count)
            await asyncio.wait_for(enough, LIMIT)
        return found()


class Lab:
    """An emulator with one subscription, and everything to try it with."""

    def __init__(self, fast=True, subscribed=True, **options):
        self._options = {"fast": fast} | options
        self._subscribed = subscribed
        self.receiver = Receiver()

    async def __aenter__(self):
        await self.receiver.__aenter__()
        callback = self.receiver.hook if self._subscribed else None
        apps = self._options.pop("apps", [default_app(KEY)])
        options = Options(apps=apps, callback=callback, **self._options)
        self.emulator = Emulator(options)
        self._server = Server(self.emulator)
        await self._server.__aenter__()
        self.url = self._server.url
        self.session = aiohttp.ClientSession()
        return self

    async def __aexit__(self, *exc_info):
        await self.session.close()
        await self._server.__aexit__(*exc_info)
        await self.receiver.__aexit__(*exc_info)

    async def call(self, method, path, key=KEY, **arguments):
        """Call GupShup's side; return (status, parsed body, headers)."""
        headers = {"apikey": key} | arguments.pop("headers", {})
        async with self.session.request(
            method, self.url + path, headers=headers, **arguments
        ) as answer:
            text = await answer.text()
            body = json.loads(text) if text[:1] in "{[" and text else text
            return answer.status, body, answer.headers

    def form(self, message, /, **changes):
        """Return the form of a session message."""
        form = {
            "channel": "whatsapp",
            "source": "15550100100",
            "destination": LUCIA,
            "src.name": "DemoSupport",
            "message": message if isinstance(message, str) else json.dumps(message),
        } | changes
        return {name: value for name, value in form.items() if value is not None}

    async def send(self, message, /, key=KEY, **changes):
        """Send a session message; return (status, body)."""
        form = self.form(message, **changes)
        status, body, _headers = await self.call(
            "POST", "/wa/api/v1/msg", key, data=form
        )
        return status, body

    async def send_text(self, text="Hello", **changes):
        """Send a text that must be accepted; return its GS id."""
        status, body = await self.send({"type": "text", "text": text}, **changes)
        assert status == 202, body
        return body["messageId"]

    async def send_template(self, template_id, params, **fields):
        """Send a template message that must be accepted; return its GS id."""
        form = {
            "source": "15550100100",
            "destination": LUCIA,
            "src.name": "DemoSupport",
            "template": json.dumps({"id": template_id, "params": params}),
        } | {name: json.dumps(value) for name, value in fields.items()}
        status, body, _headers = await self.call(
            "POST", "/wa/api/v1/template/msg", data=form
        )
        assert status == 202, body
        return body["messageId"]

    async def control(self, method, path, body=None, status=200):
        """Call the control interface, which must answer `status`."""
        async with self.session.request(
            method, self.url + "/control" + path, json=body
        ) as answer:
            result = await answer.json()
            assert answer.status == status, result
            return result

    async def faults(self, **switches):
        """Set these switches and no others."""
        return await self.control("PUT", "/faults", switches)

    async def inbound(self, kind="text", **spec):
        """Let Lucía send something and wait until it is delivered."""
        body = {"phone": LUCIA, "type": kind, "wait": True} | spec
        if not {"phone", "user_id"} & set(spec) and kind == "text":
            body.setdefault("text", "Hola")
        return await self.control("POST", "/inbound", body)

    async def open_window(self):
        """Let Lucía write, and forget the callback."""
        await self.inbound()
        self.receiver.bodies.clear()
        self.receiver.headers.clear()

    async def wait(self, what, count=1, **match):
        """Wait for records; `__` in a name stands for a dot."""
        dotted = {name.replace("__", "."): value for name, value in match.items()}
        body = {"what": what, "count": count, "match": dotted, "timeout": LIMIT}
        return (await self.control("POST", "/wait", body))["matched"]

    async def template(self, name, language="en"):
        """Return a sample template."""
        state = await self.control("GET", "/state")
        return next(
            row
            for row in state["templates"]
            if (row["elementName"], row["languageCode"]) == (name, language)
        )
