"""Callbacks as GupShup posts them (version 2), as bytes ready to be sent."""

import itertools
import json
import time
import uuid

APP = "BenchmarkApp"
_numbers = itertools.count(1)


def _event(event_type, payload):
    return {
        "app": APP,
        "timestamp": int(time.time() * 1000),
        "version": 2,
        "type": event_type,
        "payload": payload,
    }


def message(phone, text="Hola, ¿abrís hoy por la tarde?", wa_id=None):
    """Return a customer's text message as data.

    :param str phone: digits with country code
    """
    return _event(
        "message",
        {
            "id": wa_id or f"wamid.{uuid.uuid4().hex}",
            "source": phone,
            "type": "text",
            "payload": {"text": text},
            "sender": {"phone": phone, "name": f"Customer {phone[-4:]}"},
        },
    )


def receipt(gs_id, status, phone):
    """Return a status receipt of one of our messages as data."""
    return _event(
        "message-event",
        {
            "id": f"wamid.{gs_id}",
            "gsId": gs_id,
            "type": status,
            "destination": phone,
            "payload": {"ts": int(time.time())},
        },
    )


def notice():
    """Return an event that is written down and asks for nothing else, as data."""
    return _event("account-event", {"type": "benchmark", "number": next(_numbers)})


def encode(data):
    """Return data as the bytes of a request's body."""
    return json.dumps(data, ensure_ascii=False).encode()
