# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Requests to GupShup's self-serve API (docs.gupshup.io/reference)."""

import json
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import BinaryIO
from urllib.parse import quote, urlencode

from .exceptions import Ambiguous, Rejected, Unavailable
from .reading import boolean, first, identifier, items, mapping, text
from .templates import Template, read_template
from .wire import JSON, Answer, Body, Wire, failed_users, message_in

#: Seconds for a whole request with a file.
UPLOAD_DEADLINE_SECONDS = 300.0
#: Everything that this package understands, for ``create_subscription``.
ALL_MODES = (
    "MESSAGE",
    "ENQUEUED",
    "SENT",
    "DELIVERED",
    "READ",
    "FAILED",
    "DELETED",
    "OTHERS",
    "TEMPLATE",
    "ACCOUNT",
    "BILLING",
    "FLOWS_MESSAGE",
)


@dataclass(frozen=True, slots=True)
class Submitted:
    """GupShup accepted a message; ``gs_id`` is what its receipts will name."""

    gs_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """A callback address as GupShup has it."""

    id: str
    tag: str = ""
    url: str = field(default="", repr=False)  # it holds our secret
    version: str = ""
    modes: tuple[str, ...] = ()
    active: bool = True


class Client(Wire):
    """What one app can ask GupShup for.

    Every method raises :class:`.exceptions.GupshupError` and nothing else: its classes
    tell what may be repeated.
    """

    # Sending

    def send(
        self, destination: str, message: dict, disable_preview: bool = False
    ) -> Submitted:
        """Send a message made by :mod:`.outgoing` to a ``wa_id`` (digits only).

        :raises Ambiguous: when nobody knows whether it was accepted: do not repeat it
        """
        fields = self._send_fields(destination)
        fields["message"] = _as_json(message)
        if disable_preview:
            fields["disablePreview"] = "true"
        return self._submit("/wa/api/v1/msg", fields)

    def send_template(
        self,
        destination: str,
        template: dict,
        message: dict | None = None,
        postbacks: list[dict] | None = None,
    ) -> Submitted:
        """Send an approved template; ``message`` is its media or location header."""
        fields = self._send_fields(destination)
        fields["template"] = _as_json(template)
        if message:
            fields["message"] = _as_json(message)
        if postbacks:
            fields["postbackTexts"] = _as_json(postbacks)
        return self._submit("/wa/api/v1/template/msg", fields)

    def mark_read(self, wa_id: str) -> None:
        """Show the customer's message, and all before it, as read."""
        path = f"/wa/app/{_quoted(self.app_id)}/msg/{_quoted(wa_id)}/read"
        self._call("PUT", path, content_type=JSON)

    # Templates

    def templates(self, page_size: int = 100, **filters: str) -> Iterator[Template]:
        """Every template of the app, one per language.

        ``filters``: ``templateStatus``, ``templateCategory``, ``languageCode`` ….
        Whether pages count from 0 or 1 is not documented: a server that counts from 1
        may answer page 0 with page 1, or with nothing.
        """
        seen: set[str] = set()
        page = 0
        while True:
            rows = self._template_page(page, page_size, filters)
            new = [row for row in rows if row.id and row.id not in seen]
            seen.update(row.id for row in new)
            yield from new
            is_short = len(rows) < page_size and bool(rows or page)
            is_repeated = page > 1 and not new
            if is_short or is_repeated:
                return
            page += 1

    def _template_page(self, page: int, size: int, filters: dict) -> list[Template]:
        query = urlencode({**filters, "pageNo": page, "pageSize": size})
        path = f"{self._template_path()}?{query}"
        answer = self._call("GET", path)
        rows = answer.data.get("templates")
        if type(rows) is not list:
            # Not the same as none: whoever is told so takes them all for deleted.
            reason = self._reason(answer.data) or "GupShup's answer holds no templates"
            raise Unavailable(reason, answer.status)
        return [read_template(row) for row in items(rows)]

    def template(self, template_id: str) -> Template:
        """One template, in one language, by the id of the provider.

        :raises Unavailable: when the answer holds none
        """
        answer = self._call("GET", self._template_path(template_id))
        found = mapping(answer.data.get("template"))
        if not found:
            raise Unavailable("GupShup's answer holds no template", answer.status)
        return read_template(found)

    def create_template(self, fields: dict[str, str]) -> Template:
        """Submit a template to Meta's review: see :func:`.template_drafts.fields`."""
        answer = self._call("POST", self._template_path(), fields, repeatable=False)
        found = mapping(answer.data.get("template"))
        if first(found, "id"):
            return read_template(found)
        raise self._unnamed(answer, "the template")

    def delete_template(self, name: str) -> None:
        """Delete all languages of a template. Meta blocks the name for 30 days."""
        answer = self._call("DELETE", self._template_path(name))
        if first(answer.data, "status").lower() == "error":
            reason = self._reason(answer.data)
            raise Rejected(reason or "GupShup refused to delete it", answer.status)

    def _template_path(self, part: str = "") -> str:
        path = f"/wa/app/{_quoted(self.app_id)}/template"
        return f"{path}/{_quoted(part)}" if part else path

    # Subscriptions

    def subscriptions(self) -> list[Subscription]:
        """Every callback address of the app, somebody else's included."""
        data = self._call("GET", self._subscription_path()).data
        found = items(data.get("subscriptions")) or items([data.get("subscription")])
        return [_subscription(entry) for entry in found]

    def create_subscription(
        self,
        url: str,
        tag: str,
        modes: Iterable[str] = ALL_MODES,
        version: int = 2,
        check: bool = True,
    ) -> Subscription:
        """Make GupShup call ``url``. With ``check`` it calls it at once, as a test.

        ``tag`` must be unique in the app; an app has at most five subscriptions.
        """
        fields = {
            "modes": ",".join(modes),
            "tag": tag,
            "url": url,
            "version": str(version),
            "doCheck": _word(check),
        }
        answer = self._call("POST", self._subscription_path(), fields, repeatable=False)
        return self._read_subscription(answer)

    def update_subscription(
        self,
        subscription_id: str,
        url: str | None = None,
        tag: str | None = None,
        modes: Iterable[str] | None = None,
        version: int | None = None,
        active: bool | None = None,
        check: bool = True,
    ) -> Subscription:
        """Change the members that are given."""
        fields = {
            "url": url,
            "tag": tag,
            "modes": ",".join(modes) if modes is not None else None,
            "version": str(version) if version is not None else None,
            "active": _word(active) if active is not None else None,
            "doCheck": _word(check),
        }
        given = {name: value for name, value in fields.items() if value is not None}
        answer = self._call("PUT", self._subscription_path(subscription_id), given)
        return self._read_subscription(answer)

    def delete_subscription(self, subscription_id: str) -> None:
        """Make GupShup call this address no more."""
        self._call("DELETE", self._subscription_path(subscription_id))

    def _subscription_path(self, subscription_id: str = "") -> str:
        path = f"/wa/app/{_quoted(self.app_id)}/subscription"
        return f"{path}/{_quoted(subscription_id)}" if subscription_id else path

    @staticmethod
    def _read_subscription(answer: Answer) -> Subscription:
        found = mapping(answer.data.get("subscription"))
        if not found:
            raise Unavailable(
                "GupShup's answer holds no subscription: look whether it exists",
                answer.status,
            )
        return _subscription(found)

    # Media

    def upload_media(self, content: bytes | BinaryIO, mime_type: str, name: str) -> str:
        """Upload a file (at most 100 MB); the media id is good for 30 days."""
        answer = self._upload("", content, mime_type, name)
        places = (
            answer.data,
            mapping(answer.data.get("media")),
            mapping(answer.data.get("handleId")),
        )
        found = (first(place, "mediaId", "id", "message") for place in places)
        media_id = next(filter(None, found), "")
        if not media_id:
            raise Unavailable("GupShup's answer holds no media id", answer.status)
        return media_id

    def upload_sample(
        self, content: bytes | BinaryIO, mime_type: str, name: str
    ) -> tuple[str, str]:
        """Upload the sample of a template's header; return its media id and address."""
        answer = self._upload("v2", content, mime_type, name)
        media = mapping(answer.data.get("media"))
        media_id = first(media, "id")
        if not media_id:
            raise Unavailable("GupShup's answer holds no media id", answer.status)
        return media_id, first(media, "url")

    def _upload(
        self, version: str, content: bytes | BinaryIO, mime_type: str, name: str
    ) -> Answer:
        boundary = uuid.uuid4().hex
        return self._call(
            "POST",
            f"/wa/{_quoted(self.app_id)}/wa/media/{version}",
            body=_multipart(boundary, content, mime_type, name),
            content_type=f"multipart/form-data; boundary={boundary}",
            deadline=UPLOAD_DEADLINE_SECONDS,
        )

    # Blocking

    def block(self, users: Iterable[str]) -> dict[str, str]:
        """Block customers who wrote within the last 24 hours.

        Returns why not, by user, for those that were not blocked.
        """
        return self._block_call("POST", users)

    def unblock(self, users: Iterable[str]) -> dict[str, str]:
        """Hear customers again; returns the same. The verb is not documented."""
        return self._block_call("DELETE", users)

    def _block_call(self, method: str, users: Iterable[str]) -> dict[str, str]:
        message = {
            "messaging_product": "whatsapp",
            "block_users": [{"user": user} for user in users],
        }
        path = f"/wa/app/{_quoted(self.app_id)}/user/block"
        body = Body(_as_json(message).encode())
        data = self._call(method, path, body=body, content_type=JSON).data
        return {
            first(row, "input"): self._safe(message_in(error) or "refused")
            for row, error in failed_users(data)
        }

    # What makes something new, and so is asked for once

    def _send_fields(self, destination: str) -> dict[str, str]:
        return {
            "channel": "whatsapp",
            "source": self.source,
            "destination": destination,
            "src.name": self.app_name,
        }

    def _submit(self, path: str, fields: dict[str, str]) -> Submitted:
        answer = self._call("POST", path, fields, repeatable=False)
        gs_id = identifier(answer.data.get("messageId"))
        if gs_id:
            return Submitted(gs_id)
        raise self._unnamed(answer, "the message")

    def _unnamed(self, answer: Answer, what: str) -> Rejected | Ambiguous:
        """The error for an answer that should have held the id of something new."""
        reason = self._reason(answer.data)
        if first(answer.data, "status").lower() == "error":
            return Rejected(reason or f"GupShup refused {what}", answer.status)
        reason = reason or f"GupShup accepted {what} without giving it an id"
        return Ambiguous(reason, answer.status)


# Helpers


def _as_json(value) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _quoted(part: str) -> str:
    return quote(part, safe="")


def _word(flag: bool) -> str:
    return "true" if flag else "false"


def _subscription(entry: dict) -> Subscription:
    modes = entry.get("modes")
    return Subscription(
        id=first(entry, "id"),
        tag=first(entry, "tag"),
        url=first(entry, "url"),
        version=first(entry, "version"),
        modes=tuple(map(text, modes)) if type(modes) is list else (),
        active=boolean(entry.get("active")) is not False,
    )


def _multipart(
    boundary: str, content: bytes | BinaryIO, mime_type: str, name: str
) -> Body:
    escaped = name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
    kind = "".join(mime_type.split("\r")[0].split("\n")[0])
    head = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="file_type"\r\n\r\n'
        f"{kind}\r\n"
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; '
        f'filename="{escaped}"\r\nContent-Type: {kind}\r\n\r\n'
    )
    tail = f"\r\n--{boundary}--\r\n"
    return Body(head.encode("utf-8", "replace"), content, tail.encode())
