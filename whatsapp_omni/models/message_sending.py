# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import logging
import time
import zlib
from datetime import timedelta

from psycopg2.errors import UniqueViolation

from odoo import api, fields, models
from odoo.fields import Domain

from ..gupshup import client as api_client
from ..gupshup import exceptions, limits, outgoing, status
from ..tools import background, journal
from ..tools.calls import RATE_SECONDS, Calls, Job, room_in_rate
from .message_content import Content

_logger = logging.getLogger(__name__)

#: Messages under way at once, of one line and of all. Each waits for the provider in a
#: thread that touches no cursor. Fewer would be idle while results are written down.
PARALLEL = 16
PARALLEL_IN_ALL = 2 * PARALLEL

#: Seconds to wait before the next try of what surely did not arrive. Afterwards it is
#: for the agent to decide.
RETRY_SECONDS = (1, 5, 15, 60, 300)

#: A message that was being sent this long ago belongs to a process that died.
LOST_AFTER = timedelta(minutes=2)

#: A receipt this much later than a request without an answer may be its answer. The
#: answer to another request, which would tell that it is not, is waited for first.
ADOPT_WITHIN = timedelta(minutes=2)
ADOPT_AFTER = timedelta(seconds=30)

#: Seconds that the scheduled action stays for messages that are due again soon. It is
#: short because all scheduled actions of a database may have one worker between them.
PATIENCE = 10

#: Longest pause, in seconds, before it looks whether something else has come.
LONGEST_PAUSE = 0.5

_CLAIM_LOCK = zlib.crc32(b"whatsapp_omni.outbox") & 0x7FFFFFFF

# Of each channel the oldest message only, and none while another is under way: the
# provider promises no order between two requests.
_IS_DUE = "(m.next_try_at IS NULL OR m.next_try_at <= now() AT TIME ZONE 'UTC')"

_UNBLOCKED = """
    m.state = 'queued' AND NOT EXISTS (
        SELECT FROM whatsapp_omni_message other
         WHERE other.channel_id = m.channel_id
           AND (other.state = 'sending' OR other.state = 'queued' AND other.id < m.id))
"""

_CLAIM = f"""
    SELECT m.id
      FROM whatsapp_omni_message m
     WHERE m.line_id = %s AND {_IS_DUE} AND {_UNBLOCKED}
     ORDER BY m.id
     LIMIT %s
       FOR NO KEY UPDATE SKIP LOCKED
"""

# The line that had its turn longest ago comes first.
_WAITING_LINES = f"""
    SELECT line.id, provider.rate,
           (SELECT count(*) FROM whatsapp_omni_message busy
             WHERE busy.id = ANY(%s) AND busy.line_id = line.id)
      FROM whatsapp_omni_line line
      JOIN whatsapp_omni_provider provider ON provider.id = line.provider_id
     WHERE EXISTS (SELECT FROM whatsapp_omni_message m
                    WHERE m.line_id = line.id AND m.state = 'queued' AND {_IS_DUE})
     ORDER BY (SELECT max(used.requested_at) FROM whatsapp_omni_message used
                WHERE used.line_id = line.id) NULLS FIRST
"""

# Not clock_timestamp(): it is volatile, so that no index could be asked with it.
_LAST_REQUESTS = """
    SELECT EXTRACT(EPOCH FROM statement_timestamp() AT TIME ZONE 'UTC' - requested_at)
      FROM whatsapp_omni_message
     WHERE line_id = %s
       AND requested_at
           > statement_timestamp() AT TIME ZONE 'UTC' - %s * interval '1 second'
     ORDER BY requested_at DESC
     LIMIT %s
"""

_IS_ANYBODY_SENDING = """
    SELECT EXISTS (SELECT FROM whatsapp_omni_message
                    WHERE state = 'sending' AND requested_at > %(lost)s)
        OR EXISTS (SELECT FROM whatsapp_omni_read_receipt
                    WHERE requested_at > %(lost)s)
"""

_SECONDS_TO_NEXT = f"""
    SELECT EXTRACT(EPOCH FROM
               min(COALESCE(m.next_try_at, now() AT TIME ZONE 'UTC'))
               - now() AT TIME ZONE 'UTC')
      FROM whatsapp_omni_message m
     WHERE {_UNBLOCKED}
"""


def no_commit():
    """Stand in for the commit on a test's only transaction, which must go on."""


class WhatsAppMessage(models.Model):
    """How the outbox is sent: in order per customer, within the rate, never twice.

    To send a message, a worker marks it *sending* and commits, calls the provider, and
    writes the result in a transaction of its own. GupShup knows no idempotency key:
    what was *sending* when its worker died, or got no answer in time, is *unknown*, and
    never sent again by itself.
    """

    _inherit = "whatsapp_omni.message"

    @api.model
    def _send_now(self, registry):
        """Send what waits, from a request whose answer is out.

        Of all processes one at a time does: a slow provider may keep one worker busy,
        but not all of them. What is not sent here goes to the scheduled action.
        """
        with background.background_env(registry) as env:
            Message = env["whatsapp_omni.message"]
            box = background.TimeBox(background.REQUEST_SECONDS)
            while box.open and Message._send_round(env.cr.commit, alone=True, box=box):
                continue
            Message._hand_over(PATIENCE)
            env.cr.commit()

    @api.model
    def _cron_send(self):
        """Send what requests left over, retry what is due, give up what got lost."""
        with background.background_env(self.env.registry) as env:
            Message = env["whatsapp_omni.message"]
            Message._give_up_lost()
            env.cr.commit()
            box = background.TimeBox(PATIENCE)
            while box.open:
                if Message._send_round(env.cr.commit, box=box):
                    continue
                pause = Message._seconds_to_next()
                if pause is None or pause > PATIENCE:
                    break
                # Either a later try is due in a moment or the rate is used up.
                time.sleep(min(max(pause, 0.05), LONGEST_PAUSE))
                env.cr.rollback()
            Message._hand_over(0)
            env.cr.commit()

    @api.model
    def _hand_over(self, horizon):
        """Leave what is due within ``horizon`` seconds to the scheduled action."""
        pause = self._seconds_to_next()
        is_due = pause is not None and pause <= horizon
        if is_due or self.env["whatsapp_omni.read.receipt"]._is_any_due():
            self.env.ref("whatsapp_omni.ir_cron_send_outbox")._trigger()

    @api.model
    def _seconds_to_next(self):
        """Return in how many seconds something can be sent, None when nothing waits."""
        self.env.cr.execute(_SECONDS_TO_NEXT)
        seconds = self.env.cr.fetchone()[0]
        return None if seconds is None else max(float(seconds), 0.0)

    @api.model
    def _send_round(self, commit, alone=False, box=None):
        """Send at most one message of each of some channels; return how many.

        With no message to send, blue ticks are given.

        :param commit: called after each step, so that no lock is held while the
            provider is waited for
        :param alone: send only if nobody else is sending
        :param box: while this time box is open, each call that has returned makes room
            for another message at once
        """
        with Calls(PARALLEL_IN_ALL) as calls:
            try:
                count = self._send_beside(calls, commit, alone, box)
            except Exception:
                # Whatever it was: what the provider has told must not get lost.
                self.env.cr.rollback()
                self._note_results(calls.land_all())
                commit()
                raise
        if count:
            return count
        Receipt = self.env["whatsapp_omni.read.receipt"]
        return Receipt._send_round(PARALLEL, commit, alone)

    @api.model
    def _send_beside(self, calls, commit, alone, box):
        """Send some messages beside each other; return how many."""
        landed, started = self.browse(), self._start_calls(calls, commit, alone)
        count = len(started)
        while count:
            # Calls first: while they are under way there is time for the screens.
            started._note_leaving()
            landed._show_results()
            commit()
            if not (calls or calls.pause):
                break
            landed = self._note_results(calls.land(LONGEST_PAUSE))
            commit()
            calls.forget_landed()
            calls.pause, started = None, self.browse()
            if box and box.open:
                started = self._start_calls(calls, commit, alone)
                count += len(started)
        return count

    @api.model
    def _start_calls(self, calls, commit, alone):
        """Claim what may be sent beside the calls under way and call the provider.

        :return: the messages that were claimed
        """
        claimed = self._claim_outbox(alone, calls)
        jobs = claimed._make_jobs() if claimed else []
        commit()
        calls.start(jobs)
        return claimed

    def _show_results(self):
        """Show on the screens what became of these messages and of those like them."""
        self._settle_receipts()
        self._push_dirty_statuses()

    def _settle_receipts(self):
        """Apply the receipts that came before we knew the ids of these messages."""
        Event = self.env["whatsapp_omni.event"]
        if "unknown" in self.mapped("state"):
            Event._settle_receipts()
        elif ids := [message.gs_id for message in self if message.gs_id]:
            Event._settle_receipts(ids)

    @api.model
    def _claim_outbox(self, alone=False, calls=None):
        """Mark some messages as being sent and return them.

        Of each line no more than its rate allows within any second, whatever waits on
        other lines.

        :param alone: only if nobody else is sending
        :param calls: those that we have under way; told when there is room for more
        """
        self.env.flush_all()
        under_way, pauses, claimed = calls.record_ids if calls else [], [], []
        if self._take_turn(alone and not under_way):
            self.env.cr.execute(_WAITING_LINES, (under_way,))
            for line_id, rate, busy in self.env.cr.fetchall():
                room, pause = self._room_in_rate(line_id, rate)
                left = PARALLEL_IN_ALL - len(under_way) - len(claimed)
                if (limit := min(PARALLEL - busy, left, room)) > 0:
                    self.env.cr.execute(_CLAIM, (line_id, limit))
                    claimed += [row[0] for row in self.env.cr.fetchall()]
                pauses.append(pause)
        if calls is not None:
            calls.pause = min(filter(None, pauses), default=None)
        messages = self.browse(claimed)
        messages._mark_sending()
        return messages

    @api.model
    def _take_turn(self, alone):
        """Wait until nobody else claims; tell whether we may.

        Claims take turns until they commit, which makes exact both the count of the
        last second and the answer to whether anybody is sending.

        :param alone: we may only if nobody is; who died is not counted for ever
        """
        self.env.cr.execute("SELECT pg_advisory_xact_lock(%s)", (_CLAIM_LOCK,))
        if not alone:
            return True
        lost = fields.Datetime.now() - LOST_AFTER
        self.env.cr.execute(_IS_ANYBODY_SENDING, {"lost": lost})
        return not self.env.cr.fetchone()[0]

    @api.model
    def _room_in_rate(self, line_id, rate):
        """Return how many messages the line may send now, and if none, when again."""
        self.env.cr.execute(_LAST_REQUESTS, (line_id, RATE_SECONDS, rate))
        return room_in_rate([float(row[0]) for row in self.env.cr.fetchall()], rate)

    def _mark_sending(self):
        if not self:
            return
        # Plain SQL for the microseconds: the ORM would round the time of the request to
        # the second, and the rate is counted by it.
        self.env.cr.execute(
            """
            UPDATE whatsapp_omni_message
               SET requested_at = clock_timestamp() AT TIME ZONE 'UTC',
                   state = 'sending', rank = %s, next_try_at = NULL
             WHERE id = ANY(%s)
            """,
            (status.RANKS["sending"], self.ids),
        )
        self.invalidate_recordset()

    def _note_leaving(self):
        """Note which of these are answers, once each, and hold up nothing if it fails.

        They are on their way: what cannot be noted is missing in a list, no more.
        """
        leaving = self.filtered(lambda m: m.state == "sending" and not m.tries)
        try:
            with self.env.cr.savepoint():
                leaving._note_answers()
        except Exception:
            _logger.exception("Answers %s could not be noted", leaving.ids)

    def _note_answers(self):
        """Note in their conversations that these messages answer the customer.

        What the customer wrote after an answer was posted waits for the next one.
        """
        now = fields.Datetime.now()
        answers = self.filtered(
            lambda message: message.kind != "reaction"
            and not message.automatic
            and (not message.parked_reply_id or message.parked_reply_id._is_answer())
        )
        if not answers:
            return
        answers.conversation_id._lock()
        later = answers._find_later()
        for message in answers:
            conversation, unanswered = message.conversation_id, later[message]
            news = {
                "waiting_count": len(unanswered),
                "waiting_since": unanswered[:1].sent_at,
                "answered_at": conversation.answered_at
                or (not conversation._awaits_first_answer() and now),
                **conversation._begin_silence(message, unanswered),
            }
            if not unanswered:
                news |= {
                    "last_message_at": now,
                    "last_text": message._preview_answer(),
                    "last_kind": message.kind,
                    "last_direction": "outbound",
                }
            conversation.write(news)
        answers.conversation_id._push()

    def _find_later(self):
        """Return what customers wrote after each of these was posted, as a dict."""
        inbound = self.search(
            Domain("conversation_id", "in", self.conversation_id.ids)
            & Domain("direction", "=", "inbound")
            & Domain("id", ">", min(self.ids)),
            order="id",
        ).grouped("conversation_id")
        return {
            message: inbound.get(message.conversation_id, self.browse()).filtered(
                lambda other, message=message: other.id > message.id
            )
            for message in self
        }

    def _preview_answer(self):
        text = self.conversation_id._mask(self.text or self.attachment_id.name)
        return text and self._one_line(text)

    def _make_jobs(self):
        """Return the provider's calls."""
        try:
            with self.env.cr.savepoint():
                jobs = [message._make_job() for message in self]
        except Exception:  # one by one it is seen whose it was
            jobs = [message._make_job_or_fail() for message in self]
        return list(filter(None, jobs))

    def _make_job_or_fail(self):
        """Return the provider's call; a message that has none must not stop others."""
        try:
            with self.env.cr.savepoint():
                return self._make_job()
        except Exception as error:
            _logger.exception("Message %s cannot be sent", self.id)
            self._fail(None, str(error)[:200])
            return None

    def _make_job(self):
        """Return the provider's call for this message, None when it cannot be made."""
        if self.kind != "template" and not self.conversation_id.window_open:
            self._fail(131047, self.env._("The window closed before it could be sent."))
            return None
        if self._lacks_file():
            self._fail(
                None, self.env._("The file was deleted before it could be sent.")
            )
            return None
        if reason := self._explain_unsendable_template():
            self._fail(None, reason)
            return None
        customer = self.customer_id
        destination = customer.wa_id or customer.business_user_id
        if not destination:
            self._fail(None, self._explain_unreachable())
            return None
        try:
            request = self._build_request()
        except limits.LimitError as error:
            self._fail(None, self._explain_limit(error))
            return None
        client = self.line_id._get_client()
        call = client.send_template if self.kind == "template" else client.send
        return Job(self.id, call, (destination, *request))

    def _build_request(self):
        """Return the arguments after the destination of the provider's call."""
        quoted = self.quoted_id
        reference = quoted.gs_id or quoted.wa_id or ""
        if self.kind == "reaction":
            return (outgoing.reaction(reference, self.text or ""),)
        attachment, url = self.attachment_id, ""
        if attachment:
            url = attachment._whatsapp_omni_public_url(self.line_id.get_base_url())
        content = Content(self.kind, self.text, attachment.id, self.payload)
        name = attachment._whatsapp_omni_real_name()
        return self._content_request(content, url, name, reference)

    # === RESULTS === #

    @api.model
    def _note_results(self, results):
        """Write down what these calls returned, pairs of a job and its result.

        :return: the messages that they were about
        """
        try:
            with self.env.cr.savepoint():
                for job, result in results:
                    self.browse(job.record_id)._note_result(result)
        except UniqueViolation:  # one by one it is seen whose it was
            for job, result in results:
                self.browse(job.record_id)._note_result_once(result)
        return self.browse(job.record_id for job, _result in results)

    def _note_result_once(self, result):
        """Write the result down; an id that another message has proves nothing."""
        try:
            with self.env.cr.savepoint():
                self._note_result(result)
        except UniqueViolation:
            _logger.warning("Message %s got the id of another message", self.id)
            self._advance(
                "unknown",
                provider_reason=self.env._(
                    "The provider gave it the id of another one."
                ),
            )

    def _note_result(self, result):
        """Write down what the provider answered, or that it did not."""
        if isinstance(result, api_client.Submitted):
            self._advance("submitted", gs_id=result.gs_id)
        elif isinstance(result, exceptions.Ambiguous):
            self._advance("unknown", provider_reason=result.reason)
        elif self._may_try_again(result):
            self._try_later(result)
        elif isinstance(result, exceptions.Unauthorized):
            explanation = self.env._(
                "The provider refuses the line's key (%s). Tell your administrator.",
                result.reason,
            )
            self._fail(None, explanation)
        else:
            self._fail(result.code, result.reason)

    def _may_try_again(self, error):
        harmless = (exceptions.NotSent, exceptions.RateLimited, exceptions.Unavailable)
        return isinstance(error, harmless) and self.tries < len(RETRY_SECONDS)

    def _try_later(self, error):
        """Queue again what surely did not arrive."""
        seconds = getattr(error, "retry_after", None) or RETRY_SECONDS[self.tries]
        next_try_at = fields.Datetime.now() + timedelta(seconds=min(seconds, 3600))
        self.write(
            {
                # The only step down there is: the provider never had it.
                "state": "queued",
                "rank": status.RANKS["queued"],
                "tries": self.tries + 1,
                "next_try_at": next_try_at,
                "provider_reason": error.reason,
                "dirty": True,
            }
        )

    def _fail(self, code, reason):
        self._advance("failed", error_code=code, provider_reason=reason)

    def _advance(self, state, **news):
        self.write(
            {
                "provider_reason": False,
                **news,
                "state": state,
                "rank": status.RANKS[state],
                "next_try_at": False,
                "dirty": True,
            }
        )

    @api.model
    def _give_up_lost(self):
        """Admit that we do not know what became of what dead workers were sending."""
        lost = self.search(
            Domain("state", "=", "sending")
            & Domain("requested_at", "<", fields.Datetime.now() - LOST_AFTER)
        )
        lost._note_leaving()  # in case the worker died before it did
        for message in lost:
            message._advance(
                "unknown", provider_reason=self.env._("Sending it was interrupted.")
            )
        self._push_dirty_statuses()

    @api.model
    def _find_unanswered(self, line, receipt):
        """Return the one message of unknown fate that ``receipt`` may be about.

        Its request got no answer, hence we never learned its id. A receipt with an id
        that we do not know, for the same number and shortly after, tells it, unless
        it may be about a later request as well.
        """
        if not (receipt.gs_id and receipt.destination and receipt.time):
            return self.browse()
        moment = journal.naive_utc(receipt.time)
        if moment > fields.Datetime.now() - ADOPT_AFTER:
            return self.browse()
        candidates = self.search(
            Domain("line_id", "=", line.id)
            & Domain("state", "=", "unknown")
            & Domain("gs_id", "=", False)
            & Domain("superseded", "=", False)
            & Domain("customer_id.wa_id", "=", receipt.destination)
            & Domain("requested_at", ">=", moment - ADOPT_WITHIN)
            & Domain("requested_at", "<=", moment + timedelta(seconds=5))
        )
        if len(candidates) != 1 or candidates._is_followed():
            return self.browse()
        return candidates

    def _is_followed(self):
        """Tell whether something else of this channel was sent since, or is now."""
        later = Domain("state", "=", "sending") | Domain(
            "requested_at", ">", self.requested_at
        )
        return bool(
            self.search_count(
                Domain("channel_id", "=", self.channel_id.id)
                & Domain("id", "!=", self.id)
                & later,
                limit=1,
            )
        )
