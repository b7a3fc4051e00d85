# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What GupShup tells: the app that it is told of, its customers, their messages."""

import os
import time
from datetime import datetime, timezone
from itertools import count
from typing import NamedTuple

APP_NAME = "DemoSupport"
APP_ID = "5b1d8c7e-2f43-4a90-9a6b-7c0e4d21f8aa"
TOKEN = "callback-token-of-the-system-tests"
CALLBACK_PATH = f"/whatsapp_omni/callback/{TOKEN}"

#: Seconds after which the window of a customer is closed.
DAY_AND_MORE = 25 * 3600

_phones = count(34600100000)
_ids = count(1)


def new_phone():
    """Return the number of a customer whom nobody has met yet."""
    return str(next(_phones))


def profile_name(phone):
    """Return the name that the customer with this number has on WhatsApp."""
    return f"Customer {phone[-4:]}"


def text_message(phone, text, milliseconds=None, wa_id=None):
    """Return the callback of a customer's text (version 2).

    :param milliseconds: when it happened, since 1970; now by default
    """
    return {
        "app": APP_NAME,
        "timestamp": milliseconds or time.time_ns() // 1_000_000,
        "version": 2,
        "type": "message",
        "payload": {
            "id": wa_id or f"wamid.SYSTEM{os.getpid()}X{next(_ids)}",
            "source": phone,
            "type": "text",
            "payload": {"text": text},
            "sender": {"phone": phone, "name": profile_name(phone)},
        },
    }


class Delivery(NamedTuple):
    """One callback request: its answer, and between which times (epoch) it ran."""

    status: int
    content: bytes
    began: float
    ended: float

    @property
    def seconds(self):
        return self.ended - self.began


def utc(moment):
    """Return a time that PostgreSQL holds in UTC as epoch seconds."""
    return moment.replace(tzinfo=timezone.utc).timestamp()


def now_milliseconds():
    """Return the present as callbacks tell it."""
    return int(datetime.now(timezone.utc).timestamp() * 1000)
