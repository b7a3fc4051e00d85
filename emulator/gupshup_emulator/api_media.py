# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""GupShup's routes of files: what clients upload, and what customers have sent."""

import asyncio
import time
from typing import Any

from aiohttp import BodyPartReader, web

from . import samples
from .calls import (
    EMULATOR,
    ApiError,
    Call,
    answer,
    error_answer,
    fault_answer,
    record,
)
from .ids import new_upload_id

UPLOAD_BYTES = 100 * 1024 * 1024


async def upload(call: Call) -> web.Response:
    """`POST /wa/{appId}/wa/media/` (multipart `file`, `file_type`)."""
    media = await _uploaded(call, "upload")
    return answer(200, {"status": "success", "mediaId": media.id})


async def upload_sample(call: Call) -> web.Response:
    """`POST /wa/{appId}/wa/media/v2`: a sample for a template's header."""
    media = await _uploaded(call, "sample")
    url = f"{call.emulator.base_url}/wa/{call.app.app_id}/wa/media/{media.id}"
    row = {"id": media.id, "url": url, "fileName": media.name}
    return answer(200, {"status": "success", "media": row})


async def _uploaded(call: Call, origin: str) -> Any:
    if not call.request.content_type.startswith("multipart/"):
        raise ApiError(400, "Invalid content type: multipart expected")
    data, name, mime_type, stated = b"", "", "", ""
    async for part in await call.request.multipart():
        if not isinstance(part, BodyPartReader):
            continue
        if part.name == "file":
            data = await _part(part, UPLOAD_BYTES)
            name = part.filename or "file"
            mime_type = part.headers.get("Content-Type", "")
        elif part.name == "file_type":
            stated = (await _part(part, 1000)).decode("utf-8", "replace").strip()
    call.form = {"file": f"{name} ({len(data)} bytes)", "file_type": stated}
    if not name or not (stated or mime_type):
        raise ApiError(400, "Missing required parameter: file or file_type")
    return call.emulator.media.add(
        new_upload_id(), call.app.app_id, origin, data, stated or mime_type, name
    )


async def _part(part: BodyPartReader, limit: int) -> bytes:
    data = bytearray()
    while chunk := await part.read_chunk(1 << 16):
        data += chunk
        if len(data) > limit:
            raise ApiError(413, "File size exceeds the maximum limit!")
    return bytes(data)


async def download(request: web.Request) -> web.StreamResponse:
    """`GET /wa/{appId}/wa/media/{mediaId}`: a customer's file, without a key."""
    emulator = request.app[EMULATOR]
    call = Call(emulator, request)
    started = time.time()
    response = await _download(call)
    record(call, "media", response, started, {})
    return response


async def _download(call: Call) -> web.StreamResponse:
    emulator, faults = call.emulator, call.emulator.faults
    app_id = call.request.match_info["app_id"]
    media_id = call.request.match_info["media_id"]
    await asyncio.sleep(faults.media_latency)
    if faults.http_scope in ("media", "all"):
        status = faults.spend("http_status", "http_status_times")
        if status:
            return fault_answer(emulator, status)
    if faults.media_redirect:
        return web.Response(status=302, headers={"Location": faults.media_redirect})
    if faults.media_status and faults.media_status not in (200, 404):
        return fault_answer(emulator, faults.media_status)
    locked = emulator.media.locked_until(app_id)
    if locked:
        text = "Api rate limit reached due to multiple invalid calls."
        text += f" New quota will be available on {int(locked)}"
        return error_answer(emulator, 429, text)
    media = emulator.media.valid(media_id, app_id, "inbound", "sample")
    if media is None or faults.media_gone or faults.media_status == 404:
        emulator.media.note_invalid(app_id)
        return error_answer(emulator, 404, "Invalid Media Id")
    return await _file(call, media.data, media.mime_type, media.name)


async def _file(
    call: Call, data: bytes, mime_type: str, name: str
) -> web.StreamResponse:
    faults = call.emulator.faults
    if faults.media_size is not None:
        data = data[: faults.media_size].ljust(faults.media_size, b"\0")
    inline = call.request.query.get("download") == "false"
    disposition = "inline" if inline else "attachment"
    headers = {
        "Content-Type": faults.media_content_type or mime_type,
        "Content-Disposition": _disposition(disposition, name),
    }
    if not faults.media_cut:
        return web.Response(body=data, headers=headers)
    response = web.StreamResponse(headers=headers)
    response.content_length = len(data) + 1
    await response.prepare(call.request)
    await response.write(data[: len(data) // 2])
    if call.request.transport:
        call.request.transport.close()
    return response


def _disposition(kind: str, name: str) -> str:
    if not name:
        return kind
    plain = name.encode("ascii", "replace").decode().replace('"', "_")
    return f'{kind}; filename="{plain}"'


async def sample_picture(_request: web.Request) -> web.Response:
    """`GET /samples/order_ready.png`: what is above a sample template."""
    return web.Response(body=samples.png(), content_type="image/png")
