# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The phone page: static files, its data, its live connection."""

import asyncio
import json
import weakref
from pathlib import Path
from typing import Any
from urllib.parse import quote

from aiohttp import WSCloseCode, WSMsgType, web

from . import samples
from .calls import EMULATOR, TooLargeError, read_body
from .control import overview
from .emulator import Emulator
from .ids import new_media_id
from .state import chat_key

FOLDER = Path(__file__).parent / "phone"
TYPES = {".html": "text/html", ".js": "text/javascript", ".css": "text/css"}
UPLOAD_BYTES = 100 * 1024 * 1024
HISTORY = 300
_SHOWN_INLINE = ("image/", "audio/", "video/")
_NOT_INLINE = ("image/svg",)
_POLICY = (
    "default-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:;"
    " connect-src 'self'; frame-ancestors 'none'; base-uri 'none'"
)

SOCKETS = web.AppKey("sockets", weakref.WeakSet)


async def static_file(request: web.Request) -> web.Response:
    """Serve the page and its parts."""
    path = FOLDER / request.match_info.get("name", "index.html")
    if not path.exists():
        raise web.HTTPNotFound
    return web.Response(
        body=path.read_bytes(),
        content_type=TYPES[path.suffix],
        charset="utf-8",
        headers={"Cache-Control": "no-cache", "Content-Security-Policy": _POLICY},
    )


async def page_state(request: web.Request) -> web.Response:
    """`GET /phone/state`: everything the page starts with, but the chats."""
    emulator = request.app[EMULATOR]
    data = overview(emulator) | {
        "switches": emulator.faults.describe(),
        "previews": _previews(emulator),
        "requests": [item.record() for item in emulator.requests][-HISTORY:],
        "callbacks": [item.record() for item in emulator.courier.records][-HISTORY:],
    }
    return web.json_response(data)


def _previews(emulator: Emulator) -> list[dict[str, Any]]:
    """Return the last message of each chat, and what its customer has not seen."""
    state = emulator.state
    chats = []
    for keys in state.chats.values():
        messages = [state.messages[key] for key in keys if key in state.messages]
        if not messages:
            continue
        unseen = [
            message.key
            for message in messages
            if message.direction == "out" and message.state == "delivered"
        ]
        chats.append({"message": messages[-1].page(), "unseen": unseen[-100:]})
    return chats


async def page_chat(request: web.Request) -> web.Response:
    """`GET /phone/chat?app=&phone=`: the newest messages of a chat."""
    emulator = request.app[EMULATOR]
    messages = emulator.state.chat(
        request.query.get("app", ""), request.query.get("phone", "")
    )
    return web.json_response(
        {"messages": [message.page() for message in messages[-HISTORY:]]}
    )


async def page_media(request: web.Request) -> web.Response:
    """`GET /phone/media/{id}`: the emulator's copy of a file."""
    media = request.app[EMULATOR].media.get(request.match_info["id"])
    if media is None:
        raise web.HTTPNotFound(text="This file is no longer kept.")
    inline = media.mime_type.startswith(_SHOWN_INLINE)
    if media.mime_type.startswith(_NOT_INLINE) or request.query.get("download"):
        inline = False
    kind = "inline" if inline else "attachment"
    name = quote(media.name or "file")
    status, data, extra = _part(request, media.data)
    return web.Response(
        status=status,
        body=data,
        headers=extra
        | {
            "Content-Type": media.mime_type if inline else "application/octet-stream",
            "Content-Disposition": f"{kind}; filename*=UTF-8''{name}",
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "sandbox; default-src 'none'",
            "Cache-Control": "private, max-age=3600",
        },
    )


def _part(request: web.Request, data: bytes) -> tuple[int, bytes, dict[str, str]]:
    """Return the part that is asked for: players need the end to know the length."""
    headers = {"Accept-Ranges": "bytes"}
    try:
        wanted = request.http_range
    except ValueError:
        wanted = slice(None)
    if wanted.start is None and wanted.stop is None:
        return 200, data, headers
    start, stop, _step = wanted.indices(len(data))
    if start >= stop:
        return 416, b"", headers | {"Content-Range": f"bytes */{len(data)}"}
    headers["Content-Range"] = f"bytes {start}-{stop - 1}/{len(data)}"
    return 206, data[start:stop], headers


async def page_upload(request: web.Request) -> web.Response:
    """`POST /phone/upload?app=&name=`: a file that a customer is about to send."""
    emulator = request.app[EMULATOR]
    try:
        data = await read_body(request, UPLOAD_BYTES)
    except TooLargeError:
        return web.json_response({"error": "at most 100 MB"}, status=413)
    app = emulator.state.app_of(request.query.get("app"))
    if app is None:
        return web.json_response({"error": "unknown app"}, status=404)
    mime_type = request.headers.get("Content-Type", "application/octet-stream")
    name = request.query.get("name", "")
    if mime_type.startswith("audio/webm"):
        # Phones record voice notes as Opus in Ogg, browsers in WebM.
        packets, head = samples.opus_of_webm(data)
        if packets:
            data = samples.ogg_opus(packets, head)
            mime_type, name = "audio/ogg; codecs=opus", "voice.ogg"
    media = emulator.media.add(
        new_media_id(), app.app_id, "inbound", data, mime_type, name
    )
    return web.json_response(
        {"id": media.id, "mime_type": mime_type, "name": name, "size": media.size}
    )


# The live connection


async def events(request: web.Request) -> web.WebSocketResponse:
    """`GET /phone/events`: changes to the page; from it, which chat is open."""
    emulator = request.app[EMULATOR]
    socket = web.WebSocketResponse(heartbeat=20)
    await socket.prepare(request)
    request.app[SOCKETS].add(socket)
    queue = emulator.hub.join()
    sender = asyncio.create_task(_send(socket, queue))
    watching: tuple[str, str] | None = None
    try:
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                watching = _watch(emulator, watching, message.data)
    finally:
        sender.cancel()
        emulator.hub.leave(queue)
        if watching:
            emulator.watch(*watching, -1)
    return socket


async def _send(socket: web.WebSocketResponse, queue: asyncio.Queue) -> None:
    while True:
        await socket.send_str(await queue.get())


def _watch(
    emulator: Emulator, before: tuple[str, str] | None, text: str
) -> tuple[str, str] | None:
    """Note which chat the page shows: ``{"app_id", "phone"}``, or ``{}`` for none."""
    try:
        data = json.loads(text)
        chat = (str(data["app_id"]), str(data["phone"])) if data else None
    except (ValueError, KeyError, TypeError):
        return before
    if chat and before and chat_key(*chat) == chat_key(*before):
        return before
    if before:
        emulator.watch(*before, -1)
    if chat:
        emulator.watch(*chat, 1)
    return chat


async def close_pages(app: web.Application) -> None:
    """Say goodbye to the open pages when the emulator stops."""
    for socket in tuple(app[SOCKETS]):
        await socket.close(code=WSCloseCode.GOING_AWAY, message=b"stopped")


def add_routes(app: web.Application) -> None:
    """Add the routes of the page."""
    app[SOCKETS] = weakref.WeakSet()
    app.router.add_get("/", static_file)
    app.router.add_get(r"/phone/{name:\w+\.(js|css)}", static_file)
    app.router.add_get("/phone/state", page_state)
    app.router.add_get("/phone/chat", page_chat)
    app.router.add_get("/phone/media/{id}", page_media)
    app.router.add_post("/phone/upload", page_upload)
    app.router.add_get("/phone/events", events)
