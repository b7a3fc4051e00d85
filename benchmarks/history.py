"""What a long history costs: the same measured before and after years of conversations.

The rows are copies of one customer's, made by PostgreSQL itself. They stay in the rig's
database, hence this measure comes last.
"""

import itertools
import time

import requests

from . import report, rig
from .load import percentile
from .measures import Blocks

MS = 1000
MESSAGES_EACH = 10

#: Table, rows per customer, and what differs from the copied row. ``g`` counts the
#: customers, ``n`` the rows of one; ``{table}`` is the last id before the history.
COPIES = (
    ("mail_guest", 1, "'access_token', 'history-' || g"),
    (
        "whatsapp_omni_customer",
        1,
        "'wa_id', '7' || lpad(g::text, 10, '0'), 'business_user_id', NULL,"
        " 'guest_id', {mail_guest} + g",
    ),
    (
        "discuss_channel",
        1,
        "'uuid', 'history-' || g, 'whatsapp_omni_customer_id',"
        " {whatsapp_omni_customer} + g, 'whatsapp_omni_conversation_id', NULL",
    ),
    (
        "whatsapp_omni_conversation",
        1,
        "'channel_id', {discuss_channel} + g, 'state', 'closed', 'customer_id',"
        " {whatsapp_omni_customer} + g,"
        " 'opened_at', t.opened_at - g * interval '1 min',"
        " 'closed_at', t.opened_at - g * interval '1 min', 'waiting_count', 0,"
        " 'last_message_at', t.opened_at - g * interval '1 min'",
    ),
    (
        "mail_message",
        MESSAGES_EACH,
        "'res_id', {discuss_channel} + g, 'author_guest_id', {mail_guest} + g",
    ),
    (
        "whatsapp_omni_message",
        MESSAGES_EACH,
        "'channel_id', {discuss_channel} + g, 'conversation_id',"
        " {whatsapp_omni_conversation} + g,"
        " 'customer_id', {whatsapp_omni_customer} + g,"
        " 'mail_message_id', {mail_message} + (g - 1) * {each} + n,"
        " 'wa_id', 'history-' || g || '-' || n",
    ),
)


def history(bench, quick):
    """Ingest and an agent's requests, with little and with much in the database."""
    count = 5_000 if quick else 100_000
    before = _measure(bench, quick)
    began = time.monotonic()
    _fill(bench, count)
    print(f"  {count} conversations added: {time.monotonic() - began:.0f} s")
    after = _measure(bench, quick)
    here = {
        "setting": bench.setting(f"{count} closed conversations"),
        "floor_name": "without these",
    }
    for what, (number, limit, unit) in WHAT.items():
        yield report.at_most(
            limit,
            **here,
            number=number,
            what=what,
            value=after[what],
            unit=unit,
            floor=before[what],
        )


INGEST = "burst, CPU per message / message_post"
OPENING = "agent opens the app, p50"
INBOX = "agent's inbox loads, p50"
POLL = "agent's bus is polled, p50"
WHAT = {
    INGEST: ("9", 1.1, "×"),
    OPENING: ("10", 1.2, "ms"),
    INBOX: ("10", 1.2, "ms"),
    POLL: ("10", 1.2, "ms"),
}


def _measure(bench, quick):
    return {INGEST: _ingest(bench, quick), **_agent(bench, 10 if quick else 40)}


def _ingest(bench, quick):
    """Return the CPU of a message in a burst as a multiple of ``message_post``."""
    blocks, order = Blocks(bench), itertools.cycle(bench.crowd)
    size, rounds = (100, 2) if quick else (200, 5)
    for _ in range(rounds):
        blocks.run("floor", [next(order).floor() for _ in range(size // 4)])
        blocks.run(
            "burst",
            [next(order).message() for _ in range(size)],
            settle=bench.wait_applied,
            concurrency=8,
        )
    return blocks.cpu_ratio("burst", "floor")


def _agent(bench, rounds):
    """Return how long the requests of an agent's page take, in milliseconds."""
    login = rig.AGENTS[1 % len(rig.AGENTS)]
    with requests.Session() as session:

        def call(path, **params):
            answer = session.post(f"{bench.url}{path}", json={"params": params})
            data = answer.json()
            if "result" not in data:
                raise rig.RigError(f"{path} answered {data['error']}")
            return data["result"]

        call(
            "/web/session/authenticate",
            db=bench.database,
            login=login,
            password=login,
        )
        last = bench.query("SELECT max(id) FROM bus_bus")[0][0]
        asked = {
            OPENING: ("/mail/data", {"fetch_params": ["init_messaging"]}),
            INBOX: (
                "/mail/data",
                {"fetch_params": ["channels_as_member", "whatsapp_omni.inbox"]},
            ),
            POLL: (
                "/websocket/peek_notifications",
                {
                    "channels": ["whatsapp_omni.inbox"],
                    "last": last,
                    "is_first_poll": True,
                },
            ),
        }
        found = {what: [] for what in asked}
        for _ in range(rounds):
            for what, (path, params) in asked.items():
                began = time.perf_counter()
                call(path, **params)
                found[what].append((time.perf_counter() - began) * MS)
    return {what: percentile(times, 50) for what, times in found.items()}


def _fill(bench, count):
    """Copy the rows of one customer, closed, this many times."""
    customer = bench.crowd[0]
    # Newest rows of the conversation, one of each table.
    message, mail, person = bench.query(
        "SELECT id, mail_message_id, customer_id FROM whatsapp_omni_message"
        " WHERE conversation_id = %s AND direction = 'inbound'"
        " ORDER BY id DESC LIMIT 1",
        customer.conversation,
    )[0]
    originals = {
        "mail_guest": customer.guest,
        "whatsapp_omni_customer": person,
        "discuss_channel": customer.channel,
        "whatsapp_omni_conversation": customer.conversation,
        "mail_message": mail,
        "whatsapp_omni_message": message,
    }
    last = {
        table: bench.query(f"SELECT max(id) FROM {table}")[0][0] for table in originals
    }
    for table, each, changes in COPIES:
        changes = changes.format(**last, each=each)
        bench.query(
            f"""
            INSERT INTO {table}
            SELECT copied.*
              FROM {table} t, generate_series(1, {count}) g,
                   generate_series(1, {each}) n,
                   LATERAL jsonb_populate_record(t, jsonb_build_object(
                       'id', {last[table]} + (g - 1) * {each} + n, {changes})) copied
             WHERE t.id = {originals[table]}
            """
        )
        bench.query(f"SELECT setval('{table}_id_seq', (SELECT max(id) FROM {table}))")
    # As in life, what is attended now is what came last. PostgreSQL plans by that.
    bench.add_newcomers(len(rig.AGENTS))
    bench.query("VACUUM ANALYZE")
