# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What becomes of a message that the client sent: checks, file, receipts."""

import asyncio
import time
import uuid
from email.message import Message as MailHeaders
from typing import TYPE_CHECKING, Any

import aiohttp

from . import bodies_v2, bodies_v3, limits, templates, views
from .callbacks import Callback
from .events import Event, Receipt
from .ids import is_business_scoped, new_gs_id, new_media_id, new_wamid
from .limits import Refusal, refusal
from .state import App, Message, Phone, chat_key

if TYPE_CHECKING:
    from .emulator import Emulator

FETCH_TIMEOUT = 20.0
FETCHES_AT_ONCE = 8
_RANK = {
    "accepted": 0,
    "enqueued": 1,
    "sent": 2,
    "failed": 3,
    "delivered": 4,
    "read": 5,
}
_MODES = {
    "enqueued": "ENQUEUED",
    "sent": "SENT",
    "delivered": "DELIVERED",
    "read": "READ",
    "failed": "FAILED",
    "deleted": "DELETED",
}


class Outbound:
    """Accepts messages to customers and lives their lives."""

    def __init__(self, emulator: "Emulator"):
        self._emulator = emulator
        self._fetches = asyncio.Semaphore(FETCHES_AT_ONCE)
        self._tasks: set[asyncio.Task] = set()
        self.accepted = 0

    # Accepting

    def accept(
        self,
        app: App,
        destination: str,
        raw: dict[str, Any],
        template: dict[str, Any] | None = None,
    ) -> Message:
        """Take a message and return it, with its GS id, before anything happens.

        `raw` is the session message, or the header of a template message; `template`
        holds `id`, `params` and `postbacks` of a template message.
        """
        state, faults = self._emulator.state, self._emulator.faults
        phone, known = self._phone(destination)
        number = state.next_number()
        wamid = new_wamid(phone.address or phone.key)
        message = Message(
            key=f"m{number}",
            app_id=app.app_id,
            phone=phone.key,
            direction="out",
            kind="template" if template else str(raw.get("type")),
            time=self._emulator.clock.now(),
            received=time.time(),
            raw=raw,
            view={},
            state="accepted",
            gs_id=new_gs_id(),
            wa_id=str(uuid.uuid4()) if faults.uuid_wa_id else wamid,
            meta_id=wamid,
            destination=destination,
            context=self._quoted(raw),
            template=template,
        )
        self._describe(message, raw, template)
        message.error = None if known else {"unknown_phone": True}
        self.accepted += 1
        if message.kind == "reaction":
            state.index(message)
            state.messages[message.key] = message
        else:
            state.add_message(message)
        self._changed(message)
        return message

    def _phone(self, destination: str) -> tuple[Phone, bool]:
        state = self._emulator.state
        phone = state.phone_of(destination)
        if phone:
            return phone, True
        create = self._emulator.faults.unknown_phones == "create"
        scoped = is_business_scoped(destination)
        phone = Phone(
            key=destination,
            name="",
            phone=None if scoped else destination,
            user_id=destination if scoped else None,
        )
        if create:
            self._emulator.add_phone(phone)
        return phone, create

    def _quoted(self, raw: dict[str, Any]) -> dict[str, Any] | None:
        context = raw.get("context")
        quoted = context.get("msgId") if isinstance(context, dict) else None
        if not quoted:
            return None
        message = self._emulator.state.message_of(str(quoted))
        found = {"key": message.key, "gs_id": message.gs_id} if message else {}
        return {"msgId": quoted} | found

    def _describe(
        self, message: Message, raw: dict[str, Any], template: dict[str, Any] | None
    ) -> None:
        source = views.header_source(raw) if template else views.session_source(raw)
        if template:
            row = self._emulator.state.templates.get(template["id"])
            message.view = (
                templates.view(row, template["params"], raw, template["postbacks"])
                if row
                else {"text": ""}
            )
        else:
            message.view = views.session_view(raw)
        if source:
            message.media = {
                "kind": source.kind,
                "url": source.url,
                "id": source.media_id,
                "name": source.name,
                "status": "pending",
            }

    # Living

    def start(self, message: Message) -> asyncio.Task:
        """Let receipts come; the task returns the callbacks it caused."""
        task = asyncio.get_running_loop().create_task(self._live(message))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def drop_all(self) -> None:
        """Stop every message that is under way."""
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _live(self, message: Message) -> list[Callback]:
        loop = asyncio.get_running_loop()
        started = loop.time()
        refused = self._refusal(message)
        fetching = bool(message.media) and refused is None
        callbacks: list[Callback] = []
        fetch = asyncio.ensure_future(self._fetch(message)) if fetching else None
        try:
            for due, status in self._steps(message, refused):
                pause = started + due - loop.time()
                if pause > 0:
                    await asyncio.sleep(pause)
                if fetch and status != "enqueued":
                    late, fetch = await fetch, None
                    if late:
                        return callbacks + self.emit(message, "failed", late)
                callbacks += self.emit(message, status, refused)
        finally:
            if fetch:
                fetch.cancel()
        return callbacks

    def _refusal(self, message: Message) -> Refusal | None:
        """Return why the message will fail, as far as known at once."""
        faults = self._emulator.faults
        unknown, message.error = message.error, None
        if unknown:
            return refusal(131026)
        if faults.fail_phone in (None, message.destination):
            code = faults.spend("fail_code", "fail_times")
            if code is not None:
                return refusal(code)
        if faults.fail_then_delivered:
            return refusal(131026)
        if message.template:
            row = self._emulator.state.templates.get(message.template["id"])
            return templates.check(row, message.template["params"], message.raw)
        refused = limits.check_message(message.raw) if faults.limits_check else None
        if refused or not faults.window_check:
            return refused
        end = self._emulator.state.window_end(message.app_id, message.phone)
        if end is None or end < self._emulator.clock.now():
            return refusal(faults.window_code)
        return None

    def _steps(
        self, message: Message, refused: Refusal | None
    ) -> list[tuple[float, str]]:
        """Return (seconds after acceptance, status) of each receipt."""
        faults = self._emulator.faults
        steps = self._usual_steps()
        if refused:
            steps = self._failed_steps(steps, refused)
        phone = self._emulator.state.phones.get(message.phone)
        blocked = bool(phone) and message.app_id in phone.blocked_apps
        if faults.sent_only or blocked or message.kind == "reaction":
            steps = _cut_after(steps, "sent")
        return steps

    def _usual_steps(self) -> list[tuple[float, str]]:
        faults = self._emulator.faults
        delays = faults.receipt_delays
        if faults.receipt_order is None:
            usual = [
                (delays.get(status, 0.0), status)
                for status in ("enqueued", "sent", "delivered")
            ]
            return sorted(usual, key=lambda step: step[0])
        steps: list[tuple[float, str]] = []
        latest = 0.0
        for status in faults.receipt_order:
            latest = max(latest, delays.get(status, 0.0))
            steps.append((latest, status))
        return steps

    def _failed_steps(
        self, steps: list[tuple[float, str]], refused: Refusal
    ) -> list[tuple[float, str]]:
        faults = self._emulator.faults
        if self._sync(refused):
            failed = [(steps[0][0] if steps else 0.0, "failed")]
        else:
            kept = _cut_after(steps, faults.fail_after)
            rest = steps[len(kept) :]
            due = rest[0][0] if rest else (kept[-1][0] if kept else 0.0)
            failed = [*kept, (due, "failed")]
        if faults.fail_then_delivered:
            last = max(faults.receipt_delays.get("delivered", 0.0), failed[-1][0])
            failed.append((last, "delivered"))
        return failed

    def _sync(self, refused: Refusal) -> bool:
        mode = self._emulator.faults.fail_mode
        return refused.from_gupshup if mode == "auto" else mode == "sync"

    # Receipts

    def emit(
        self,
        message: Message,
        status: str,
        refused: Refusal | None = None,
        sync: bool | None = None,
    ) -> list[Callback]:
        """Send one receipt of a message, and what follows from it."""
        item = self._receipt(message, status, refused, sync)
        self._note(message, item)
        if status == "failed" and refused and refused.code in (131052, 131053, 1010):
            self._media_failed(message, refused)
        event = Event(
            app_id=message.app_id,
            lane=message.phone,
            label=status,
            mode=_MODES[status],
            build=lambda version: (
                bodies_v2.receipt(item) if version == 2 else bodies_v3.receipt(item)
            ),
        )
        callbacks = []
        for _copy in range(1 + self._emulator.faults.duplicate_receipts):
            callbacks += self._emulator.courier.submit(event)
        if status == "delivered":
            callbacks += self._after_delivery(message, item)
        return callbacks

    def _receipt(
        self,
        message: Message,
        status: str,
        refused: Refusal | None,
        sync: bool | None,
    ) -> Receipt:
        emulator, faults = self._emulator, self._emulator.faults
        phone = emulator.state.phones.get(message.phone) or Phone(
            key=message.phone, name="", phone=message.destination
        )
        if sync is None:
            sync = bool(refused) and self._sync(refused)
        other_id = status == "enqueued" and faults.enqueued_other_id
        names = ("omit_gs_id", "code_as_string", "omit_code", "ts_as_string")
        form = {name: getattr(faults, name) for name in names}
        return Receipt(
            app=emulator.state.apps[message.app_id],
            phone=phone,
            gs_id=message.gs_id or "",
            wa_id=new_gs_id() if other_id else message.wa_id or "",
            meta_id=message.meta_id or "",
            status=status,
            destination=phone.address or message.destination,
            timestamp_ms=emulator.clock.now_ms(),
            category=self._category(message),
            conversation_id=_conversation_id(message),
            window_end=emulator.state.window_end(message.app_id, message.phone),
            sync=sync,
            code=refused.code if refused else None,
            reason=refused.reason if refused else "",
            form=form | {"billable_as_string": faults.billable_as_string},
        )

    def _category(self, message: Message) -> str:
        if not message.template:
            return "service"
        row = self._emulator.state.templates.get(message.template["id"])
        return row["category"].lower() if row else "utility"

    def _note(self, message: Message, item: Receipt) -> None:
        entry: dict[str, Any] = {"status": item.status, "time": time.time()}
        if item.status == "failed":
            entry |= {"code": item.code, "reason": item.reason}
            message.error = {"code": item.code, "reason": item.reason}
        message.history.append(entry)
        if _RANK.get(item.status, 0) > _RANK.get(message.state, 0):
            message.state = item.status
        if item.status == "sent" and message.kind == "reaction":
            self._react(message)
        self._changed(message)

    def _after_delivery(self, message: Message, item: Receipt) -> list[Callback]:
        emulator = self._emulator
        callbacks = []
        if emulator.faults.billing_events:
            event = Event(
                app_id=message.app_id,
                lane=message.phone,
                label="billing-event",
                mode="BILLING",
                build=lambda version: (
                    bodies_v2.billing(item) if version == 2 else bodies_v3.billing(item)
                ),
            )
            callbacks += emulator.courier.submit(event)
        read_by_order = "read" in (emulator.faults.receipt_order or ())
        if self._is_watched(message) and not read_by_order:
            callbacks += self._read_soon(message)
        return callbacks

    def _is_watched(self, message: Message) -> bool:
        emulator = self._emulator
        phone = emulator.state.phones.get(message.phone)
        if not phone or not phone.read_receipts:
            return False
        chat = chat_key(message.app_id, message.phone)
        return emulator.faults.auto_read or emulator.watched.get(chat, 0) > 0

    def _read_soon(self, message: Message) -> list[Callback]:
        delay = self._emulator.faults.receipt_delays.get("read", 0.0)
        if delay <= 0:
            return self.emit(message, "read")

        async def later() -> None:
            await asyncio.sleep(delay)
            if message.state != "read":
                self.emit(message, "read")

        task = asyncio.get_running_loop().create_task(later())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return []

    def read_chat(self, app_id: str, phone_key: str) -> None:
        """The customer looks at a chat: what was delivered is read."""
        phone = self._emulator.state.phones.get(phone_key)
        if not phone or not phone.read_receipts or self._emulator.faults.sent_only:
            return
        for message in self._emulator.state.chat(app_id, phone_key):
            if message.direction == "out" and message.state == "delivered":
                self.emit(message, "read")

    def _react(self, message: Message) -> None:
        target = self._emulator.state.message_of(str(message.raw.get("msgId")))
        if not target:
            return
        if message.raw.get("emoji"):
            target.reactions["business"] = message.raw["emoji"]
        else:
            target.reactions.pop("business", None)
        self._changed(target)

    def _changed(self, message: Message) -> None:
        self._emulator.message_changed(message)
        self._emulator.hub.changed("sent", message)

    # Files

    async def _fetch(self, message: Message) -> Refusal | None:
        """Get the file of a message; return why it fails, if it does."""
        info = message.media or {}
        if info["id"]:
            media = self._emulator.media.valid(info["id"], message.app_id, "upload")
            if media is None:
                return refusal(131009, "media id")
            info |= {"mime_type": media.mime_type, "size": media.size}
            refused = self._check(info["kind"], media.mime_type, media.data)
            info["status"] = "failed" if refused else "fetched"
            info["name"] = info["name"] or media.name
            self._changed(message)
            return refused
        async with self._fetches:
            return await self._download(message, info)

    async def _download(self, message: Message, info: dict[str, Any]) -> Refusal | None:
        try:
            answer = await self._emulator.courier.get(info["url"], FETCH_TIMEOUT)
            async with answer:
                info["http_status"] = answer.status
                if answer.status != 200:
                    return refusal(131052, f"HTTP status {answer.status}")
                mime_type = answer.headers.get("Content-Type", "")
                disposition = answer.headers.get("Content-Disposition", "")
                data = await _read(answer, limits.MAX_FETCH)
        except TimeoutError:
            return refusal(131052, "time-out")
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return refusal(131052, type(error).__name__)
        name = info["name"] if "." in info["name"] else _served_name(disposition)
        media = self._emulator.media.add(
            new_media_id(),
            message.app_id,
            "fetched",
            data,
            mime_type,
            message.raw.get("filename") or name or info["name"],
        )
        info |= {
            "mime_type": mime_type,
            "name": media.name,
            "size": media.size,
            "sha256": media.sha256,
        }
        refused = self._check(info["kind"], mime_type, data)
        if refused is None:
            info |= {"status": "fetched", "id": media.id}
            self._changed(message)
        return refused

    def _check(self, kind: str, mime_type: str, data: bytes) -> Refusal | None:
        if not self._emulator.faults.limits_check:
            return None
        return limits.check_media(kind, mime_type, data)

    def _media_failed(self, message: Message, refused: Refusal) -> None:
        if message.media and message.media["status"] == "pending":
            message.media |= {"status": "failed", "error": refused.reason}


async def _read(answer: aiohttp.ClientResponse, limit: int) -> bytes:
    """Return the body, cut one byte beyond the limit."""
    chunks, size = [], 0
    async for chunk in answer.content.iter_chunked(1 << 16):
        chunks.append(chunk)
        size += len(chunk)
        if size > limit:
            break
    return b"".join(chunks)[: limit + 1]


def _served_name(disposition: str) -> str:
    headers = MailHeaders()
    headers["Content-Disposition"] = disposition or "inline"
    return headers.get_filename() or ""


def _cut_after(steps: list[tuple[float, str]], status: str) -> list[tuple[float, str]]:
    """Return the steps up to and with `status`."""
    for index, (_due, name) in enumerate(steps):
        if name in (status, "failed"):
            return steps[: index + 1]
    return steps


def _conversation_id(message: Message) -> str:
    return uuid.uuid5(uuid.NAMESPACE_OID, f"{message.app_id} {message.phone}").hex
