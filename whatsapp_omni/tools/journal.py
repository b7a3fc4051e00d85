# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The acknowledgement: a statement or two write a callback down, nothing else happens.

Plain SQL, because this path runs for each receipt of each message of each line, and
must answer in the time of an empty request: GupShup slows a whole app down when its
callbacks are answered slowly. For the same reason the statements are small: most of
what one costs is its planning. What is rare (a repetition, a wrong secret, a receipt
that comes before its message is known) takes further statements.
"""

from datetime import UTC
from typing import NamedTuple

from ..gupshup import status, values

#: Longest body that is kept whole, in characters. WhatsApp's own limits keep ordinary
#: events below 10,000.
MAX_BODY = 200_000

_JOURNAL = """
INSERT INTO whatsapp_omni_event
    (line_id, body, received_at, dedupe_key, kind, state, provider_time, customer_key,
     tries, error)
SELECT id, %(body)s, now() AT TIME ZONE 'UTC', %(dedupe_key)s, %(kind)s, %(state)s,
       %(provider_time)s, %(customer_key)s, 0, %(error)s
  FROM whatsapp_omni_line WHERE callback_token = %(token)s
ON CONFLICT (line_id, dedupe_key) DO NOTHING
RETURNING line_id, id
"""

# A repetition is counted by a row without body.
_REPETITION = """
INSERT INTO whatsapp_omni_event (line_id, received_at, kind, state, tries)
SELECT id, now() AT TIME ZONE 'UTC', %(kind)s, 'duplicate', 0
  FROM whatsapp_omni_line WHERE callback_token = %(token)s
RETURNING line_id, NULL
"""

# A status never goes down, whatever comes in whatever order: see gupshup.status. A
# later success clears an earlier failure.
_RECEIPT_CHANGES = """
    rank = GREATEST(m.rank, %(rank)s),
    state = CASE WHEN m.rank < %(rank)s THEN %(status)s ELSE m.state END,
    error_code = CASE WHEN m.rank < %(rank)s THEN %(error_code)s ELSE m.error_code END,
    error_reason = CASE WHEN m.rank < %(rank)s THEN %(error_reason)s
                        ELSE m.error_reason END,
    sent_at = COALESCE(m.sent_at, %(sent_at)s),
    delivered_at = COALESCE(m.delivered_at, %(delivered_at)s),
    read_at = COALESCE(m.read_at, %(read_at)s),
    gs_id = COALESCE(m.gs_id, %(gs_id)s),
    wa_id = COALESCE(m.wa_id, %(wa_id)s),
    dirty = m.dirty OR m.rank < %(rank)s
"""

# Either key finds the message. The second is seldom needed, and one statement that
# looks for both costs half as much again.
_RECEIPT_BY_GS_ID, _RECEIPT_BY_WA_ID = (
    f"""
    UPDATE whatsapp_omni_message m SET {_RECEIPT_CHANGES}
     WHERE m.{column} = %({key})s AND m.line_id = %(line_id)s
       AND m.direction = 'outbound'
    RETURNING m.id
    """
    for column, key in (("gs_id", "correlation_key"), ("wa_id", "fallback_key"))
)

_PARK = "UPDATE whatsapp_omni_event SET state = 'pending' WHERE id = %s"

_ADOPTED_RECEIPT = f"""
UPDATE whatsapp_omni_message m SET {_RECEIPT_CHANGES}
 WHERE m.id = %(message_id)s AND m.gs_id IS NULL
RETURNING m.id
"""

#: Statuses of a receipt that say something about a message of ours.
TRACKED = frozenset({"submitted", "sent", "delivered", "read", "failed"})


class Written(NamedTuple):
    """What became of one callback: its line, and the event if it was a new one."""

    line_id: int | None
    event_id: int | None


def naive_utc(moment):
    """Return ``moment`` the way Odoo stores times, or None."""
    return moment and moment.astimezone(UTC).replace(tzinfo=None)


def write_event(cr, token, body, *, kind, state, value=None, error=None):
    """Write one callback into the journal of the line that has this token.

    :param str body: one event, as JSON, or what was received when it is not
    :param value: what the body was parsed to, None when it could not be
    :rtype: Written
    """
    message = value if isinstance(value, values.Message) else None
    timed = value if isinstance(value, values.Message | values.Receipt) else None
    params = {
        "token": token,
        "body": body[:MAX_BODY],
        "dedupe_key": value and value.dedupe_key,
        "kind": kind,
        "state": state,
        "provider_time": naive_utc(timed and timed.time),
        "customer_key": message and message.sender.key,
        "error": error,
    }
    cr.execute(_JOURNAL, params)
    if not cr.rowcount:
        cr.execute(_REPETITION, params)
    return Written(*(cr.fetchone() or (None, None)))


def write_receipt(cr, token, body, receipt):
    """Write a receipt into the journal and apply it if its message is known.

    Otherwise it stays pending: it came before the answer to the request that it is
    about.
    """
    written = write_event(
        cr, token, body, kind="receipt", state="applied", value=receipt
    )
    if written.event_id and not apply_receipt(cr, written.line_id, receipt):
        cr.execute(_PARK, (written.event_id,))
    return written


def apply_receipt(cr, line_id, receipt):
    """Apply a receipt to the message that it is about.

    :return: the id of the message, None when it is not known (yet)
    """
    params = {"line_id": line_id, **receipt_params(receipt)}
    cr.execute(_RECEIPT_BY_GS_ID, params)
    if not cr.rowcount:
        cr.execute(_RECEIPT_BY_WA_ID, params)
    found = cr.fetchone()
    return found and found[0]


def adopt_receipt(cr, message_id, receipt):
    """Take a receipt as the answer to a message that never got one.

    :return: the id of the message, None when it got its answer meanwhile
    """
    cr.execute(_ADOPTED_RECEIPT, {"message_id": message_id, **receipt_params(receipt)})
    found = cr.fetchone()
    return found and found[0]


def receipt_params(receipt):
    moment = naive_utc(receipt.time)
    failed = receipt.status == "failed"
    error = receipt.error or values.Failure()
    return {
        "status": receipt.status,
        "rank": status.RANKS[receipt.status],
        "error_code": error.code if failed else None,
        "error_reason": (error.reason or None) if failed else None,
        "sent_at": moment if receipt.status == "sent" else None,
        "delivered_at": moment if receipt.status == "delivered" else None,
        "read_at": moment if receipt.status == "read" else None,
        "gs_id": receipt.gs_id,
        "wa_id": receipt.wa_id,
        "correlation_key": receipt.correlation_key,
        "fallback_key": receipt.fallback_key,
    }
