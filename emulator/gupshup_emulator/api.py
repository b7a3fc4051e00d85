# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""GupShup's self-serve routes, as a client sees them."""

import asyncio
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web

from . import api_media, templates
from .calls import (
    FORM_TYPE,
    ApiError,
    Call,
    answer,
    endpoint,
    parsed,
    unknown_call,
)
from .ids import is_business_scoped, is_phone
from .state import MODES, App, Message, Subscription

SUBSCRIPTIONS_MOST = 5
READ_SECONDS = 30 * 86_400
BLOCKED_MOST = 64_000


# Sending


async def send_message(call: Call) -> web.Response:
    """`POST /wa/api/v1/msg`: a session message."""
    app, destination = _addressed(call, name_needed=True)
    if call.form.get("channel") != "whatsapp":
        raise ApiError(400, "Invalid channel")
    message = call.json_field("message")
    if not isinstance(message.get("type"), str) or not message["type"]:
        raise ApiError(400, "Invalid message: type is missing")
    if "caption" in message and message["caption"] is None:
        raise ApiError(400, "Invalid message: caption is null")
    return await _accepted(call, app, destination, message, None)


async def send_template(call: Call) -> web.Response:
    """`POST /wa/api/v1/template/msg`: a template message."""
    app, destination = _addressed(call, name_needed=False)
    template = call.json_field("template")
    params = template.get("params", [])
    if not isinstance(template.get("id"), str) or not isinstance(params, list):
        raise ApiError(400, "Invalid template")
    header = call.json_field("message") if call.form.get("message") else {}
    details = {
        "id": template["id"],
        "params": params,
        "postbacks": _postbacks(call.form.get("postbackTexts")),
    }
    return await _accepted(call, app, destination, header, details)


def _addressed(call: Call, name_needed: bool) -> tuple[App, str]:
    """Return the app that sends and the destination.

    :raise ApiError: form, app or destination is wrong
    """
    if call.request.content_type != FORM_TYPE:
        raise ApiError(400, "Invalid content type: form-urlencoded expected")
    key = call.request.headers.get("apikey")
    source, name = call.form.get("source"), call.form.get("src.name")
    app = next(
        (
            app
            for app in call.emulator.state.apps.values()
            if app.number == source and name in (app.name, None)
        ),
        None,
    )
    if app is None or (name is None and name_needed):
        raise ApiError(400, "Invalid App Details")
    if app.api_key != key:
        raise ApiError(401, "Authentication Failed")
    most = call.emulator.faults.rate_limit
    if not call.emulator.send_rate.allow(app.app_id, most):
        raise ApiError(429, "Too Many Requests")
    destination = call.form.get("destination", "")
    if not is_phone(destination) and not is_business_scoped(destination):
        raise ApiError(400, "Invalid Destination")
    return app, destination


def _postbacks(text: str | None) -> dict[int, str]:
    if not text:
        return {}
    rows = parsed(text)
    if not isinstance(rows, list):
        raise ApiError(400, "Invalid postbackTexts")
    return {
        row["index"]: str(row["text"])
        for row in rows
        if isinstance(row, dict) and isinstance(row.get("index"), int) and "text" in row
    }


async def _accepted(
    call: Call,
    app: App,
    destination: str,
    raw: dict[str, Any],
    template: dict[str, Any] | None,
) -> web.Response:
    emulator = call.emulator
    message = emulator.outbound.accept(app, destination, raw, template)
    life = emulator.outbound.start(message)
    if emulator.faults.receipts_before_answer:
        callbacks = await life
        waits = [callback.done.wait() for callback in callbacks]
        await asyncio.wait_for(asyncio.gather(*waits), 60)
    return answer(
        emulator.faults.accept_status,
        {"status": "submitted", "messageId": message.gs_id},
        emulator.faults.answer_content_type,
    )


# Messages: read, look up


async def mark_read(call: Call) -> web.Response:
    """`PUT /wa/app/{appId}/msg/{id}/read`: read up to this message."""
    message = _message(call, "in")
    if message.time < call.emulator.clock.now() - READ_SECONDS:
        raise ApiError(400, "Message is too old")
    call.emulator.mark_read(call.app, message)
    return web.Response(status=202)


async def message_status(call: Call) -> web.Response:
    """`GET /wa/app/{appId}/msg/{id}`: the present status of one message."""
    message = _message(call, "out")
    last = message.history[-1]["time"] if message.history else message.received
    row = {
        "id": message.gs_id,
        "whatsappMessageId": message.wa_id,
        "destination": message.destination,
        "status": "submitted" if message.state == "accepted" else message.state,
        "ts": int((last + call.emulator.clock.offset) * 1000),
        "error": message.error,
    }
    return answer(200, {"status": "success", "message": row})


def _message(call: Call, direction: str) -> Message:
    message = call.emulator.state.message_of(call.request.match_info["message_id"])
    if (
        message is None
        or message.direction != direction
        or message.app_id != call.app.app_id
    ):
        raise ApiError(400, "Message Not Found")
    return message


# Templates


async def list_templates(call: Call) -> web.Response:
    """`GET /wa/app/{appId}/template`, with filters and pages from 1."""
    query = call.request.query
    rows = [row for row in _templates(call) if _fits(row, query)]
    size = _page_number(query.get("pageSize"), 0)
    if size:
        page = max(1, _page_number(query.get("pageNo"), 1))
        rows = rows[(page - 1) * size : page * size]
    told = [_told(call, row) for row in rows]
    return answer(200, {"status": "success", "templates": told})


def _told(call: Call, row: dict[str, Any]) -> dict[str, Any]:
    """Return a template as it is answered: the samples' own files need an address."""
    own = '"mediaUrl": "'
    address = f"{own}{call.emulator.base_url}/"
    return row | {"containerMeta": row["containerMeta"].replace(own + "/", address)}


def _templates(call: Call) -> list[dict[str, Any]]:
    rows = call.emulator.state.templates.values()
    return [
        row
        for row in rows
        if row["appId"] == call.app.app_id and row["status"] != "DELETED"
    ]


def _fits(row: dict[str, Any], query: Any) -> bool:
    filters = {
        "templateStatus": "status",
        "templateCategory": "category",
        "templateType": "templateType",
        "quality": "quality",
        "languageCode": "languageCode",
    }
    return all(
        row[field].lower() in query[name].lower().split(",")
        for name, field in filters.items()
        if query.get(name)
    )


def _page_number(text: str | None, default: int) -> int:
    if not text:
        return default
    if not text.isdigit():
        raise ApiError(400, "Invalid page")
    return int(text)


async def one_template(call: Call) -> web.Response:
    """`GET /wa/app/{appId}/template/{templateId}`."""
    wanted = call.request.match_info["template"]
    row = next((row for row in _templates(call) if row["id"] == wanted), None)
    if row is None:
        raise ApiError(400, "Template Does Not Exist")
    return answer(200, {"status": "success", "template": _told(call, row)})


async def create_template(call: Call) -> web.Response:
    """`POST /wa/app/{appId}/template` (form)."""
    emulator = call.emulator
    try:
        templates.check_samples(call.form)
        row = templates.build(
            emulator.state, call.app, emulator.clock.now_ms(), call.form
        )
    except templates.TemplateError as error:
        raise ApiError(400, str(error)) from error
    emulator.state.templates[row["id"]] = row
    emulator.touch()
    emulator.spawn(emulator.review(row))
    return answer(200, {"status": "success", "template": row})


async def delete_template(call: Call) -> web.Response:
    """`DELETE /wa/app/{appId}/template/{elementName}`: all its languages."""
    name = call.request.match_info["template"]
    rows = [row for row in _templates(call) if row["elementName"] == name]
    if not rows:
        raise ApiError(400, "Template Does Not Exist")
    for row in rows:
        call.emulator.change_template(row, {"status": "deleted"})
    return answer(200, {"status": "success"})


# Subscriptions


async def list_subscriptions(call: Call) -> web.Response:
    """`GET /wa/app/{appId}/subscription`."""
    subs = call.emulator.state.subscriptions_of(call.app.app_id)
    rows = [sub.answer() for sub in subs]
    return answer(200, {"status": "success", "subscriptions": rows})


async def one_subscription(call: Call) -> web.Response:
    """`GET /wa/app/{appId}/subscription/{id}`."""
    sub = _subscription(call)
    return answer(200, {"status": "success", "subscription": sub.answer()})


async def create_subscription(call: Call) -> web.Response:
    """`POST /wa/app/{appId}/subscription` (form); tries the address first."""
    emulator, app = call.emulator, call.app
    _limit_subscription_calls(call)
    tag, url = call.form.get("tag", ""), call.form.get("url", "")
    modes, version = _modes(call.form.get("modes", "")), _version(call.form, 2)
    _check_tag(call, tag, None)
    if len(emulator.state.subscriptions_of(app.app_id)) >= SUBSCRIPTIONS_MOST:
        raise ApiError(400, "Maximum Number Of Subscriptions Reached")
    meta = _meta(call.form.get("meta"))
    await _try_address(call, url, version)
    sub = emulator.subscribe(app, tag, url, modes, version)
    sub.meta = meta
    sub.show_on_ui = call.form.get("showOnUI") == "true"
    return answer(200, {"status": "success", "subscription": sub.answer()})


async def update_subscription(call: Call) -> web.Response:
    """`PUT /wa/app/{appId}/subscription/{id}` (form); only the given fields."""
    _limit_subscription_calls(call)
    sub, form = _subscription(call), call.form
    url, version = form.get("url", sub.url), _version(form, sub.version)
    modes = _modes(form["modes"]) if "modes" in form else sub.modes
    if "tag" in form:
        _check_tag(call, form["tag"], sub)
    meta = _meta(form["meta"]) if "meta" in form else sub.meta
    await _try_address(call, url, version)
    sub.url, sub.version, sub.modes, sub.meta = url, version, modes, meta
    sub.tag = form.get("tag", sub.tag)
    sub.active = form.get("active", "true" if sub.active else "false") == "true"
    sub.modified_ms = call.emulator.clock.now_ms()
    call.emulator.subscriptions_changed()
    return answer(200, {"status": "success", "subscription": sub.answer()})


async def delete_subscription(call: Call) -> web.Response:
    """`DELETE /wa/app/{appId}/subscription/{id}`."""
    _limit_subscription_calls(call)
    del call.emulator.state.subscriptions[_subscription(call).id]
    call.emulator.subscriptions_changed()
    return answer(200, {"status": "success"})


async def delete_subscriptions(call: Call) -> web.Response:
    """`DELETE /wa/app/{appId}/subscription`: all of them."""
    _limit_subscription_calls(call)
    for sub in call.emulator.state.subscriptions_of(call.app.app_id):
        del call.emulator.state.subscriptions[sub.id]
    call.emulator.subscriptions_changed()
    return web.Response(status=204)


def _limit_subscription_calls(call: Call) -> None:
    most = call.emulator.faults.subscription_rate_limit
    if not call.emulator.subscription_rate.allow(call.app.app_id, most):
        raise ApiError(429, "Too Many Requests")


def _subscription(call: Call) -> Subscription:
    sub = call.emulator.state.subscriptions.get(call.request.match_info["sub_id"])
    if sub is None or sub.app_id != call.app.app_id:
        raise ApiError(400, "Subscription Does Not Exist")
    return sub


def _modes(text: str) -> list[str]:
    modes = [mode.strip().upper() for mode in text.split(",") if mode.strip()]
    modes = ["DELETED" if mode == "DELETE" else mode for mode in modes]
    if not modes or not set(modes) <= {*MODES, "ALL", "NONE"}:
        raise ApiError(400, "Invalid Modes Passed")
    return list(dict.fromkeys(modes))


def _version(form: dict[str, str], default: int) -> int:
    text = form.get("version", str(default))
    if text not in ("2", "3"):
        raise ApiError(400, "Invalid Version Passed")
    return int(text)


def _check_tag(call: Call, tag: str, own: Subscription | None) -> None:
    if not tag:
        raise ApiError(400, "Invalid Tag Passed")
    for sub in call.emulator.state.subscriptions_of(call.app.app_id):
        if sub.tag == tag and sub is not own:
            raise ApiError(400, "Tag Already Exists")


def _meta(text: str | None) -> dict[str, Any] | None:
    if not text:
        return None
    value = parsed(text)
    if not isinstance(value, dict):
        raise ApiError(400, "Invalid Meta Passed")
    return {"headers": value}


async def _try_address(call: Call, url: str, version: int) -> None:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ApiError(400, "Invalid URL Passed")
    if call.form.get("doCheck") == "false":
        return
    if not await call.emulator.ping(call.app, url, version):
        raise ApiError(400, "Invalid URL Passed")


# Blocking


async def block_users(call: Call) -> web.Response:
    """`POST /wa/app/{appId}/user/block` (JSON)."""
    blocked = _blocked(call)
    added, failed = [], []
    for user in _users(call):
        refused = _block_refusal(call, user, blocked)
        if refused:
            failed.append({"input": user, "errors": [refused]})
            continue
        blocked[user] = call.emulator.clock.now()
        added.append({"input": user, "wa_id": user})
    call.emulator.touch()
    users = {"added_users": added} | ({"failed_users": failed} if failed else {})
    return _block_answer(200 if added or not failed else 400, users)


def _block_refusal(
    call: Call, user: str, blocked: dict[str, float]
) -> dict[str, Any] | None:
    state = call.emulator.state
    phone = state.phone_of(user)
    start = state.window_end(call.app.app_id, phone.key) if phone else None
    if start is None or start < call.emulator.clock.now():
        return {"code": 139100, "message": "User did not write within 24 hours"}
    if len(blocked) >= BLOCKED_MOST:
        return {"code": 139101, "message": "Block list is full"}
    return None


async def unblock_users(call: Call) -> web.Response:
    """`DELETE /wa/app/{appId}/user/block` (JSON)."""
    blocked = _blocked(call)
    removed = [user for user in _users(call) if blocked.pop(user, None)]
    call.emulator.touch()
    rows = [{"input": user, "wa_id": user} for user in removed]
    return _block_answer(200, {"removed_users": rows})


async def block_list(call: Call) -> web.Response:
    """`GET /wa/app/{appId}/user/blocklist?limit&after`."""
    blocked = list(_blocked(call))
    limit = _page_number(call.request.query.get("limit"), 100)
    start = _page_number(call.request.query.get("after"), 0)
    rows = blocked[start : start + limit]
    cursors = {"before": str(start)}
    if start + limit < len(blocked):
        cursors["after"] = str(start + limit)
    data = [{"messaging_product": "whatsapp", "wa_id": user} for user in rows]
    body = {"status": "success", "data": data, "paging": {"cursors": cursors}}
    return answer(200, body)


def _blocked(call: Call) -> dict[str, float]:
    return call.emulator.state.blocked.setdefault(call.app.app_id, {})


def _users(call: Call) -> list[str]:
    body = parsed(call.body.decode("utf-8", "replace"))
    rows = body.get("block_users") if isinstance(body, dict) else None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise ApiError(400, "Invalid block_users")
    return [str(row.get("user", "")).lstrip("+") for row in rows]


def _block_answer(status: int, users: dict[str, Any]) -> web.Response:
    body = {"status": "success" if status == 200 else "error"}
    body |= {"messaging_product": "whatsapp", "block_users": users}
    return answer(status, body)


def add_routes(app: web.Application) -> None:
    """Add GupShup's routes."""
    base = "/wa/app/{app_id}"
    subs, template = base + "/subscription", base + "/template"
    message, media = base + "/msg/{message_id}", "/wa/{app_id}/wa/media"
    rows = (
        ("POST", "/wa/api/v1/msg", "send", send_message),
        ("POST", "/wa/api/v1/template/msg", "send", send_template),
        ("PUT", message + "/read", "read", mark_read),
        ("GET", message, "status", message_status),
        ("GET", template, "template", list_templates),
        ("POST", template, "template", create_template),
        ("GET", template + "/{template}", "template", one_template),
        ("DELETE", template + "/{template}", "template", delete_template),
        ("GET", subs, "subscription", list_subscriptions),
        ("POST", subs, "subscription", create_subscription),
        ("DELETE", subs, "subscription", delete_subscriptions),
        ("GET", subs + "/{sub_id}", "subscription", one_subscription),
        ("PUT", subs + "/{sub_id}", "subscription", update_subscription),
        ("DELETE", subs + "/{sub_id}", "subscription", delete_subscription),
        ("POST", base + "/user/block", "block", block_users),
        ("DELETE", base + "/user/block", "block", unblock_users),
        ("GET", base + "/user/blocklist", "block", block_list),
    )
    for method, path, scope, handler in rows:
        app.router.add_route(method, path, endpoint(scope, handler))
    uploads = ((media, api_media.upload), (media + "/", api_media.upload))
    for path, handler in (*uploads, (media + "/v2", api_media.upload_sample)):
        app.router.add_post(path, endpoint("media", handler, load=False))
    app.router.add_get(media + "/{media_id}", api_media.download)
    app.router.add_get("/samples/order_ready.png", api_media.sample_picture)
    app.router.add_route("*", r"/{area:wa|sm|partner}/{rest:.*}", unknown_call)
