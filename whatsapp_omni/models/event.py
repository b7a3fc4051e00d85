# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import json
import logging
import time
import traceback
import zlib
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..gupshup import CallbackError, parse, parse_all, values
from ..tools import background, journal

_logger = logging.getLogger(__name__)

#: Seconds to wait before the next try of an event that failed. After the last one it
#: is set aside. Short, because the customer's later messages wait for it.
RETRY_SECONDS = (2, 10, 60)

#: Seconds that the scheduled action stays for events that are due again soon, and its
#: longest pause before it looks whether something else has come.
PATIENCE = 20
LONGEST_PAUSE = 0.5

#: How long a receipt waits for the message that it belongs to.
PARKED_RECEIPT_MINUTES = 5

#: The journal is kept this long; failed events until somebody has dealt with them.
KEEP_DAYS = 30

_APPLY_LOCK = zlib.crc32(b"whatsapp_omni.event") & 0x7FFFFFFF

_apply_flight = background.SingleFlight()


class Received(NamedTuple):
    """What a callback request brought that has to be worked on after the answer."""

    messages: bool
    receipts: bool


class Pace:
    """How many events to take per transaction.

    Rows become visible at commit, so a batch is small while little waits. A claim that
    comes back full means that more is waiting: then larger batches save work.
    """

    SMALLEST, LARGEST, SECONDS = 2, 25, 0.15

    def __init__(self):
        self.size = self.SMALLEST

    def adapt(self, claimed, seconds):
        if claimed < self.size:
            self.size = self.SMALLEST
        elif seconds < self.SECONDS:
            self.size = min(self.size * 2, self.LARGEST)


class WhatsAppEvent(models.Model):
    """The journal: every callback that ever arrived, and what became of it.

    ``received = applied + duplicate + ignored + failed + pending`` holds at any time,
    because each delivery is one row and each row has one state.
    """

    _name = "whatsapp_omni.event"
    _description = "WhatsApp Callback Event"
    _order = "id desc"
    _rec_name = "dedupe_key"
    _log_access = False

    line_id = fields.Many2one(
        "whatsapp_omni.line", required=True, readonly=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="line_id.company_id")
    received_at = fields.Datetime(readonly=True)
    provider_time = fields.Datetime(
        readonly=True, help="When it happened, as told by the provider."
    )
    kind = fields.Selection(
        [
            ("message", "Message"),
            ("receipt", "Receipt"),
            ("notice", "Notice"),
            ("unknown", "Unknown"),
            ("broken", "Unreadable"),
        ],
        readonly=True,
    )
    state = fields.Selection(
        [
            ("pending", "Pending"),
            ("applied", "Applied"),
            ("duplicate", "Repeated delivery"),
            ("ignored", "Ignored"),
            ("failed", "Failed"),
        ],
        readonly=True,
        required=True,
    )
    body = fields.Text(readonly=True)
    dedupe_key = fields.Char(
        "Identity", readonly=True, help="Equal for all deliveries of the same event."
    )
    customer_key = fields.Char("Customer", readonly=True)
    tries = fields.Integer(readonly=True)
    next_try_at = fields.Datetime("Next try", readonly=True)
    error = fields.Text("What happened", readonly=True)

    _dedupe_key_unique = models.UniqueIndex(
        "(line_id, dedupe_key)", "This event is in the journal already."
    )
    _line_newest = models.Index("(line_id, id)")
    # What is worked on is found among millions of finished rows by these two.
    _pending = models.Index("(provider_time, id) WHERE state = 'pending'")
    _failed = models.Index("(line_id, id) WHERE state = 'failed'")

    # === ACKNOWLEDGEMENT === #

    @api.model
    def _receive(self, token, raw):
        """Write one request's events into the journal. Plain SQL, see tools.journal.

        :param bytes raw: the body as received, None when it was too long
        :return: None when no line has this token
        :rtype: Received | None
        """
        messages = receipts = known = False
        for body, kind, state, value, error in self._read_events(raw):
            if kind == "receipt" and state == "pending":
                written = journal.write_receipt(self.env.cr, token, body, value)
                receipts |= written.event_id is not None
            else:
                written = journal.write_event(
                    self.env.cr,
                    token,
                    body,
                    kind=kind,
                    state=state,
                    value=value,
                    error=error,
                )
                messages |= kind == "message" and written.event_id is not None
            known |= written.line_id is not None
        return Received(messages, receipts) if known else None

    @api.model
    def _read_events(self, raw):
        """Yield ``(body, kind, state, value, error)`` for each event of a request."""
        if raw is None:
            yield "", "broken", "failed", None, self.env._("The body was too long.")
            return
        try:
            events = parse_all(raw, datetime.now(UTC))
        except CallbackError as error:
            text = raw.decode(errors="replace").replace("\x00", "")
            yield text, "broken", "failed", None, str(error)
            return
        for data, value in events:
            kind, state = self._classify(value)
            body = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
            yield body, kind, state, value, None

    @api.model
    def _classify(self, value):
        """Return the kind of a value, and the state in which it enters the journal."""
        if isinstance(value, values.Message):
            return "message", "pending"
        if isinstance(value, values.Receipt):
            tracked = value.status in journal.TRACKED and value.correlation_key
            return "receipt", "pending" if tracked else "ignored"
        if isinstance(value, values.Unknown):
            return "unknown", "ignored"
        return "notice", "ignored"

    # === AFTER THE ANSWER === #

    @api.model
    def _after_answer(self, received):
        """Go on once the answer is sent. The request's own cursor is closed by now."""
        registry = self.env.registry
        if received.messages:
            background.quietly(self._apply_now, registry)
        if received.receipts:
            background.quietly(
                self.env["whatsapp_omni.message"]._wake_statuses, registry
            )

    @staticmethod
    def _apply_now(registry):
        def work():
            with background.background_env(registry) as env:
                Event = env["whatsapp_omni.event"]
                if Event._apply_pending(background.REQUEST_SECONDS):
                    Event._wake()
                    env.cr.commit()

        _apply_flight.run(registry.db_name, work)

    @api.model
    def _apply_in_test(self, received):
        """Do at once what :meth:`_after_answer` does, on a test's only transaction."""
        if received.messages:
            while self._apply_batch(Pace.LARGEST):
                pass
        if received.receipts:
            self.env["whatsapp_omni.message"]._push_dirty_statuses()

    @api.model
    def _cron_apply(self):
        """Apply what requests left over and what is due for another try."""
        with background.background_env(self.env.registry) as env:
            Event = env["whatsapp_omni.event"]
            box = background.TimeBox(PATIENCE)
            while not Event._apply_pending(PATIENCE):
                pause = Event._seconds_to_next()
                if pause is None or pause > PATIENCE or not box.open:
                    break
                time.sleep(min(max(pause, 0.05), LONGEST_PAUSE))  # until it is due
                env.cr.rollback()
            else:
                Event._wake()
            Event._settle_receipts()
            env.cr.commit()

    @api.model
    def _seconds_to_next(self):
        """Return in how many seconds a failed event is due again, None without one."""
        self.env.cr.execute(
            """
            SELECT EXTRACT(EPOCH FROM min(next_try_at) - now() AT TIME ZONE 'UTC')
              FROM whatsapp_omni_event
             WHERE state = 'pending' AND kind = 'message' AND next_try_at IS NOT NULL
            """
        )
        seconds = self.env.cr.fetchone()[0]
        return None if seconds is None else max(float(seconds), 0.0)

    @api.model
    def _wake(self):
        """Have the scheduled action go on. It waits for what is due soon by itself."""
        self.env.ref("whatsapp_omni.ir_cron_apply_events")._trigger()

    def _register_hook(self):
        super()._register_hook()
        # A scheduled action looks a minute after a start at the earliest: do not let
        # what a crash left behind wait that long.
        self.env.cr.execute(
            "SELECT FROM whatsapp_omni_event WHERE state = 'pending' LIMIT 1"
        )
        if self.env.cr.rowcount and self.env.ref(
            "whatsapp_omni.ir_cron_apply_events", raise_if_not_found=False
        ):
            self._wake()

    # === APPLYING === #

    @api.model
    def _apply_pending(self, seconds):
        """Apply pending messages, oldest first, one transaction per batch.

        All processes share one lock, which gives each customer their order for free.
        Whoever does not get it leaves: the holder looks once more after it found
        nothing and let the lock go, so nobody's event is stranded in between.

        :return: whether something is left to do
        :rtype: bool
        """
        box, pace = background.TimeBox(seconds), Pace()
        looked_again = False
        while self._take_lock():
            start = time.monotonic()
            claimed = self._apply_batch(pace.size)
            self.env.cr.commit()
            if not claimed and looked_again:
                return False
            looked_again = not claimed
            if not box.open:
                return True
            pace.adapt(claimed, time.monotonic() - start)
        self.env.cr.rollback()
        return False

    @api.model
    def _take_lock(self):
        self.env.cr.execute("SELECT pg_try_advisory_xact_lock(%s)", (_APPLY_LOCK,))
        return self.env.cr.fetchone()[0]

    @api.model
    def _apply_batch(self, limit):
        """Claim up to ``limit`` pending messages and apply them; return their number.

        A batch that fails is tried event by event, so that one poisoned event costs
        nobody else anything.
        """
        events = self._claim(limit)
        if not events:
            return 0
        try:
            with self.env.cr.savepoint():
                events._apply()
        except Exception as batch_error:
            _logger.info("Batch failed, applying one by one: %r", batch_error)
            for event in events:
                event._apply_alone()
        return len(events)

    @api.model
    def _claim(self, limit):
        """Return pending messages in the order of their time, locked.

        The order is the provider's time, then arrival: acknowledgements race for ids.
        A customer whose earlier message waits for another try is left alone.
        """
        self.env.cr.execute(
            """
            SELECT id
              FROM whatsapp_omni_event event
             WHERE state = 'pending' AND kind = 'message'
               AND (next_try_at IS NULL OR next_try_at <= now() AT TIME ZONE 'UTC')
               AND NOT EXISTS (
                   SELECT FROM whatsapp_omni_event earlier
                    WHERE earlier.state = 'pending' AND earlier.kind = 'message'
                      AND earlier.next_try_at > now() AT TIME ZONE 'UTC'
                      AND earlier.line_id = event.line_id
                      AND earlier.customer_key = event.customer_key
                      AND earlier.id != event.id
               )
             ORDER BY provider_time, id
             LIMIT %s
               FOR NO KEY UPDATE SKIP LOCKED
            """,
            (limit,),
        )
        return self.browse(row[0] for row in self.env.cr.fetchall())

    def _apply(self):
        """Apply these events: customers' messages become messages in their channels."""
        inbound = []
        for event in self:
            value = event._parse()
            if not isinstance(value, values.Message):
                event._finish("ignored", self.env._("It holds no message any more."))
            elif not event.line_id._is_app(value.app):
                event._finish(
                    "failed", self.env._("It names another app than the line.")
                )
            elif value.kind == "welcome_request":
                event._finish("ignored", self.env._("The customer opened the chat."))
            else:
                inbound.append((event, value))
        self.env["whatsapp_omni.message"]._receive_messages(inbound)
        self.flush_recordset()

    def _parse(self):
        """Return the value that the body holds.

        :raises CallbackError, ValueError: when it holds none
        """
        return parse(json.loads(self.body), self.received_at.replace(tzinfo=UTC))

    def _apply_alone(self):
        self.ensure_one()
        try:
            with self.env.cr.savepoint():
                self._apply()
        except Exception as error:
            self._retry_or_set_aside(error)

    def _finish(self, state, explanation=None):
        self.write({"state": state, "error": explanation, "next_try_at": False})

    def _retry_or_set_aside(self, error):
        """Try again later, or set the event aside with the reason for a person."""
        text = "".join(traceback.format_exception(error))
        if self.tries >= len(RETRY_SECONDS):
            _logger.error("Event %s cannot be applied:\n%s", self.id, text)
            self._finish("failed", text)
            return
        next_try_at = fields.Datetime.now() + timedelta(
            seconds=RETRY_SECONDS[self.tries]
        )
        self.write({"tries": self.tries + 1, "next_try_at": next_try_at, "error": text})
        self._wake()

    # === RECEIPTS THAT CAME TOO EARLY === #

    @api.model
    def _settle_receipts(self, gs_ids=None):
        """Apply parked receipts whose message is known by now; give up on old ones.

        :param gs_ids: look at the receipts of these messages only
        """
        domain = Domain("state", "=", "pending") & Domain("kind", "=", "receipt")
        if gs_ids is not None:
            domain &= Domain.OR(
                Domain("dedupe_key", "=like", f"r:{gs_id}:%") for gs_id in gs_ids
            )
        too_old = fields.Datetime.now() - timedelta(minutes=PARKED_RECEIPT_MINUTES)
        for event in self.search(domain, order="provider_time, id", limit=1000):
            if event._apply_parked(event._parse()):
                event._finish("applied")
            elif event.received_at < too_old:
                event._finish("ignored", self.env._("No message of ours has this id."))

    def _apply_parked(self, receipt):
        line_id = self.line_id.id
        if journal.apply_parked_receipt(self.env.cr, line_id, receipt):
            return True
        Message = self.env["whatsapp_omni.message"]
        lost = Message._find_unanswered(self.line_id, receipt)
        return bool(lost) and journal.adopt_receipt(self.env.cr, lost.id, receipt)

    # === ACTIONS === #

    def action_replay(self):
        """Apply these events again, as if they had just arrived.

        Safe at any time: what was applied already is recognised and changes nothing.
        """
        self.check_access("write")
        for event in self.filtered(
            lambda event: event.body and event.state != "pending"
        ):
            if event.state == "duplicate":
                continue
            try:
                kind, state = self._classify(event._parse())
            except (CallbackError, ValueError) as error:
                raise UserError(
                    self.env._(
                        "Event %(id)s cannot be read: %(error)s",
                        id=event.id,
                        error=error,
                    )
                ) from error
            event.write(
                {"kind": kind, "state": state, "tries": 0, "next_try_at": False}
            )
        self._wake()

    @api.autovacuum
    def _gc_journal(self):
        """Forget what was dealt with long ago."""
        limit = fields.Datetime.now() - timedelta(days=KEEP_DAYS)
        self.env.cr.execute(
            """
            DELETE FROM whatsapp_omni_event
             WHERE received_at < %s AND state IN ('applied', 'duplicate', 'ignored')
            """,
            (limit,),
        )
