# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Requests to GupShup's self-serve API (docs.gupshup.io/reference)."""

import io
import json
import re
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from typing import BinaryIO
from urllib.parse import quote, urlencode, urlsplit

import requests
from urllib3.exceptions import HTTPError, LocationValueError

from . import http
from .errors import CODES
from .exceptions import (
    Ambiguous,
    GupshupError,
    NotSent,
    RateLimited,
    Rejected,
    Unauthorized,
    Unavailable,
)
from .reading import (
    boolean,
    first,
    identifier,
    integer,
    items,
    mapping,
    storable,
    text,
)
from .templates import Template, read_template

#: Largest answer that is read; the longest real ones are pages of templates.
MAX_ANSWER_BYTES = 8 * 1024 * 1024
#: Seconds for a whole request, connecting and answer, and for one with a file.
DEADLINE_SECONDS = 45.0
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

_REASON_LENGTH = 300
_BAD_ADDRESS = (requests.exceptions.InvalidURL, LocationValueError, UnicodeError)
_FORM = "application/x-www-form-urlencoded"
_JSON = "application/json"


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


@dataclass(frozen=True, slots=True)
class _Answer:
    """A successful answer: its status and, if it is one, its JSON object."""

    status: int
    data: dict


class _Body:
    """Bytes and files one after another as one body, which knows if it was touched.

    Once the server has the head of a request but not a byte of its announced body, it
    can have done nothing: this makes "not sent" sure, whatever the exception was.
    """

    def __init__(self, *parts: bytes | BinaryIO):
        self._parts = [
            io.BytesIO(part) if isinstance(part, bytes) else part for part in parts
        ]
        self._length = sum(map(_remaining, self._parts))
        self.touched = False

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[bytes]:
        return iter(lambda: self.read(io.DEFAULT_BUFFER_SIZE), b"")

    def read(self, size: int = -1) -> bytes:
        self.touched = True
        while self._parts:
            found = self._parts[0].read(size)
            if found:
                return found
            self._parts.pop(0)
        return b""


def _remaining(part: BinaryIO) -> int:
    here = part.tell()
    end = part.seek(0, io.SEEK_END)
    part.seek(here)
    return end - here


class Client:
    """One app at GupShup. Several threads may use one client at once.

    :param base_url: ``https://api.gupshup.io``, or where an emulator listens
    :param source: the app's own number, digits only
    :param session: from :func:`.http.new_session`, to share connections
    :param timeout: seconds to connect and seconds between two packets of the answer
    :param deadline: seconds until the whole answer must be there

    Every method raises :class:`.exceptions.GupshupError` and nothing else: its classes
    tell what may be repeated.
    """

    def __init__(
        self,
        base_url: str,
        api_key: str,
        app_name: str,
        app_id: str,
        source: str,
        session: requests.Session | None = None,
        timeout: tuple[float, float] = (5.0, 20.0),
        deadline: float = DEADLINE_SECONDS,
    ):
        self.base_url = (base_url or "").strip().rstrip("/")
        self.app_name = app_name or ""
        self.app_id = app_id or ""
        self.source = source or ""
        self._api_key = (api_key or "").strip()
        self._session = session or http.new_session()
        self._timeout = timeout
        self._deadline = deadline

    def __repr__(self) -> str:
        return f"<Client {self.app_name} at {_without_credentials(self.base_url)}>"

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
        self._call("PUT", path, content_type=_JSON)

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
    def _read_subscription(answer: _Answer) -> Subscription:
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
    ) -> _Answer:
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
        body = _Body(_as_json(message).encode())
        data = self._call(method, path, body=body, content_type=_JSON).data
        return {
            first(row, "input"): self._safe(_message_in(error) or "refused")
            for row, error in _failed_users(data)
        }

    # The wire

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

    def _unnamed(self, answer: _Answer, what: str) -> Rejected | Ambiguous:
        """The error for an answer that should have held the id of something new."""
        reason = self._reason(answer.data)
        if first(answer.data, "status").lower() == "error":
            return Rejected(reason or f"GupShup refused {what}", answer.status)
        reason = reason or f"GupShup accepted {what} without giving it an id"
        return Ambiguous(reason, answer.status)

    def _call(
        self,
        method: str,
        path: str,
        fields: dict[str, str] | None = None,
        *,
        body: _Body | None = None,
        content_type: str = _FORM,
        repeatable: bool = True,
        deadline: float | None = None,
    ) -> _Answer:
        """One request. A repeatable one is tried again once if its connection broke.

        Errors are raised outside of ``except``, lest they drag along the exceptions
        of `requests`, which hold the request with the key.
        """
        self._check_settings()
        encoded = urlencode(fields, errors="replace").encode() if fields else b""
        attempts = 2 if repeatable and body is None else 1
        outcome: _Answer | GupshupError | None = None
        for _attempt in range(attempts):
            sent = body or (_Body(encoded) if encoded else None)
            outcome, is_broken = self._attempt(
                method, path, sent, content_type, repeatable, deadline
            )
            if not is_broken:
                break
        if isinstance(outcome, GupshupError):
            raise outcome
        return outcome

    def _attempt(
        self,
        method: str,
        path: str,
        body: _Body | None,
        content_type: str,
        repeatable: bool,
        deadline: float | None,
    ) -> tuple[_Answer | GupshupError, bool]:
        """The answer or the error, and whether a connection broke half-way."""
        try:
            with http.deadline(deadline or self._deadline):
                return self._request(method, path, body, content_type, repeatable)
        except (requests.RequestException, HTTPError, OSError, ValueError) as error:
            return self._failure(error, body, repeatable), _is_broken(error)

    def _request(
        self,
        method: str,
        path: str,
        body: _Body | None,
        content_type: str,
        repeatable: bool,
    ) -> tuple[_Answer | GupshupError, bool]:
        headers = {"apikey": self._api_key, "Accept": _JSON}
        if body is not None or method != "GET":
            headers["Content-Type"] = content_type
        with self._session.request(
            method,
            self.base_url + path,
            data=body,
            headers=headers,
            auth=http.no_auth,
            timeout=self._timeout,
            allow_redirects=False,
            stream=True,
        ) as response:
            if not 200 <= response.status_code < 300:
                return self._refusal(response, repeatable), False
            raw = self._answer_body(response)
            if raw is None:
                reason = "GupShup's answer is too big"
                return self._lost(repeatable, reason, response.status_code), False
            return _Answer(response.status_code, _json_object(raw)), False

    @staticmethod
    def _answer_body(response: requests.Response) -> bytes | None:
        try:
            return http.read_body(response, MAX_ANSWER_BYTES)
        except http.TooBig:
            return None
        except http.Truncated:
            raise requests.ConnectionError("the answer was cut off") from None

    def _check_settings(self) -> None:
        key = self._api_key
        if not key or not key.isascii() or not key.isprintable() or " " in key:
            raise Unauthorized("The API key is missing, or holds characters no key has")
        if not _is_web_address(self.base_url):
            raise Rejected("GupShup's address is not a valid http(s) address")

    def _failure(
        self, error: Exception, body: _Body | None, repeatable: bool
    ) -> GupshupError:
        """The error for a request that got no complete answer."""
        if isinstance(error, _BAD_ADDRESS):
            return Rejected("GupShup's address is not a valid http(s) address")
        if (body is not None and not body.touched) or _is_unconnected(error):
            cause = _root_cause(error)
            return NotSent(self._safe(f"GupShup could not be reached ({cause})"))
        if _is_timeout(error):
            return self._lost(repeatable, "GupShup did not answer in time")
        return self._lost(
            repeatable, "The connection to GupShup broke before its answer"
        )

    @staticmethod
    def _lost(
        repeatable: bool, reason: str, status: int | None = None
    ) -> Unavailable | Ambiguous:
        return (Unavailable if repeatable else Ambiguous)(reason, status)

    def _refusal(self, response: requests.Response, repeatable: bool) -> GupshupError:
        """The error for an answer with a status that is no success."""
        raw = self._refusal_body(response)
        data = _json_object(raw)
        error = self._sorted_refusal(
            response, self._reason(data) or self._plain_reason(raw), repeatable
        )
        error.code = _code_in(data)
        return error

    def _sorted_refusal(
        self, response: requests.Response, reason: str, repeatable: bool
    ) -> GupshupError:
        status = response.status_code
        reason = reason or f"GupShup answered HTTP {status}"
        if status in (401, 403):
            return Unauthorized(reason, status)
        if status == 429:
            return RateLimited(reason, status, _retry_after(response.headers))
        if status == 504:
            return self._lost(repeatable, reason, status)
        if status >= 500 or status in (408, 425):
            return Unavailable(reason, status)
        return Rejected(reason, status)

    @staticmethod
    def _refusal_body(response: requests.Response) -> bytes:
        try:
            return http.read_body(response, 64 * 1024)
        except (requests.RequestException, HTTPError, OSError):
            return b""
        except (http.TooBig, http.Truncated):
            return b""

    def _reason(self, data: dict) -> str:
        """The text of an error, wherever the answer has it."""
        refused = [error for _row, error in _failed_users(data)]
        places = (
            data.get("message"),
            data.get("error"),
            data.get("reason"),
            *refused,
        )
        found = (_message_in(place) for place in places)
        return self._safe(next(filter(None, found), ""))

    def _plain_reason(self, raw: bytes) -> str:
        plain = text(raw.decode("utf-8", "replace")).strip()
        return "" if plain.startswith(("<", "{", "[")) else self._safe(plain)

    def _safe(self, reason: str) -> str:
        shown = reason.replace(self._api_key, "***") if self._api_key else reason
        return " ".join(shown.split())[:_REASON_LENGTH]


# Helpers


def _as_json(value) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _quoted(part: str) -> str:
    return quote(part, safe="")


def _word(flag: bool) -> str:
    return "true" if flag else "false"


def _is_web_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        is_port_valid = parts.port is None or parts.port > 0
    except ValueError:
        return False
    return is_port_valid and parts.scheme in ("http", "https") and bool(parts.hostname)


def _without_credentials(url: str) -> str:
    return re.sub(r"//[^/]*@", "//", url)


def _json_object(raw: bytes) -> dict:
    """The JSON object of an answer; its Content-Type is not to be trusted."""
    try:
        return storable(mapping(json.loads(raw.decode("utf-8", "replace"))))
    except (ValueError, RecursionError):
        return {}


def _message_in(place) -> str:
    if type(place) is dict:
        return first(place, "message", "reason", "details", "error", "title")
    return text(place)


def _failed_users(data: dict) -> list[tuple[dict, dict]]:
    """The users that could not be blocked, each with its first error."""
    rows = items(mapping(data.get("block_users")).get("failed_users"))
    return [(row, next(iter(items(row.get("errors"))), {})) for row in rows]


def _code_in(data: dict) -> int | None:
    """WhatsApp's code in an error; one that may repeat the HTTP status says nothing."""
    places = (data, mapping(data.get("error")), mapping(data.get("message")))
    found = (integer(place.get("code")) for place in places)
    return next((code for code in found if code in CODES and code >= 600), None)


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
) -> _Body:
    escaped = name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
    kind = "".join(mime_type.split("\r")[0].split("\n")[0])
    head = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="file_type"\r\n\r\n'
        f"{kind}\r\n"
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; '
        f'filename="{escaped}"\r\nContent-Type: {kind}\r\n\r\n'
    )
    tail = f"\r\n--{boundary}--\r\n"
    return _Body(head.encode("utf-8", "replace"), content, tail.encode())


def _retry_after(headers) -> float | None:
    told = headers.get("Retry-After", "").strip()
    if told.isascii() and told.isdigit() and len(told) < 9:
        return float(told)
    try:
        moment = parsedate_to_datetime(told)
    except (TypeError, ValueError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=timezone.utc)
    return max(0.0, (moment - datetime.now(timezone.utc)).total_seconds())


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The exception and those that it wraps, outermost first."""
    pending, seen = [error], set()
    while pending:
        found = pending.pop(0)
        if id(found) in seen:
            continue
        seen.add(id(found))
        yield found
        wrapped = [found.__cause__, found.__context__, getattr(found, "reason", None)]
        wrapped.extend(found.args)
        pending += [item for item in wrapped if isinstance(item, BaseException)]


def _root_cause(error: BaseException) -> str:
    """The name of the operating system's or innermost error, without its text."""
    causes = list(_causes(error))
    system = [cause for cause in causes if isinstance(cause, OSError)]
    own = requests.RequestException
    plain = [cause for cause in system if not isinstance(cause, own)]
    return type((plain or causes)[-1]).__name__


def _is_unconnected(error: BaseException) -> bool:
    names = {"NewConnectionError", "ConnectTimeoutError", "NameResolutionError"}
    return any(
        type(cause).__name__ in names
        or isinstance(cause, requests.exceptions.ConnectTimeout)
        for cause in _causes(error)
    )


def _is_timeout(error: BaseException) -> bool:
    return any(
        isinstance(cause, (TimeoutError, requests.exceptions.Timeout))
        or type(cause).__name__ == "ReadTimeoutError"
        for cause in _causes(error)
    )


def _is_broken(error: BaseException) -> bool:
    """Whether an established connection was dropped, not merely slow."""
    return not _is_unconnected(error) and not _is_timeout(error)
