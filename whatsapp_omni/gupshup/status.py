# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""How the statuses of an outgoing message merge.

Receipts come late, twice and in any order; the status of a message is the highest rank
seen. ``failed`` overrides *submitted* and *sent* but gives way to *delivered* and
*read*: WhatsApp now and then reports a failure and delivers nevertheless.
"""

#: From low to high. ``unknown``: a request whose fate nobody knows.
RANKS = {
    "queued": 0,
    "sending": 1,
    "unknown": 2,
    "submitted": 3,
    "sent": 4,
    "failed": 5,
    "delivered": 6,
    "read": 7,
}


def rank(status: str) -> int:
    """The rank of a status, -1 for one that says nothing about progress."""
    return RANKS.get(status, -1)


def merge(current: str, incoming: str) -> str:
    """The status after a receipt; it never goes down."""
    return incoming if rank(incoming) > rank(current) else current
