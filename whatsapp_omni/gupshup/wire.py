# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""One request to GupShup: whether it was done, is known not to be, or nobody knows.

GupShup knows no key that makes a repetition harmless. So what a broken connection may
have done already is told apart from what surely was not done.
"""

import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from typing import BinaryIO
from urllib.parse import urlencode, urlsplit

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
from .reading import first, integer, items, mapping, storable, text

#: Largest answer that is read; the longest real ones are pages of templates.
MAX_ANSWER_BYTES = 8 * 1024 * 1024
#: Seconds for a whole request, connecting and answer.
DEADLINE_SECONDS = 45.0
JSON = "application/json"

_REASON_LENGTH = 300
_BAD_ADDRESS = (requests.exceptions.InvalidURL, LocationValueError, UnicodeError)
_FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Answer:
    """A successful answer: its status and, if it is one, its JSON object."""

    status: int
    data: dict


class Body:
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
        """Return at most ``size`` bytes of one part, none at the end."""
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


class Wire:
    """The requests of one app. Several threads may use one at once.

    :param base_url: ``https://api.gupshup.io``, or where an emulator listens
    :param source: the app's own number, digits only
    :param session: from :func:`.http.new_session`, to share connections
    :param timeout: seconds to connect and seconds between two packets of the answer
    :param deadline: seconds until the whole answer must be there
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

    def _call(
        self,
        method: str,
        path: str,
        fields: dict[str, str] | None = None,
        *,
        body: Body | None = None,
        content_type: str = _FORM,
        repeatable: bool = True,
        deadline: float | None = None,
    ) -> Answer:
        """One request. A repeatable one is tried again once if its connection broke.

        Errors are raised outside of ``except``, lest they drag along the exceptions
        of `requests`, which hold the request with the key.
        """
        self._check_settings()
        encoded = urlencode(fields, errors="replace").encode() if fields else b""
        attempts = 2 if repeatable and body is None else 1
        outcome: Answer | GupshupError | None = None
        for _attempt in range(attempts):
            sent = body or (Body(encoded) if encoded else None)
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
        body: Body | None,
        content_type: str,
        repeatable: bool,
        deadline: float | None,
    ) -> tuple[Answer | GupshupError, bool]:
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
        body: Body | None,
        content_type: str,
        repeatable: bool,
    ) -> tuple[Answer | GupshupError, bool]:
        headers = {"apikey": self._api_key, "Accept": JSON}
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
            return Answer(response.status_code, _json_object(raw)), False

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
        self, error: Exception, body: Body | None, repeatable: bool
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
        refused = [error for _row, error in failed_users(data)]
        places = (
            data.get("message"),
            data.get("error"),
            data.get("reason"),
            *refused,
        )
        found = (message_in(place) for place in places)
        return self._safe(next(filter(None, found), ""))

    def _plain_reason(self, raw: bytes) -> str:
        plain = text(raw.decode("utf-8", "replace")).strip()
        return "" if plain.startswith(("<", "{", "[")) else self._safe(plain)

    def _safe(self, reason: str) -> str:
        shown = reason.replace(self._api_key, "***") if self._api_key else reason
        return " ".join(shown.split())[:_REASON_LENGTH]


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


def message_in(place) -> str:
    if type(place) is dict:
        return first(place, "message", "reason", "details", "error", "title")
    return text(place)


def failed_users(data: dict) -> list[tuple[dict, dict]]:
    """The users that could not be blocked, each with its first error."""
    rows = items(mapping(data.get("block_users")).get("failed_users"))
    return [(row, next(iter(items(row.get("errors"))), {})) for row in rows]


def _code_in(data: dict) -> int | None:
    """WhatsApp's code in an error; one that may repeat the HTTP status says nothing."""
    places = (data, mapping(data.get("error")), mapping(data.get("message")))
    found = (integer(place.get("code")) for place in places)
    return next((code for code in found if code in CODES and code >= 600), None)


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
