# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Puts the routes together and listens."""

from urllib.parse import urlsplit

from aiohttp import web

from . import api, calls, control, page
from .emulator import Emulator

# Fetch metadata of browsers: what another site's page may not do here.
_FOREIGN = {"cross-site", "same-site"}


@web.middleware
async def refuse_foreign_pages(request: web.Request, handler) -> web.StreamResponse:
    """Refuse requests that a page of another site made through a browser.

    The control interface has no password; without this, any web page that a developer
    visits could use it.
    """
    if not request.path.startswith(("/control", "/phone")):
        return await handler(request)
    origin = request.headers.get("Origin")
    foreign = request.headers.get("Sec-Fetch-Site") in _FOREIGN
    if foreign or (origin and urlsplit(origin).netloc != request.host):
        return web.json_response({"error": "foreign origin"}, status=403)
    return await handler(request)


def make_app(emulator: Emulator) -> web.Application:
    """Return the web application of an emulator."""
    app = web.Application(middlewares=[refuse_foreign_pages])
    app[calls.EMULATOR] = emulator
    api.add_routes(app)
    control.add_routes(app)
    page.add_routes(app)
    app.on_startup.append(_start)
    app.on_shutdown.append(page.close_pages)
    app.on_cleanup.append(_stop)
    return app


async def _start(app: web.Application) -> None:
    await app[calls.EMULATOR].start()


async def _stop(app: web.Application) -> None:
    await app[calls.EMULATOR].stop()


class Server:
    """An emulator that listens; ``async with`` starts and stops it."""

    def __init__(self, emulator: Emulator, host: str = "127.0.0.1", port: int = 0):
        self.emulator = emulator
        self._host = host
        self._port = port
        self._runner = web.AppRunner(
            make_app(emulator), access_log=None, shutdown_timeout=1.0
        )
        self.url = ""

    async def __aenter__(self) -> "Server":
        await self._runner.setup()
        site = web.TCPSite(self._runner, self._host, self._port, backlog=512)
        try:
            await site.start()
        except OSError:
            await self._runner.cleanup()
            raise
        port = self._runner.addresses[0][1]
        shown = f"[{self._host}]" if ":" in self._host else self._host
        self.url = f"http://{shown}:{port}"
        self.emulator.base_url = self.emulator.options.public_url or self.url
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        await self._runner.cleanup()
