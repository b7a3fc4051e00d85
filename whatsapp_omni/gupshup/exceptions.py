# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What can become of a request to GupShup, sorted by what may be done next."""


class GupshupError(Exception):
    """A request that did not do what it should.

    ``kind`` names the class for storage and switches, ``status`` is the HTTP status if
    there was an answer, ``reason`` a text for people that never holds the API key.
    ``code`` is one of :mod:`.errors`, where the answer gave one.
    """

    kind = "error"
    code: int | None = None

    def __init__(self, reason: str, status: int | None = None):
        super().__init__(reason)
        self.reason = reason
        self.status = status


class NotSent(GupshupError):
    """Nothing reached GupShup: repeating is safe."""

    kind = "not_sent"


class RateLimited(GupshupError):
    """HTTP 429: nothing was done, repeat later.

    ``retry_after`` is the number of seconds that the answer asks to wait, or None.
    """

    kind = "rate_limited"

    def __init__(
        self, reason: str, status: int = 429, retry_after: float | None = None
    ):
        super().__init__(reason, status)
        self.retry_after = retry_after


class Unavailable(GupshupError):
    """GupShup is out of order. Repeat a send with care: it may have been done.

    Reading requests that got no usable answer end here too.
    """

    kind = "unavailable"


class Ambiguous(GupshupError):
    """Nobody knows whether it was done. Never repeat a send blindly."""

    kind = "ambiguous"


class Unauthorized(GupshupError):
    """HTTP 401 or 403: the key is wrong, or was replaced."""

    kind = "unauthorized"


class Rejected(GupshupError):
    """GupShup understood and refused: repeating does not help."""

    kind = "rejected"
