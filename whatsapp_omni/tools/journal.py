# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The acknowledgement: one statement writes a callback down, and nothing else happens.

Plain SQL, because this path runs for each receipt of each message of each line, and
must answer in the time of an empty request: GupShup slows a whole app down when its
callbacks are answered slowly. Each statement finds the line by its secret, inserts the
event unless it is there already (then a row without body counts the repetition), and
tells which of these happened.
"""

from datetime import UTC
from typing import NamedTuple

from ..gupshup import status, values

#: Longest body that is kept whole, in characters. WhatsApp's own limits keep ordinary
#: events below 10,000.
MAX_BODY = 200_000

_JOURNAL = """
WITH line AS (
    SELECT id FROM whatsapp_omni_line WHERE callback_token = %(token)s
), added AS (
    INSERT INTO whatsapp_omni_event
        (line_id, body, received_at, dedupe_key, kind, state, provider_time,
         customer_key, tries, error)
    SELECT id, %(body)s, now() AT TIME ZONE 'UTC', %(dedupe_key)s, %(kind)s, %(state)s,
           %(provider_time)s, %(customer_key)s, 0, %(error)s
      FROM line
    ON CONFLICT (line_id, dedupe_key) DO NOTHING
    RETURNING id
), repeated AS (
    INSERT INTO whatsapp_omni_event (line_id, received_at, kind, state, tries)
    SELECT id, now() AT TIME ZONE 'UTC', %(kind)s, 'duplicate', 0
      FROM line WHERE NOT EXISTS (SELECT FROM added)
)
SELECT (SELECT id FROM line), (SELECT id FROM added)
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
    dirty = TRUE
"""

_RECEIPT_TARGET = """
    SELECT m.id
      FROM whatsapp_omni_message m JOIN line ON m.line_id = line.id
     WHERE m.direction = 'outbound'
       AND (m.gs_id = %(correlation_key)s OR m.wa_id = %(fallback_key)s)
     ORDER BY m.gs_id = %(correlation_key)s DESC NULLS LAST
     LIMIT 1
"""

_RECEIPT = f"""
WITH line AS (
    SELECT id FROM whatsapp_omni_line WHERE callback_token = %(token)s
), target AS ({_RECEIPT_TARGET}
), added AS (
    INSERT INTO whatsapp_omni_event
        (line_id, body, received_at, dedupe_key, kind, state, provider_time, tries)
    SELECT id, %(body)s, now() AT TIME ZONE 'UTC', %(dedupe_key)s, 'receipt',
           CASE WHEN EXISTS (SELECT FROM target) THEN 'applied' ELSE 'pending' END,
           %(provider_time)s, 0
      FROM line
    ON CONFLICT (line_id, dedupe_key) DO NOTHING
    RETURNING id
), repeated AS (
    INSERT INTO whatsapp_omni_event (line_id, received_at, kind, state, tries)
    SELECT id, now() AT TIME ZONE 'UTC', 'receipt', 'duplicate', 0
      FROM line WHERE NOT EXISTS (SELECT FROM added)
), changed AS (
    UPDATE whatsapp_omni_message m SET {_RECEIPT_CHANGES}
      FROM target, added WHERE m.id = target.id
)
SELECT (SELECT id FROM line), (SELECT id FROM added)
"""

_PARKED_RECEIPT = f"""
WITH line AS (SELECT %(line_id)s AS id), target AS ({_RECEIPT_TARGET})
UPDATE whatsapp_omni_message m SET {_RECEIPT_CHANGES}
  FROM target WHERE m.id = target.id
RETURNING m.id
"""

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
    params = {
        "token": token,
        "body": body[:MAX_BODY],
        "dedupe_key": value and value.dedupe_key,
        "kind": kind,
        "state": state,
        "provider_time": naive_utc(message and message.time),
        "customer_key": message and message.sender.key,
        "error": error,
    }
    cr.execute(_JOURNAL, params)
    return Written(*cr.fetchone())


def write_receipt(cr, token, body, receipt):
    """Write a receipt into the journal and apply it if its message is known."""
    params = receipt_params(receipt)
    params["token"] = token
    params["body"] = body[:MAX_BODY]
    params["dedupe_key"] = receipt.dedupe_key
    params["provider_time"] = naive_utc(receipt.time)
    cr.execute(_RECEIPT, params)
    return Written(*cr.fetchone())


def apply_parked_receipt(cr, line_id, receipt):
    """Apply a receipt that had come before its message was known.

    :return: the id of the message, None when it is still unknown
    """
    cr.execute(_PARKED_RECEIPT, {"line_id": line_id, **receipt_params(receipt)})
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
