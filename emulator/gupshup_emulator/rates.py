# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Counting calls per app, for the limits that answer 429."""

import time
from collections import deque


class RateLimiter:
    """Counts the calls of each app over a moving period (seconds)."""

    def __init__(self, period: float):
        self._period = period
        self._calls: dict[str, deque[float]] = {}

    def allow(self, app_id: str, most: int) -> bool:
        """Count a call; False when there were `most` already. 0 means no limit."""
        if not most:
            return True
        now = time.monotonic()
        calls = self._calls.setdefault(app_id, deque())
        while calls and calls[0] <= now - self._period:
            calls.popleft()
        if len(calls) >= most:
            return False
        calls.append(now)
        return True

    def clear(self) -> None:
        """Forget all calls."""
        self._calls.clear()
