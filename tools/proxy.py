"""A small reverse proxy: ``python tools/proxy.py PORT HTTP_PORT WEBSOCKET_PORT``.

Odoo with workers serves websockets from a process with a port of its own and expects a
proxy to put both behind one address. In production that is nginx; this one is for the
demo and for tests.
"""

import argparse
import asyncio
import contextlib

from aiohttp import (
    ClientConnectionError,
    ClientError,
    ClientSession,
    ClientTimeout,
    WSMsgType,
    web,
)

# Headers about one connection, not passed on by a proxy (RFC 9110, section 7.6.1).
HOP_BY_HOP = {
    "connection",
    "keep-alive",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
}
WEBSOCKET_HEADERS = ("Cookie", "Host", "Origin", "User-Agent")
WEBSOCKET_PATH = "/websocket"
CHUNK = 64 * 1024
CLIENT = web.AppKey("client", ClientSession)


class Proxy:
    """Passes requests on to Odoo's HTTP workers, websockets to its other process."""

    def __init__(self, host, http_port, websocket_port):
        self._http = f"http://{host}:{http_port}"
        self._websocket = f"http://{host}:{websocket_port}"

    async def handle(self, request):
        """Answer one request."""
        if request.path == WEBSOCKET_PATH:
            return await self._pass_websocket(request)
        if request.path.startswith(WEBSOCKET_PATH + "/"):
            return await self._pass_request(request, self._websocket)
        return await self._pass_request(request, self._http)

    async def _pass_request(self, request, target):
        try:
            answer = await request.app[CLIENT].request(
                request.method,
                target + request.raw_path,
                headers=forwarded_headers(request),
                data=request.content if request.can_read_body else None,
                allow_redirects=False,
            )
        except ClientConnectionError:
            return web.Response(status=502, text="Odoo does not answer.")
        async with answer:
            response = web.StreamResponse(status=answer.status, reason=answer.reason)
            for name, value in answer.headers.items():
                if name.lower() not in HOP_BY_HOP:
                    response.headers.add(name, value)
            await response.prepare(request)
            async for chunk in answer.content.iter_chunked(CHUNK):
                await response.write(chunk)
            await response.write_eof()
            return response

    async def _pass_websocket(self, request):
        headers = forwarded_headers(request)
        kept = {name: headers[name] for name in WEBSOCKET_HEADERS if name in headers}
        url = self._websocket + request.raw_path
        try:
            upstream = await request.app[CLIENT].ws_connect(url, headers=kept)
        except ClientError:
            return web.Response(status=502, text="Odoo accepts no websocket.")
        async with upstream:
            downstream = web.WebSocketResponse()
            await downstream.prepare(request)
            await first_of(pump(downstream, upstream), pump(upstream, downstream))
            await downstream.close()
            return downstream


def forwarded_headers(request):
    """Return a request's headers as Odoo in proxy mode wants them."""
    headers = request.headers.copy()
    for name in [name for name in headers if name.lower() in HOP_BY_HOP]:
        headers.popall(name, None)
    headers["X-Forwarded-For"] = request.remote or ""
    headers["X-Forwarded-Host"] = request.host
    headers["X-Forwarded-Proto"] = request.scheme
    return headers


async def pump(source, target):
    """Pass messages on until the source closes."""
    async for message in source:
        if message.type == WSMsgType.TEXT:
            await target.send_str(message.data)
        elif message.type == WSMsgType.BINARY:
            await target.send_bytes(message.data)


async def first_of(*coroutines):
    """Run coroutines until one is done; end the others."""
    tasks = [asyncio.ensure_future(coroutine) for coroutine in coroutines]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        with contextlib.suppress(ConnectionError):
            await asyncio.gather(*tasks, return_exceptions=True)


async def client_session(app):
    """Keep one pool of connections to Odoo as long as the proxy runs."""
    timeout = ClientTimeout(total=None)
    async with ClientSession(timeout=timeout, auto_decompress=False) as session:
        app[CLIENT] = session
        yield


def main():
    """Run until interrupted."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("port", type=int)
    parser.add_argument("http_port", type=int)
    parser.add_argument("websocket_port", type=int)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    arguments = parser.parse_args()
    proxy = Proxy("127.0.0.1", arguments.http_port, arguments.websocket_port)
    app = web.Application(client_max_size=2**30)
    app.cleanup_ctx.append(client_session)
    app.router.add_route("*", "/{path:.*}", proxy.handle)
    web.run_app(app, host=arguments.host, port=arguments.port, print=None)


if __name__ == "__main__":
    main()
