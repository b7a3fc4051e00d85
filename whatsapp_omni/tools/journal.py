# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The acknowledgement: one statement writes a callback down, nothing else happens.

Plain SQL, because this path runs for each receipt of each message of each line, and
must answer in the time of an empty request: GupShup slows a whole app down when its
callbacks are answered slowly. For the same reason the statements are small, and kept
planned where they can be: see ``prepared``. What is rare (a repetition, a receipt that
names its message by another id) takes further statements, which may be cut off at any
point: each leaves rows that say what is left to do. The secret of the address is in
none but the one that finds the line, so that no error of another can carry it into a
log.
"""

from datetime import UTC

from ..gupshup import status, values


def _insertion(state):
    return f"""
INSERT INTO whatsapp_omni_event
    (line_id, body, received_at, dedupe_key, kind, state, provider_time, customer_key,
     tries, error)
VALUES (%(line_id)s, %(body)s, now() AT TIME ZONE 'UTC', %(dedupe_key)s, %(kind)s,
        {state}, %(provider_time)s, %(customer_key)s, 0, %(error)s)
ON CONFLICT (line_id, dedupe_key) DO NOTHING
RETURNING id, state
"""


_EVENT = _insertion("%(state)s")

# A repetition is counted by a row without body.
_REPETITION = """
INSERT INTO whatsapp_omni_event (line_id, received_at, kind, state, tries)
VALUES (%(line_id)s, now() AT TIME ZONE 'UTC', %(kind)s, 'duplicate', 0)
"""

# A status never goes down, whatever comes in whatever order: see gupshup.status. A
# later success clears an earlier failure.
_RECEIPT_CHANGES = """
    rank = GREATEST(m.rank, %(rank)s),
    state = CASE WHEN m.rank < %(rank)s THEN %(status)s ELSE m.state END,
    error_code = CASE WHEN m.rank < %(rank)s THEN %(error_code)s ELSE m.error_code END,
    provider_reason = CASE WHEN m.rank < %(rank)s THEN %(provider_reason)s
                           ELSE m.provider_reason END,
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

# One statement, and thus one transaction by itself. What it does not find waits.
_RECEIPT = f"""
WITH applied AS ({_RECEIPT_BY_GS_ID})
{_insertion("CASE WHEN EXISTS (SELECT FROM applied) THEN 'applied' ELSE 'pending' END")}
"""

_SETTLED = """
UPDATE whatsapp_omni_event SET state = 'applied' WHERE id = %(event_id)s
"""

_ADOPTED_RECEIPT = f"""
UPDATE whatsapp_omni_message m SET {_RECEIPT_CHANGES}
 WHERE m.id = %(message_id)s AND m.gs_id IS NULL
RETURNING m.id
"""

#: Statuses of a receipt that say something about a message of ours.
TRACKED = frozenset({"submitted", "sent", "delivered", "read", "failed"})


def naive_utc(moment):
    """Return ``moment`` the way Odoo stores times, or None."""
    return moment and moment.astimezone(UTC).replace(tzinfo=None)


def find_line(cr, token):
    """Return the line whose callback address holds ``token``, None when there is none.

    :return: its id, and the networks from which it takes callbacks, as they are stored
    """
    if "\0" in token:  # no text to PostgreSQL
        return None
    cr.execute(
        "SELECT id, callback_networks FROM whatsapp_omni_line"
        " WHERE callback_token = %s",
        (token,),
    )
    return cr.fetchone()


def write_event(cr, line_id, body, *, kind, state, value=None, error=None):
    """Write one callback into the journal of a line.

    :param str body: one event, as JSON, or what was received when it is not
    :param value: what the body was parsed to, None when it could not be
    :return: the id of the new event, None when it was there already
    """
    params = _event_params(line_id, body, kind, value)
    return _insert(cr, _EVENT, {**params, "state": state, "error": error})[0]


def write_receipt(cr, line_id, body, receipt):
    """Write a receipt into the journal and apply it if its message is known.

    Otherwise it stays pending: it came before the answer to the request that it is
    about.

    :return: the id of the new event, None when it was there already
    """
    params = {
        **_event_params(line_id, body, "receipt", receipt),
        **receipt_params(receipt),
        "error": None,
    }
    event_id, state = _insert(cr, _RECEIPT, params)
    if state == "pending" and receipt.fallback_key:
        cr.execute(_RECEIPT_BY_WA_ID, params)
        if cr.rowcount:
            cr.execute(_SETTLED, {"event_id": event_id})
    return event_id


def _event_params(line_id, body, kind, value):
    message = value if isinstance(value, values.Message) else None
    timed = value if isinstance(value, values.Message | values.Receipt) else None
    moment = timed.time if timed else value and value.event_time
    return {
        "line_id": line_id,
        "body": body,
        "dedupe_key": value and value.dedupe_key,
        "kind": kind,
        "provider_time": naive_utc(moment),
        "customer_key": message and message.sender.key,
    }


def _insert(cr, statement, params):
    """Return the id and the state of the new event, twice None for a repetition."""
    cr.execute(statement, params)
    if cr.rowcount:
        return cr.fetchone()
    cr.execute(_REPETITION, params)
    return None, None


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
        "provider_reason": (error.reason or None) if failed else None,
        "sent_at": moment if receipt.status == "sent" else None,
        "delivered_at": moment if receipt.status == "delivered" else None,
        "read_at": moment if receipt.status == "read" else None,
        "gs_id": receipt.gs_id,
        "wa_id": receipt.wa_id,
        "correlation_key": receipt.correlation_key,
        "fallback_key": receipt.fallback_key,
    }
