# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The emulator's clock: real time plus an offset that a test can move forward."""

import time


class Clock:
    """Time as the emulated WhatsApp sees it."""

    def __init__(self, offset: float = 0.0):
        self.offset = offset

    def now(self) -> float:
        """Return the emulated time in epoch seconds."""
        return time.time() + self.offset

    def now_ms(self) -> int:
        """Return the emulated time in epoch milliseconds."""
        return int(self.now() * 1000)

    def advance(self, seconds: float) -> None:
        """Move the emulated time by `seconds`, which may be negative."""
        self.offset += seconds
