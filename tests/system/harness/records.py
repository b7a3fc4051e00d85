# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What a centre's database tells."""

import contextlib
import re
import zlib

from tools import odoo_env

from .waiting import wait_until

#: The lock that all who apply the journal share (models/event_applying.py).
APPLY_LOCK = zlib.crc32(b"whatsapp_omni.event") & 0x7FFFFFFF
#: The lock of whoever gives out conversations (models/conversation_distribution.py).
DISTRIBUTION_LOCK = zlib.crc32(b"whatsapp_omni.distribution") & 0x7FFFFFFF


class Records:
    """The database of a centre: what has happened in it, and who holds what.

    It is only looked at; :meth:`end_lock_out` alone moves a time.
    """

    def __init__(self, database):
        self.database = database
        self._connection = None

    def connect(self):
        """Open the connection that all questions go through; return it."""
        self._connection = odoo_env.connect(self.database)
        self._connection.autocommit = True
        return self._connection

    def query(self, statement, *parameters):
        """Run one SQL statement; return its rows, if it has any."""
        with self._connection.cursor() as cursor:
            cursor.execute(statement, parameters)
            return cursor.fetchall() if cursor.description else []

    def value(self, statement, *parameters):
        """Return the only column of the only row of a query."""
        ((found,),) = self.query(statement, *parameters)
        return found

    # What is held

    def scheduled_action_held(self, xmlid):
        """Keep a scheduled action from running, as a server that runs it would."""
        return self._held(
            """
            SELECT FROM ir_cron
             WHERE id = (SELECT res_id FROM ir_model_data
                          WHERE module = %s AND name = %s)
               FOR NO KEY UPDATE
            """,
            *xmlid.split("."),
        )

    def applying_held(self):
        """Keep everybody from applying the journal, as a busy colleague would."""
        return self._held("SELECT pg_advisory_lock(%s)", APPLY_LOCK)

    def distribution_held(self):
        """Keep everybody from giving out conversations, likewise."""
        return self._held("SELECT pg_advisory_lock(%s)", DISTRIBUTION_LOCK)

    def conversation_held(self, conversation_id):
        """Keep everybody from changing a conversation: they wait for each other."""
        return self._held(
            "SELECT FROM whatsapp_omni_conversation WHERE id = %s FOR NO KEY UPDATE",
            conversation_id,
        )

    @contextlib.contextmanager
    def _held(self, statement, *parameters):
        """Hold, in a connection of its own, the locks that a statement takes."""
        connection = odoo_env.connect(self.database)
        try:
            with connection.cursor() as cursor:
                cursor.execute(statement, parameters)
            yield
        finally:
            connection.close()

    def waiting_for_locks(self):
        """Return how many requests wait for what somebody else holds."""
        return self.value(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )

    def count_held_up(self):
        """Return how many processes wait to give out conversations."""
        return self.value(
            "SELECT count(*) FROM pg_locks"
            " WHERE locktype = 'advisory' AND NOT granted AND objid = %s"
            "   AND database = (SELECT oid FROM pg_database"
            "                    WHERE datname = current_database())",
            DISTRIBUTION_LOCK,
        )

    # What happened

    def journal(self, kind=None):
        """Return the number of events of each state.

        :param kind: count these only, such as ``message``
        """
        states = ("applied", "duplicate", "ignored", "failed", "pending")
        found = dict(
            self.query(
                "SELECT state, count(*) FROM whatsapp_omni_event"
                " WHERE %s IS NULL OR kind = %s GROUP BY state",
                kind,
                kind,
            )
        )
        return {state: found.pop(state, 0) for state in states} | found

    def received(self):
        """Return how many deliveries the journal holds."""
        return sum(self.journal().values())

    def wait_applied(self, timeout=20):
        """Return when no customer's message in the journal waits any more.

        A receipt may wait longer: for the message that it is about.
        """
        try:
            wait_until(lambda: not self._waiting(), timeout)
        except AssertionError:
            raise AssertionError(f"{self.journal()}, {self._waiting()}") from None

    def _waiting(self):
        return self.query(
            "SELECT id, customer_key, provider_time, tries, next_try_at, error"
            "  FROM whatsapp_omni_event WHERE state = 'pending' AND kind = 'message'"
            " ORDER BY id LIMIT 5"
        )

    def transcript(self, phone):
        """Return what the customer wrote, as plain texts in the order on the screen."""
        rows = self.query(
            "SELECT mail.body FROM whatsapp_omni_message message"
            "  JOIN whatsapp_omni_customer customer"
            "    ON customer.id = message.customer_id"
            "  JOIN mail_message mail ON mail.id = message.mail_message_id"
            " WHERE customer.wa_id = %s AND message.direction = 'inbound'"
            " ORDER BY mail.id",
            phone,
        )
        return [re.sub(r"<[^>]+>", "", body) for (body,) in rows]

    def conversations(self, phone):
        """Return the ids of the customer's conversations, in their order."""
        rows = self.query(
            "SELECT conversation.id FROM whatsapp_omni_conversation conversation"
            "  JOIN whatsapp_omni_customer customer"
            "    ON customer.id = conversation.customer_id"
            " WHERE customer.wa_id = %s ORDER BY conversation.id",
            phone,
        )
        return [row[0] for row in rows]

    def channel(self, phone):
        """Return the id of the customer's channel."""
        return self.value(
            "SELECT channel.id FROM discuss_channel channel"
            "  JOIN whatsapp_omni_customer customer"
            "    ON customer.id = channel.whatsapp_omni_customer_id"
            " WHERE customer.wa_id = %s",
            phone,
        )

    def answers(self, phone):
        """Return the states of our messages to the customer, in their order."""
        rows = self.query(
            "SELECT message.state FROM whatsapp_omni_message message"
            "  JOIN whatsapp_omni_customer customer"
            "    ON customer.id = message.customer_id"
            " WHERE customer.wa_id = %s AND message.direction = 'outbound'"
            " ORDER BY message.id",
            phone,
        )
        return [row[0] for row in rows]

    def wait_answers(self, phone, *states, timeout=20):
        """Return when the messages to this customer are in these states."""
        try:
            wait_until(lambda: self.answers(phone) == list(states), timeout)
        except AssertionError:
            found = self.answers(phone)
            raise AssertionError(f"{found} instead of {list(states)}") from None

    def end_lock_out(self):
        """Let all files be due now, as if the time of a lock-out were over."""
        self.query("UPDATE whatsapp_omni_provider SET media_paused_until = NULL")
        # Odoo's moments are whole seconds: one with a fraction lies in its future.
        self.query(
            "UPDATE whatsapp_omni_message"
            "   SET media_next_at = date_trunc('second', now() AT TIME ZONE 'UTC')"
            " WHERE media_state = 'pending'"
        )
