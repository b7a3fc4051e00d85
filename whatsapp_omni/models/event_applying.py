# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import json
import logging
import time
import traceback
import zlib
from datetime import UTC, timedelta

from odoo import api, fields, models

from ..gupshup import values
from ..gupshup.callbacks import parse
from ..tools import background, journal
from .message_sending import no_commit

_logger = logging.getLogger(__name__)

#: Seconds to wait before the next try of an event that failed. After the last one it
#: is set aside. Short, because the customer's later messages wait for it.
RETRY_SECONDS = (2, 10, 60)

#: Seconds that the scheduled action stays for events that are due again soon, and its
#: longest pause before it looks whether something else has come.
PATIENCE = 5
LONGEST_PAUSE = 0.5

#: How long a receipt waits for the message that it belongs to.
PARKED_RECEIPT_MINUTES = 5

#: How many parked receipts are looked at in one go.
PARKED_RECEIPTS = 1000

# A customer whose earlier message waits for another try is left alone.
_DUE = """
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
              AND (earlier.provider_time, earlier.id)
                  < (event.provider_time, event.id)
       )
"""

_CLAIM = f"{_DUE} ORDER BY provider_time, id LIMIT %s FOR NO KEY UPDATE SKIP LOCKED"
_ANY_DUE = f"{_DUE} LIMIT 1"

# Asked first, as it is planned in a third of the time and mostly finds nothing.
_ANY_PENDING = """
    SELECT FROM whatsapp_omni_event WHERE state = 'pending' AND kind = 'message' LIMIT 1
"""

# The id that the identity of a receipt names: see gupshup.callbacks_v2.receipt_key.
_RECEIPT_ID = "split_part(event.dedupe_key, ':', 2)"

_IS_PARKED = "event.state = 'pending' AND event.kind = 'receipt'"

# Two questions, because each has an index that answers it at once.
_BY_GS_ID, _BY_WA_ID = (
    f"""
    EXISTS (SELECT FROM whatsapp_omni_message message
             WHERE message.{column} = {_RECEIPT_ID} AND message.direction = 'outbound'
               AND message.line_id = event.line_id)
    """
    for column in ("gs_id", "wa_id")
)
_IS_KNOWN = f"({_BY_GS_ID} OR {_BY_WA_ID})"

# Another tool on the same app may park more receipts than we can look at: those of
# messages that we know come first, then the latest.
_PARKED = f"""
    SELECT event.id FROM whatsapp_omni_event event WHERE {_IS_PARKED}
     ORDER BY {_IS_KNOWN} DESC, event.id DESC LIMIT %s
"""

_PARKED_OF = f"""
    SELECT event.id FROM whatsapp_omni_event event
     WHERE {_IS_PARKED} AND {_RECEIPT_ID} = ANY(%s)
"""

_GIVE_UP = f"""
    UPDATE whatsapp_omni_event event
       SET state = 'ignored', error = %(reason)s, next_try_at = NULL
     WHERE {_IS_PARKED} AND NOT {_IS_KNOWN}
       AND event.received_at
           < now() AT TIME ZONE 'UTC' - %(minutes)s * interval '1 minute'
"""

_APPLY_LOCK = zlib.crc32(b"whatsapp_omni.event") & 0x7FFFFFFF

_apply_flight = background.SingleFlight()


class Pace:
    """How many events to take per transaction.

    Rows become visible at commit, so a batch is small while little waits. A claim that
    comes back full means that more is waiting: then larger batches save work, and after
    some of these it is better to catch up than to show each message soon.
    """

    SMALLEST, LARGEST = 2, 25
    SECONDS, SECONDS_BEHIND, BEHIND_AFTER = 0.15, 0.6, 4

    def __init__(self):
        self.size, self.full_claims = self.SMALLEST, 0

    def adapt(self, claimed, seconds):
        if claimed < self.size:
            self.size, self.full_claims = self.SMALLEST, 0
            return
        self.full_claims += 1
        behind = self.full_claims >= self.BEHIND_AFTER
        if seconds < (self.SECONDS_BEHIND if behind else self.SECONDS):
            self.size = min(self.size * 2, self.LARGEST)


class WhatsAppEvent(models.Model):
    """How the journal is applied: in order, once, by one worker at a time.

    It starts right after the answer to the callback, within the same worker, for at
    most a second; a scheduled action runs the same methods and sweeps what is left.
    """

    _inherit = "whatsapp_omni.event"

    # === AFTER THE ANSWER === #

    @api.model
    def _after_answer(self, received):
        """Go on once the answer is sent. The request's own cursor is closed by now."""
        registry = self.env.registry
        if received.messages:
            background.quietly(self._apply_now, registry)
            self.env["whatsapp_omni.conversation"]._distribute_if_asked(registry)
        if received.receipts:
            background.quietly(
                self.env["whatsapp_omni.message"]._wake_statuses, registry
            )
        if received.templates:
            background.quietly(self._wake_templates_now, registry)
        if received.preferences:
            background.quietly(self._apply_preferences_now, registry)

    @staticmethod
    def _apply_now(registry):
        def work():
            with background.background_env(registry) as env:
                Event = env["whatsapp_omni.event"]
                if Event._apply_pending(background.REQUEST_SECONDS, env.cr.commit):
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
        if received.templates:
            self._apply_templates_round(no_commit)
        if received.preferences:
            self._apply_preferences()

    @api.model
    def _cron_apply(self):
        """Apply what requests left over and what is due for another try."""
        with background.background_env(self.env.registry) as env:
            Event = env["whatsapp_omni.event"]
            box = background.TimeBox(PATIENCE)
            while not Event._apply_pending(PATIENCE, env.cr.commit):
                pause = Event._seconds_to_next()
                if pause is None or pause > PATIENCE or not box.open:
                    break
                time.sleep(min(max(pause, 0.05), LONGEST_PAUSE))  # until it is due
                env.cr.rollback()
            else:
                Event._wake()
            Event._settle_receipts()
            env.cr.commit()
            Event._apply_preferences()
            env.cr.commit()
        self.env["whatsapp_omni.conversation"]._distribute_if_asked(self.env.registry)

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
        # what a crash left behind wait that long. The first request takes care of it.
        # Without one, the action does, if its worker listens already.
        self.env.registry.whatsapp_omni_leftovers = True
        self.env.cr.execute(
            "SELECT FROM whatsapp_omni_event WHERE state = 'pending' LIMIT 1"
        )
        if self.env.cr.rowcount and self.env.ref(
            "whatsapp_omni.ir_cron_apply_events", raise_if_not_found=False
        ):
            self._wake()

    @api.model
    def _resume(self, registry):
        """Go on with what the former process left behind, after an answer is sent."""
        if not vars(registry).pop("whatsapp_omni_leftovers", False):
            return
        background.quietly(self._apply_now, registry)
        background.quietly(self.env["whatsapp_omni.message"]._send_now, registry)

    # === APPLYING === #

    @api.model
    def _apply_pending(self, seconds, commit):
        """Apply pending messages, oldest first, one transaction per batch.

        All processes share one lock, which gives each customer their order for free.
        Whoever does not get it leaves: the holder looks once more after it let the lock
        go, so nobody's event is stranded in between.

        :param commit: called after each batch; it also lets the lock go
        :return: whether something is left to do
        :rtype: bool
        """
        box, pace, misses = background.TimeBox(seconds), Pace(), 0
        while self._take_lock():
            start = time.monotonic()
            claimed = self._apply_batch(pace.size)
            commit()
            if claimed < pace.size and not self._is_any_due():
                return False
            misses = 0 if claimed else misses + 1
            if misses > 1:  # what is due is locked elsewhere: leave it to the sweep
                return False
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
            self._apply_one_by_one(events)
        return len(events)

    @api.model
    def _claim(self, limit):
        """Return pending messages in the order of their time, locked.

        The order is the provider's time, then arrival: acknowledgements race for ids.
        """
        self.env.cr.execute(_CLAIM, (limit,))
        return self.browse(row[0] for row in self.env.cr.fetchall())

    @api.model
    def _is_any_due(self):
        for question in (_ANY_PENDING, _ANY_DUE):
            self.env.cr.execute(question)
            if not self.env.cr.rowcount:
                return False
        return True

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

    @api.model
    def _apply_one_by_one(self, events):
        """Apply each event on its own; behind one that fails its customer waits."""
        waiting = set()
        for event in events:
            customer = (event.line_id, event.customer_key)
            if customer in waiting:
                continue
            try:
                with self.env.cr.savepoint():
                    event._apply()
            except Exception as error:
                event._retry_or_set_aside(error)
                if event.state == "pending":
                    waiting.add(customer)

    def _finish(self, state, explanation=None):
        error = self._mask_error(self.line_id, explanation)
        self.write({"state": state, "error": error, "next_try_at": False})

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
        self.write(
            {
                "tries": self.tries + 1,
                "next_try_at": next_try_at,
                "error": self._mask_error(self.line_id, text),
            }
        )
        self._wake()

    # === RECEIPTS THAT CAME TOO EARLY === #

    @api.model
    def _settle_receipts(self, ids=None):
        """Apply parked receipts whose message is known by now; give up on old ones.

        :param ids: look only at receipts that name one of these, ids of GupShup or of
            WhatsApp
        """
        self.env["whatsapp_omni.message"].flush_model()
        for event in self._find_parked(ids):
            event._settle()
        if ids is None:
            self._give_up_parked()

    @api.model
    def _settle_known_receipts(self):
        """Apply parked receipts that name a message by an id that is known by now.

        Such an id may have come with another receipt, committed in the same moment.
        """
        for event in self._find_known_receipts():
            event._settle()

    @api.model
    def _find_known_receipts(self):
        self.env["whatsapp_omni.message"].flush_model()
        self.flush_model()
        self.env.cr.execute(
            """
            WITH parked AS MATERIALIZED (
                SELECT id, line_id, provider_time,
                       split_part(dedupe_key, ':', 2) AS message_id
                  FROM whatsapp_omni_event
                 WHERE state = 'pending' AND kind = 'receipt'
            )
            SELECT id FROM parked
             WHERE EXISTS (SELECT FROM whatsapp_omni_message
                            WHERE line_id = parked.line_id
                              AND gs_id = parked.message_id)
                OR EXISTS (SELECT FROM whatsapp_omni_message
                            WHERE line_id = parked.line_id AND direction = 'outbound'
                              AND wa_id = parked.message_id)
             ORDER BY provider_time, id
            """
        )
        return self.browse(row[0] for row in self.env.cr.fetchall())

    @api.model
    def _find_parked(self, ids):
        self.flush_model()
        if ids is None:
            self.env.cr.execute(_PARKED, (PARKED_RECEIPTS,))
        else:
            self.env.cr.execute(_PARKED_OF, (list(ids),))
        parked = self.browse(row[0] for row in self.env.cr.fetchall())
        return parked.sorted(lambda e: (e.provider_time or e.received_at, e.id))

    def _settle(self):
        """Apply this parked receipt if its message is known; it must harm no other."""
        try:
            with self.env.cr.savepoint():
                if self._apply_parked():
                    self._finish("applied")
        except Exception as error:
            text = "".join(traceback.format_exception(error))
            _logger.error("Receipt %s cannot be applied:\n%s", self.id, text)
            self._finish("failed", text)

    @api.model
    def _give_up_parked(self):
        """Leave alone what has waited in vain: other tools send by the same app."""
        self.flush_model()
        self.env.cr.execute(
            _GIVE_UP,
            {
                "minutes": PARKED_RECEIPT_MINUTES,
                "reason": self.env._("No message of ours has this id."),
            },
        )
        self.invalidate_model(["state", "error", "next_try_at"], flush=False)

    def _apply_parked(self):
        Message = self.env["whatsapp_omni.message"]
        cr, line, receipt = self.env.cr, self.line_id, self._parse()
        message_id = journal.apply_receipt(cr, line.id, receipt)
        if not message_id and (lost := Message._find_unanswered(line, receipt)):
            message_id = journal.adopt_receipt(cr, lost.id, receipt)
        Message.browse(message_id or []).invalidate_recordset()
        return bool(message_id)
