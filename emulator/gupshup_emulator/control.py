# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The control interface under ``/control``: for tests, load drivers, the phone page."""

import asyncio
import json
import uuid
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from . import bodies_v2, bodies_v3, templates
from .callbacks import Callback
from .calls import EMULATOR, TooLargeError, read_body
from .emulator import Emulator, ReadRecord
from .events import Event
from .faults import FaultError
from .hub import Waiter
from .inbound import SpecError, new_phone
from .state import App, chat_key

BODY_BYTES = 180 * 1024 * 1024
WAIT_SECONDS = 10.0
WAIT_MOST = 600.0
DELIVERY_WAIT = 60.0
KINDS_TO_WAIT_FOR = ("sent", "request", "callback", "read")

Work = Callable[[Emulator, web.Request, dict[str, Any]], Awaitable[Any]]


class ControlError(Exception):
    """A request that cannot be done; becomes an answer with this status."""

    def __init__(self, status: int, message: str):
        super().__init__(message)
        self.status = status


def route(work: Work) -> Callable[[web.Request], Awaitable[web.Response]]:
    """Return an aiohttp handler: JSON in, JSON out, errors as ``{"error": text}``."""

    async def run(request: web.Request) -> web.Response:
        try:
            spec = await _body(request)
            result = await work(request.app[EMULATOR], request, spec)
        except ControlError as error:
            return web.json_response({"error": str(error)}, status=error.status)
        except (SpecError, FaultError) as error:
            return web.json_response({"error": str(error)}, status=400)
        except TooLargeError:
            return web.json_response({"error": "body too large"}, status=413)
        if isinstance(result, web.Response):
            return result
        return web.json_response(result)

    return run


async def _body(request: web.Request) -> dict[str, Any]:
    raw = await read_body(request, BODY_BYTES)
    if not raw:
        return {}
    try:
        spec = json.loads(raw)
    except ValueError as error:
        raise ControlError(400, "the body is not JSON") from error
    if not isinstance(spec, dict):
        raise ControlError(400, "the body must be an object")
    return spec


def _number(spec: dict[str, Any], name: str, default: float) -> float:
    value = spec.get(name)
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
        raise ControlError(400, f"{name}: a number from 0")
    return value


def _app(emulator: Emulator, wanted: Any) -> App:
    app = emulator.state.app_of(wanted)
    if app is None:
        raise ControlError(404, f"app: {wanted!r} is unknown")
    return app


# State


async def reset(emulator: Emulator, request: web.Request, spec: dict) -> Any:
    """`POST /control/reset`."""
    await emulator.reset()
    return {"status": "ok"}


async def get_state(emulator: Emulator, request: web.Request, spec: dict) -> Any:
    """`GET /control/state`."""
    return overview(emulator)


def overview(emulator: Emulator) -> dict[str, Any]:
    """Return the whole state but the messages."""
    state, courier = emulator.state, emulator.courier
    pending = sum(record.state == "pending" for record in courier.records)
    return {
        "apps": [vars(app) | {"api_key": None} for app in state.apps.values()],
        "phones": [vars(phone) for phone in state.phones.values()],
        "subscriptions": [sub.answer() for sub in state.subscriptions.values()],
        "templates": list(state.templates.values()),
        "windows": [_window(emulator, key) for key in state.windows],
        "blocked": {app_id: list(users) for app_id, users in state.blocked.items()},
        "faults": emulator.faults.values(),
        "faults_changed": emulator.faults.changed(),
        "clock": _clock(emulator),
        "fast": emulator.options.fast,
        "recording": {"bodies": courier.keep_bodies, "kept": emulator.options.kept},
        "counts": {
            "messages": len(state.messages),
            "sent": emulator.outbound.accepted,
            "inbound": emulator.inbound.count,
            "requests": len(emulator.requests),
            "callbacks_delivered": courier.delivered,
            "callbacks_failed": courier.failed,
            "callbacks_pending": pending,
            "reads": len(state.reads),
        },
    }


def _window(emulator: Emulator, key: str) -> dict[str, Any]:
    app_id, _space, phone = key.partition(" ")
    ends = emulator.state.window_end(app_id, phone)
    return {"app_id": app_id, "phone": phone, "ends": ends}


def _clock(emulator: Emulator) -> dict[str, float]:
    return {"offset": emulator.clock.offset, "now": emulator.clock.now()}


async def add_app(emulator: Emulator, request: web.Request, spec: dict) -> Any:
    """`POST /control/apps`."""
    name, number = spec.get("name"), spec.get("number")
    if not name or not str(number or "").isdigit():
        raise ControlError(400, "name and number (digits) are needed")
    app_id = spec.get("app_id") or str(uuid.uuid4())
    if app_id in emulator.state.apps or emulator.state.app_named(name):
        raise ControlError(409, "this app exists")
    key = spec.get("api_key") or _app(emulator, None).api_key
    app = App(name, app_id, str(number), key)
    app.waba_id = spec.get("waba_id") or app.waba_id
    app.phone_number_id = spec.get("phone_number_id") or app.phone_number_id
    emulator.add_app(app)
    return vars(app) | {"api_key": None}


async def list_phones(emulator: Emulator, request: web.Request, spec: dict) -> Any:
    """`GET /control/phones`."""
    return {"phones": [vars(phone) for phone in emulator.state.phones.values()]}


async def add_phone(emulator: Emulator, request: web.Request, spec: dict) -> Any:
    """`POST /control/phones`; a known phone is updated."""
    texts = ("phone", "user_id", "name", "wa_id")
    fresh = new_phone(
        *(str(spec.get(name) or "") for name in texts),
    )
    phone = emulator.state.phones.get(fresh.key)
    if phone:
        phone.name = fresh.name or phone.name
        phone.user_id = fresh.user_id or phone.user_id
        phone.wa_id = fresh.wa_id or phone.wa_id
    else:
        phone = fresh
    if "read_receipts" in spec:
        phone.read_receipts = bool(spec["read_receipts"])
    if "blocked_apps" in spec:
        wanted = spec["blocked_apps"]
        phone.blocked_apps = [_app(emulator, name).app_id for name in wanted]
    emulator.add_phone(phone)
    return vars(phone)


async def remove_phone(emulator: Emulator, request: web.Request, spec: dict) -> Any:
    """`DELETE /control/phones/{key}`: the phone and its chats."""
    phone = emulator.state.phones.pop(request.match_info["key"], None)
    if phone is None:
        raise ControlError(404, "unknown phone")
    for app_id in emulator.state.apps:
        emulator.state.chats.pop(chat_key(app_id, phone.key), None)
        emulator.state.windows.pop(chat_key(app_id, phone.key), None)
    emulator.hub.show("phone_gone", phone.key, {"key": phone.key})
    emulator.touch()
    return {"status": "ok"}


# Injecting


async def inject(emulator: Emulator, request: web.Request, spec: dict) -> Any:
    """`POST /control/inbound`."""
    wa_id, callbacks = emulator.inbound.inject(spec)
    if not spec.get("wait"):
        return {"id": wa_id, "callbacks": len(callbacks)}
    return {"id": wa_id, **await _delivered(callbacks, spec)}


async def inject_many(emulator: Emulator, request: web.Request, spec: dict) -> Any:
    """`POST /control/inbound/bulk`: many messages, at once or at a rate."""
    rows = spec.get("messages")
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise ControlError(400, "messages: a list of objects")
    rate = _number(spec, "rate", 0.0)
    loop = asyncio.get_running_loop()
    started = loop.time()
    ids, callbacks = [], []
    for index, row in enumerate(rows):
        pause = started + index / rate - loop.time() if rate else 0
        # Without a rate, give the deliveries a turn now and then.
        if pause > 0 or index % 50 == 0:
            await asyncio.sleep(max(0.0, pause))
        wa_id, made = emulator.inbound.inject(row)
        ids.append(wa_id)
        callbacks += made
    if not spec.get("wait"):
        return {"ids": ids, "callbacks": len(callbacks)}
    return {"ids": ids, **await _delivered(callbacks, spec)}


async def _delivered(callbacks: list[Callback], spec: dict) -> dict[str, Any]:
    """Wait until callbacks have come to an end; report on each."""
    timeout = _number(spec, "timeout", DELIVERY_WAIT)
    waits = [asyncio.ensure_future(callback.done.wait()) for callback in callbacks]
    finished = True
    if waits:
        _done, late = await asyncio.wait(waits, timeout=timeout)
        finished = not late
        for task in late:
            task.cancel()
    results = [callback.result() for callback in callbacks]
    delivered = bool(results) and all(row["state"] == "delivered" for row in results)
    return {"finished": finished, "delivered": delivered, "deliveries": results}


async def post_callback(emulator: Emulator, request: web.Request, spec: dict) -> Any:
    """`POST /control/callback`: any body, to the app's subscriptions, once."""
    if "body" not in spec:
        raise ControlError(400, "body: needed; any JSON value, or a text sent as it is")
    app = _app(emulator, spec.get("app"))
    raw = spec["body"]
    data = raw.encode() if isinstance(raw, str) else json.dumps(raw).encode()
    subs = emulator.state.subscriptions_of(app.app_id)
    urls = [spec["url"]] if spec.get("url") else [sub.url for sub in subs if sub.active]
    headers = spec.get("headers") or {}
    times = int(_number(spec, "times", 1))
    timeout = _number(spec, "timeout", DELIVERY_WAIT)
    posts = [
        emulator.courier.post(url, data, headers, timeout)
        for url in urls
        for _copy in range(times)
    ]
    attempts = await asyncio.gather(*posts)
    return {
        "statuses": [attempt["status"] for attempt in attempts],
        "attempts": attempts,
    }


async def post_receipt(emulator: Emulator, request: web.Request, spec: dict) -> Any:
    """`POST /control/receipt`: a receipt by hand."""
    status = spec.get("status")
    message = emulator.state.message_of(spec.get("gs_id") or spec.get("wa_id"))
    if message is None:
        raise ControlError(404, "gs_id: unknown message")
    if status == "deleted":
        return _callbacks_out(_deleted(emulator, message))
    if status not in ("enqueued", "sent", "delivered", "read", "failed"):
        raise ControlError(
            400, "status: enqueued, sent, delivered, read, failed or deleted"
        )
    if message.direction != "out":
        raise ControlError(400, "gs_id: not a message of the business")
    callbacks = emulator.receipt_by_hand(message, status, spec)
    if spec.get("wait"):
        return await _delivered(callbacks, spec)
    return _callbacks_out(callbacks)


def _deleted(emulator: Emulator, message: Any) -> list[Callback]:
    app = emulator.state.apps[message.app_id]
    phone = emulator.state.phones[message.phone]
    now_ms = emulator.clock.now_ms()
    payload = {
        "id": message.wa_id,
        "type": "deleted",
        "destination": phone.address,
        "payload": {"ts": now_ms // 1000},
    }
    v2 = bodies_v2.envelope(app, "message-event", payload, now_ms)
    event = Event(
        app.app_id,
        phone.key,
        "deleted",
        "DELETED",
        lambda version: v2 if version == 2 else None,
    )
    return emulator.courier.submit(event)


def _callbacks_out(callbacks: list[Callback]) -> dict[str, Any]:
    return {"callbacks": [callback.key for callback in callbacks]}


async def change_template(emulator: Emulator, request: web.Request, spec: dict) -> Any:
    """`POST /control/template/{id}/status`."""
    template = emulator.state.templates.get(request.match_info["id"])
    if template is None:
        raise ControlError(404, "unknown template")
    status = str(spec.get("status", "")).lower()
    other = {"category", "quality"} & set(spec)
    if not other and status not in templates.EVENT_STATUSES:
        known = ", ".join(templates.EVENT_STATUSES)
        raise ControlError(400, f"status: one of {known}; or category, or quality")
    callbacks = emulator.change_template(template, spec)
    if spec.get("wait"):
        return {"template": template, **await _delivered(callbacks, spec)}
    return {"template": template, **_callbacks_out(callbacks)}


async def add_template(emulator: Emulator, request: web.Request, spec: dict) -> Any:
    """`POST /control/templates`: the fields of the create call, and `status`."""
    app = _app(emulator, spec.get("app"))
    try:
        row = templates.build(emulator.state, app, emulator.clock.now_ms(), spec)
    except templates.TemplateError as error:
        raise ControlError(400, str(error)) from error
    row["status"] = str(spec.get("status") or "APPROVED").upper()
    row |= spec.get("overrides") or {}
    emulator.state.templates[row["id"]] = row
    return row


async def platform_check(emulator: Emulator, request: web.Request, spec: dict) -> Any:
    """`POST /control/platform-check`."""
    callbacks = emulator.platform_check(_app(emulator, spec.get("app")))
    return await _delivered(callbacks, spec)


async def account_event(emulator: Emulator, request: web.Request, spec: dict) -> Any:
    """`POST /control/account-event`."""
    app = _app(emulator, spec.get("app"))
    kind = spec.get("type") or "tier-event"
    fields = spec.get("payload") or {
        "event": "downgrade",
        "oldLimit": "TIER_10K",
        "currentLimit": "TIER_1K",
    }
    v2 = bodies_v2.account_event(app, kind, fields, emulator.clock.now_ms())
    v3 = bodies_v3.account_event(app, kind, fields)
    callbacks = emulator.send_event(app, "account-event", "ACCOUNT", v2, v3)
    return await _delivered(callbacks, spec)


async def preference_event(emulator: Emulator, request: web.Request, spec: dict) -> Any:
    """`POST /control/preference-event`; goes to every subscription."""
    app = _app(emulator, spec.get("app"))
    phone = emulator.state.phone_of(str(spec.get("phone") or ""))
    value = spec.get("value", "stop")
    if phone is None or value not in ("stop", "resume"):
        raise ControlError(400, "phone: a known one; value: stop or resume")
    now_ms = emulator.clock.now_ms()
    v2 = bodies_v2.preference_event(app, phone.address, value, now_ms)
    v3 = bodies_v3.preference_event(app, phone.address, value, now_ms)
    callbacks = emulator.send_event(app, "preference-event", None, v2, v3)
    return await _delivered(callbacks, spec)


# Looking


def _since(request: web.Request) -> float:
    try:
        return float(request.query.get("since") or 0)
    except ValueError as error:
        raise ControlError(400, "since: epoch seconds") from error


def _sent(emulator: Emulator) -> list[Any]:
    messages = emulator.state.messages.values()
    return [message for message in messages if message.direction == "out"]


async def get_sent(emulator: Emulator, request: web.Request, spec: dict) -> Any:
    """`GET /control/sent?phone=&since=`."""
    since, wanted = _since(request), request.query.get("phone")
    rows = [
        message.record()
        for message in _sent(emulator)
        if message.received >= since
        and wanted in (None, message.phone, message.destination)
    ]
    return {"sent": rows}


async def get_requests(emulator: Emulator, request: web.Request, spec: dict) -> Any:
    """`GET /control/requests?since=`."""
    since = _since(request)
    rows = [item.record() for item in emulator.requests if item.time >= since]
    return {"requests": rows}


async def get_callbacks(emulator: Emulator, request: web.Request, spec: dict) -> Any:
    """`GET /control/callbacks?since=`."""
    since = _since(request)
    records = emulator.courier.records
    return {"callbacks": [item.record() for item in records if item.created >= since]}


async def get_reads(emulator: Emulator, request: web.Request, spec: dict) -> Any:
    """`GET /control/reads?since=`."""
    since = _since(request)
    return {"reads": [row for row in emulator.state.reads if row["time"] >= since]}


async def wait(emulator: Emulator, request: web.Request, spec: dict) -> Any:
    """`POST /control/wait`."""
    what = spec.get("what")
    if what not in KINDS_TO_WAIT_FOR:
        raise ControlError(400, f"what: one of {', '.join(KINDS_TO_WAIT_FOR)}")
    match = spec.get("match") or {}
    if not isinstance(match, dict):
        raise ControlError(400, "match: an object of dotted paths and values")
    timeout = min(_number(spec, "timeout", WAIT_SECONDS), WAIT_MOST)
    count = int(_number(spec, "count", 1))
    waiter = Waiter(count, match, _number(spec, "since", 0.0))
    existing = _existing(emulator, what)
    fine = await emulator.hub.wait(what, existing, waiter, timeout)
    matched = list(waiter.matched.values())
    if fine:
        return {"matched": matched, "count": len(matched)}
    there = [item.record() for item in _existing(emulator, what)][-50:]
    text = f"{len(matched)} of {count} within {timeout:g} s"
    body = {"error": text, "matched": matched, "there": there}
    return web.json_response(body, status=408)


def _existing(emulator: Emulator, what: str) -> list[Any]:
    if what == "sent":
        return _sent(emulator)
    if what == "request":
        return list(emulator.requests)
    if what == "callback":
        return list(emulator.courier.records)
    return [ReadRecord(row["id"], row) for row in emulator.state.reads]


# Faults, clock, recording


async def get_faults(emulator: Emulator, request: web.Request, spec: dict) -> Any:
    """`GET /control/faults`; with `?describe=1` what each switch means."""
    if request.query.get("describe"):
        return {"switches": emulator.faults.describe()}
    return emulator.faults.values()


async def put_faults(emulator: Emulator, request: web.Request, spec: dict) -> Any:
    """`PUT /control/faults`: these and no others."""
    emulator.faults.replace(spec)
    emulator.faults_changed()
    return emulator.faults.values()


async def patch_faults(emulator: Emulator, request: web.Request, spec: dict) -> Any:
    """`PATCH /control/faults`: these, the others as they are."""
    emulator.faults.update(spec)
    emulator.faults_changed()
    return emulator.faults.values()


async def delete_faults(emulator: Emulator, request: web.Request, spec: dict) -> Any:
    """`DELETE /control/faults`: everything back to its default."""
    emulator.faults.reset()
    emulator.faults_changed()
    return emulator.faults.values()


async def get_clock(emulator: Emulator, request: web.Request, spec: dict) -> Any:
    """`GET /control/clock`."""
    return _clock(emulator)


async def move_clock(emulator: Emulator, request: web.Request, spec: dict) -> Any:
    """`POST /control/clock`: advance, or set the offset."""
    try:
        if "offset" in spec:
            emulator.clock.offset = float(spec["offset"])
        else:
            emulator.clock.advance(float(spec["advance"]))
    except (KeyError, TypeError, ValueError) as error:
        raise ControlError(400, "advance or offset: seconds") from error
    emulator.clock_changed()
    return _clock(emulator)


async def set_recording(emulator: Emulator, request: web.Request, spec: dict) -> Any:
    """`POST /control/recording`: whether bodies are kept."""
    if not isinstance(spec.get("bodies"), bool):
        raise ControlError(400, "bodies: true or false")
    emulator.courier.keep_bodies = spec["bodies"]
    return {"bodies": emulator.courier.keep_bodies}


def add_routes(app: web.Application) -> None:
    """Add the control routes."""
    rows: tuple[tuple[str, str, Work], ...] = (
        ("POST", "/reset", reset),
        ("GET", "/state", get_state),
        ("POST", "/apps", add_app),
        ("GET", "/phones", list_phones),
        ("POST", "/phones", add_phone),
        ("DELETE", "/phones/{key}", remove_phone),
        ("POST", "/inbound", inject),
        ("POST", "/inbound/bulk", inject_many),
        ("POST", "/callback", post_callback),
        ("POST", "/receipt", post_receipt),
        ("POST", "/templates", add_template),
        ("POST", "/template/{id}/status", change_template),
        ("POST", "/platform-check", platform_check),
        ("POST", "/account-event", account_event),
        ("POST", "/preference-event", preference_event),
        ("GET", "/sent", get_sent),
        ("GET", "/requests", get_requests),
        ("GET", "/callbacks", get_callbacks),
        ("GET", "/reads", get_reads),
        ("POST", "/wait", wait),
        ("GET", "/faults", get_faults),
        ("PUT", "/faults", put_faults),
        ("PATCH", "/faults", patch_faults),
        ("DELETE", "/faults", delete_faults),
        ("GET", "/clock", get_clock),
        ("POST", "/clock", move_clock),
        ("POST", "/recording", set_recording),
    )
    for method, path, work in rows:
        app.router.add_route(method, "/control" + path, route(work))
