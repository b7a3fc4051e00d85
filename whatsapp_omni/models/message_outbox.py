# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import logging
import time
import zlib
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import NamedTuple

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.http import request

from ..gupshup import client as api_client
from ..gupshup import errors, exceptions, limits, markup, outgoing, status
from ..tools import background, journal
from .conversation import PREVIEW_LENGTH

_logger = logging.getLogger(__name__)

#: Messages under way at once. Each waits for the provider in a thread that touches no
#: cursor; more than this gains nothing on one connection pool.
PARALLEL = 8

#: Seconds to wait before the next try of what surely did not arrive. Afterwards it is
#: for the agent to decide.
RETRY_SECONDS = (1, 5, 15, 60, 300)

#: A message that was being sent this long ago belongs to a process that died.
LOST_AFTER = timedelta(minutes=2)

#: A receipt this much later than a request without an answer may be its answer.
ADOPT_WITHIN = timedelta(minutes=2)

#: With a message under way this long the provider is slow: requests stop waiting for
#: it, the scheduled action goes on alone.
SLOW_AFTER = timedelta(seconds=1)

#: Seconds that the scheduled action waits for messages that are due again soon.
PATIENCE = 45

#: Longest pause, in seconds, before it looks whether something else has come.
LONGEST_PAUSE = 0.5

#: Seconds over which ticks are collected into one message per channel.
COLLECT_SECONDS = 0.3

#: A process wakes the ticks at most this often, in seconds. Shorter than the collecting
#: time, so that a call that is spared is always covered by the one before.
WAKE_SECONDS = 0.25

CAPTION_KINDS = ("image", "video", "document")

_CLAIM_LOCK = zlib.crc32(b"whatsapp_omni.outbox") & 0x7FFFFFFF

# Of each channel the oldest message only, and none while another is under way: the
# provider promises no order between two requests. Read receipts need no order.
_UNBLOCKED = """
    (m.state = 'seen' OR m.state = 'queued' AND NOT EXISTS (
        SELECT FROM whatsapp_omni_message other
         WHERE other.channel_id = m.channel_id
           AND (other.state = 'sending' OR other.state = 'queued' AND other.id < m.id)))
"""

_CLAIM = f"""
    SELECT m.id, m.line_id
      FROM whatsapp_omni_message m
     WHERE {_UNBLOCKED}
       AND (m.next_try_at IS NULL OR m.next_try_at <= now() AT TIME ZONE 'UTC')
     ORDER BY m.id
     LIMIT %s
       FOR NO KEY UPDATE SKIP LOCKED
"""

_SECONDS_TO_NEXT = f"""
    SELECT EXTRACT(EPOCH FROM
               min(COALESCE(m.next_try_at, now() AT TIME ZONE 'UTC'))
               - now() AT TIME ZONE 'UTC')
      FROM whatsapp_omni_message m
     WHERE {_UNBLOCKED}
"""

_last_wake = {}


class Job(NamedTuple):
    """One call of the provider. Made of plain values: it runs in a thread."""

    message_id: int
    call: callable
    arguments: tuple


def run_job(job):
    """Call the provider; return the answer, or the error as a value."""
    try:
        return job, job.call(*job.arguments)
    except exceptions.GupshupError as error:
        return job, error


def no_commit():
    """Stand in for the commit on a test's only transaction, which must go on."""


class WhatsAppMessage(models.Model):
    """The outbox: what may be sent now, in which order, how often, and what came of it.

    A message is *queued* in the transaction that posts it. To send it, a worker marks it
    *sending* and commits, calls the provider, and writes the result in a transaction of
    its own. GupShup knows no idempotency key: what was *sending* when its worker died,
    or got no answer in time, is *unknown*, and never sent again by itself.
    """

    _inherit = "whatsapp_omni.message"

    text = fields.Text(
        readonly=True, help="The text or caption, with WhatsApp's marks."
    )
    attachment_id = fields.Many2one("ir.attachment", readonly=True, ondelete="set null")
    quoted_id = fields.Many2one(
        "whatsapp_omni.message",
        readonly=True,
        ondelete="set null",
        help="The message that this one quotes or reacts to.",
    )
    tries = fields.Integer(readonly=True)
    next_try_at = fields.Datetime("Next try", readonly=True)
    requested_at = fields.Datetime("Last try", readonly=True)

    # Everything that waits, however much was sent before.
    _waiting = models.Index("(id) WHERE state IN ('queued', 'seen')")
    _under_way = models.Index("(channel_id, id) WHERE state IN ('queued', 'sending')")
    _requested_at_idx = models.Index("(line_id, requested_at)")
    _quoted_idx = models.Index("(quoted_id) WHERE quoted_id IS NOT NULL")
    _attachment_idx = models.Index("(attachment_id) WHERE attachment_id IS NOT NULL")

    # === WHAT MAY BE SENT === #

    @api.model
    def _check_sendable(self, channel):
        """Refuse free-form content that may not go to this channel's customer now.

        :return: the open conversation of the current user on the channel
        :raises UserError: with the reason
        """
        # sudo: whatsapp_omni.conversation - read whatever queue it is in
        conversation = channel.sudo().whatsapp_omni_conversation_id
        if conversation.state == "closed":
            raise UserError(
                self.env._(
                    "This conversation is closed. It cannot be answered any more."
                )
            )
        if conversation.user_id != self.env.user:
            raise UserError(self.env._("Take the conversation before you answer."))
        if not conversation.window_open:
            raise UserError(
                self.env._(
                    "The 24-hour window is closed: WhatsApp delivers nothing but approved"
                    " templates until the customer writes again."
                )
            )
        return conversation

    @api.model
    def _check_answer(self, channel, post_values):
        """Check an answer before it is posted; return its body as it will be shown.

        :param post_values: the arguments of ``message_post``
        :rtype: Markup
        """
        self._check_sendable(channel)
        body = post_values.get("body") or ""
        text = markup.html_to_marks(body) if isinstance(body, Markup) else body
        if len(text) > limits.TEXT_LENGTH:
            raise UserError(
                self.env._(
                    "The text is %(length)s characters long, WhatsApp takes %(limit)s.",
                    length=len(text),
                    limit=limits.TEXT_LENGTH,
                )
            )
        return Markup(markup.marks_to_html(text))

    # === FILLING THE OUTBOX === #

    @api.model
    def _queue_answer(self, channel, mail):
        """Queue what the agent has just posted: a text, files, or both."""
        conversation = channel.sudo().whatsapp_omni_conversation_id
        quoted = mail.parent_id.whatsapp_omni_message_ids
        parts = self._split_answer(markup.html_to_marks(mail.body), mail.attachment_ids)
        self.create(
            [
                {
                    **self._outbound_values(conversation),
                    **part,
                    "mail_message_id": mail.id,
                    # WhatsApp shows the quotation above the first part.
                    "quoted_id": quoted[:1].id if index == 0 else False,
                }
                for index, part in enumerate(parts)
            ]
        )
        self._wake_outbox()

    def _outbound_values(self, conversation):
        return {
            "channel_id": conversation.channel_id.id,
            "conversation_id": conversation.id,
            "line_id": conversation.line_id.id,
            "customer_id": conversation.customer_id.id,
            "company_id": conversation.company_id.id,
            "direction": "outbound",
            "state": "queued",
            "rank": status.RANKS["queued"],
        }

    def _split_answer(self, text, attachments):
        """Return the WhatsApp messages that carry one answer, as values.

        A text becomes the caption of the first file that can have one.
        """
        parts = [
            {"kind": self._attachment_kind(attachment), "attachment_id": attachment.id}
            for attachment in attachments
        ]
        if not text.strip():
            return parts
        for part in parts:
            if part["kind"] in CAPTION_KINDS and len(text) <= limits.CAPTION_LENGTH:
                part["text"] = text
                return parts
        return [{"kind": "text", "text": text}, *parts]

    def _attachment_kind(self, attachment):
        """Return as what an attachment goes out.

        :raises UserError: when WhatsApp does not take it at all
        """
        try:
            kind = limits.media_kind(
                attachment.mimetype or "",
                attachment.name or "",
                attachment.file_size,
                (attachment.raw or b"")[:64],
            )
        except limits.LimitError as error:
            raise UserError(
                f"{attachment.name}: {self._explain_limit(error)}"
            ) from error
        return "document" if kind == "file" else kind

    @api.model
    def _explain_limit(self, error):
        """Return a limit of WhatsApp in the user's language."""
        explain = {
            "empty": self.env._("The message is empty."),
            "too_long": self.env._("The text is too long for WhatsApp."),
            "media_empty": self.env._("The file is empty."),
            "media_bad_type": self.env._("WhatsApp does not take files of this type."),
        }
        if error.limit_code == "media_too_big":
            return self.env._(
                "The file has %(size)s MB, WhatsApp takes %(limit)s MB.", **error.params
            )
        return explain.get(error.limit_code) or str(error)

    @api.model
    def _queue_reaction(self, mail, emoji):
        """Queue a reaction of ours to ``mail``; an empty ``emoji`` takes it back."""
        target = mail.whatsapp_omni_message_ids.filtered(
            lambda m: m.kind != "reaction"
        )[:1]
        if not target:
            raise UserError(
                self.env._("This line is not on WhatsApp: nobody would see it.")
            )
        conversation = self._check_sendable(target.channel_id)
        self.create(
            {
                **self._outbound_values(conversation),
                "kind": "reaction",
                "text": emoji,
                "quoted_id": target.id,
            }
        )
        self._wake_outbox()

    @api.model
    def _queue_read_receipt(self, channel, mail):
        """Queue the blue ticks for all that the customer wrote up to ``mail``.

        The newest message stands for all before it.
        """
        if not channel.whatsapp_omni_line_id.send_read_receipts:
            return
        unseen = self.search(
            Domain("channel_id", "=", channel.id)
            & Domain("direction", "=", "inbound")
            & Domain("state", "=", "received")
            & Domain("mail_message_id", "<=", mail.id),
            order="id desc",
        )
        if unseen:
            unseen[0].state = "seen"
            unseen[1:].state = "read"
            self._wake_outbox()

    @api.model
    def _wake_outbox(self):
        """Have the outbox sent: right after this request's answer, else by the job."""
        if request:
            self.env.cr.postcommit.data["whatsapp_omni.outbox"] = True
        else:
            self.env.ref("whatsapp_omni.ir_cron_send_outbox")._trigger()

    # === SENDING === #

    @api.model
    def _send_now(self, registry):
        """Send what waits, from a request whose answer is out."""
        with background.background_env(registry) as env:
            Message = env["whatsapp_omni.message"]
            box = background.TimeBox(background.REQUEST_SECONDS)
            while box.open and not Message._is_provider_slow():
                if not Message._send_round(env.cr.commit):
                    break
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
                if Message._send_round(env.cr.commit):
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
        if pause is not None and pause <= horizon:
            self.env.ref("whatsapp_omni.ir_cron_send_outbox")._trigger()

    @api.model
    def _seconds_to_next(self):
        """Return in how many seconds something can be sent, None when nothing waits."""
        self.env.cr.execute(_SECONDS_TO_NEXT)
        seconds = self.env.cr.fetchone()[0]
        return None if seconds is None else max(float(seconds), 0.0)

    @api.model
    def _send_round(self, commit):
        """Send at most one message of each of some channels; return how many.

        :param commit: called after each step, so that no lock is held while the
            provider is waited for
        """
        claimed = self._claim_outbox(PARALLEL)
        jobs = [job for message in claimed if (job := message._make_job())]
        commit()
        for job, result in self._call_provider(jobs):
            self.browse(job.message_id)._note_result(result)
            commit()
        if claimed:
            claimed._settle_receipts()
            self._push_dirty_statuses()
            commit()
        return len(claimed)

    def _settle_receipts(self):
        """Apply the receipts that came before we knew the ids of these messages."""
        Event = self.env["whatsapp_omni.event"]
        if "unknown" in self.mapped("state"):
            Event._settle_receipts()
        elif ids := [message.gs_id for message in self if message.gs_id]:
            Event._settle_receipts(ids)

    @api.model
    def _call_provider(self, jobs):
        """Yield the result of each job as it comes in."""
        if len(jobs) < 2:
            yield from map(run_job, jobs)
            return
        with ThreadPoolExecutor(max_workers=PARALLEL) as pool:
            yield from pool.map(run_job, jobs)

    @api.model
    def _claim_outbox(self, limit):
        """Mark up to ``limit`` messages as being sent and return them.

        Of each line no more than its rate allows within any second. Claims take turns,
        which makes the count of the last second exact.
        """
        self.flush_model()
        self.env.cr.execute("SELECT pg_advisory_xact_lock(%s)", (_CLAIM_LOCK,))
        self.env.cr.execute(_CLAIM, (limit,))
        rows = self.env.cr.fetchall()
        room = {line_id: self._room_in_rate(line_id) for _id, line_id in rows}
        claimed = []
        for message_id, line_id in rows:
            if room[line_id] > 0:
                room[line_id] -= 1
                claimed.append(message_id)
        messages = self.browse(claimed)
        messages._mark_sending()
        return messages

    @api.model
    def _room_in_rate(self, line_id):
        """Return how many messages the line may send right now."""
        self.env.cr.execute(
            "SELECT count(*) FROM whatsapp_omni_message WHERE line_id = %s"
            " AND requested_at > clock_timestamp() AT TIME ZONE 'UTC' - interval '1 second'",
            (line_id,),
        )
        rate = self.env["whatsapp_omni.line"].browse(line_id).provider_id.rate
        return rate - self.env.cr.fetchone()[0]

    def _mark_sending(self):
        if not self:
            return
        # Plain SQL for the microseconds: the ORM would round the time of the request to
        # the second, and the rate is counted by it.
        self.env.cr.execute(
            "UPDATE whatsapp_omni_message"
            "   SET requested_at = clock_timestamp() AT TIME ZONE 'UTC',"
            "       state = CASE state WHEN 'queued' THEN 'sending' ELSE state END,"
            "       rank = CASE state WHEN 'queued' THEN %s ELSE rank END,"
            # a read receipt keeps its state: this hides it from other claims
            "       next_try_at = CASE state WHEN 'seen' THEN"
            "           now() AT TIME ZONE 'UTC' + interval '2 minutes' END"
            " WHERE id = ANY(%s)",
            (status.RANKS["sending"], self.ids),
        )
        self.invalidate_recordset()
        self.filtered(lambda m: m.state == "sending" and not m.tries)._note_answers()

    def _note_answers(self):
        """Note in their conversations that these messages answer the customer."""
        now = fields.Datetime.now()
        for message in self.filtered(lambda m: m.kind != "reaction"):
            conversation = message.conversation_id
            conversation.write(
                {
                    "last_message_at": now,
                    "last_text": message._preview_answer(),
                    "last_kind": message.kind,
                    "last_direction": "outbound",
                    "waiting_count": 0,
                    "waiting_since": False,
                    "answered_at": conversation.answered_at or now,
                }
            )
            conversation._push()

    def _preview_answer(self):
        text = self.text or self.attachment_id.name or self._kind_label(self.kind)
        return " ".join(text.split())[:PREVIEW_LENGTH]

    def _make_job(self):
        """Return the provider's call for this message, None when it cannot be made."""
        client = self.line_id._get_client()
        if self.direction == "inbound":
            return Job(self.id, client.mark_read, (self.wa_id,))
        if not self.conversation_id.window_open:
            self._fail(131047, self.env._("The window closed before it could be sent."))
            return None
        if self.kind not in ("text", "reaction") and not self.attachment_id.exists():
            self._fail(
                None, self.env._("The file was deleted before it could be sent.")
            )
            return None
        try:
            content = self._build_request()
        except limits.LimitError as error:
            self._fail(None, self._explain_limit(error))
            return None
        customer = self.customer_id
        destination = customer.wa_id or customer.business_user_id
        return Job(self.id, client.send, (destination, content))

    def _build_request(self):
        """Return GupShup's JSON for this message."""
        quoted = self.quoted_id
        reference = quoted.gs_id or quoted.wa_id or ""
        if self.kind == "reaction":
            return outgoing.reaction(reference, self.text or "")
        if self.kind == "text":
            return outgoing.text(self.text, reply_to=reference)
        base_url = self.line_id.get_base_url()
        content = {
            "url": self.attachment_id._whatsapp_omni_public_url(base_url),
            "reply_to": reference,
        }
        if self.kind in CAPTION_KINDS:
            content["caption"] = self.text or ""
        if self.kind == "document":
            return outgoing.file(filename=self.attachment_id.name, **content)
        return getattr(outgoing, self.kind)(**content)

    # === RESULTS === #

    def _note_result(self, result):
        """Write down what the provider answered, or that it did not."""
        if self.direction == "inbound":
            self._note_read_receipt(result)
        elif isinstance(result, api_client.Submitted):
            self._advance("submitted", gs_id=result.gs_id)
        elif isinstance(result, exceptions.Ambiguous):
            self._advance("unknown", error_reason=result.reason)
        elif self._may_try_again(result):
            self._try_later(result)
        else:
            self._fail(None, result.reason)

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
                "error_reason": error.reason,
                "dirty": True,
            }
        )

    def _note_read_receipt(self, result):
        failed = isinstance(result, exceptions.GupshupError)
        if failed and self.tries < 2:
            next_try_at = fields.Datetime.now() + timedelta(minutes=1)
            self.write({"tries": self.tries + 1, "next_try_at": next_try_at})
            return
        self.write(
            {
                "state": "read",
                "read_at": False if failed else fields.Datetime.now(),
                "error_reason": result.reason if failed else False,
                "next_try_at": False,
            }
        )

    def _fail(self, code, reason):
        self._advance("failed", error_code=code, error_reason=reason)

    def _advance(self, state, **news):
        self.write(
            {
                "error_reason": False,
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
        for message in lost:
            message._advance(
                "unknown", error_reason=self.env._("Sending it was interrupted.")
            )
        self._push_dirty_statuses()

    @api.model
    def _find_unanswered(self, line, receipt):
        """Return the one message of unknown fate that ``receipt`` may be about.

        Its request got no answer, hence we never learned its id. A receipt with an id
        that we do not know, for the same number and shortly after, tells it.
        """
        if not (receipt.gs_id and receipt.destination and receipt.time):
            return self.browse()
        moment = journal.naive_utc(receipt.time)
        candidates = self.search(
            Domain("line_id", "=", line.id)
            & Domain("state", "=", "unknown")
            & Domain("gs_id", "=", False)
            & Domain("customer_id.wa_id", "=", receipt.destination)
            & Domain("requested_at", ">=", moment - ADOPT_WITHIN)
            & Domain("requested_at", "<=", moment + timedelta(seconds=5))
        )
        return candidates if len(candidates) == 1 else self.browse()

    @api.model
    def _is_provider_slow(self):
        return bool(
            self.search_count(
                Domain("state", "=", "sending")
                & Domain("requested_at", "<", fields.Datetime.now() - SLOW_AFTER),
                limit=1,
            )
        )

    # === SENDING AGAIN === #

    def action_retry(self):
        """Send these messages again. For the agent who attends them."""
        self.check_access("read")
        # sudo: whatsapp_omni.message - the outbox is written by code only
        self.sudo()._retry()

    def _retry(self):
        """Queue a copy of what failed; receipts of the first try stay with the first."""
        for message in self.filtered("can_retry").sorted("id"):
            conversation = self._check_sendable(message.channel_id)
            self.create(
                {
                    **self._outbound_values(conversation),
                    "kind": message.kind,
                    "text": message.text,
                    "attachment_id": message.attachment_id.id,
                    "mail_message_id": message.mail_message_id.id,
                    "quoted_id": message.quoted_id.id,
                }
            )
            message.write({"superseded": True, "dirty": True})
        self._push_dirty_statuses()
        self._wake_outbox()

    # === TICKS === #

    @api.model
    def _wake_statuses(self, registry):
        """Have the ticks shown soon, after a receipt was written down."""
        now = time.monotonic()
        if now - _last_wake.get(registry.db_name, 0) < WAKE_SECONDS:
            return
        _last_wake[registry.db_name] = now
        with background.background_env(registry) as env:
            env.ref("whatsapp_omni.ir_cron_push_statuses")._trigger()
            env.cr.commit()

    @api.model
    def _cron_push_statuses(self):
        """Show changed ticks, collected over a moment, until nothing has changed."""
        with background.background_env(self.env.registry) as env:
            Message = env["whatsapp_omni.message"]
            box = background.TimeBox(30)
            while box.open:
                # Not waiting for anything: this is the time over which to collect.
                time.sleep(COLLECT_SECONDS)
                shown = Message._push_dirty_statuses()
                env.cr.commit()
                if not shown:
                    break

    @api.model
    def _push_dirty_statuses(self):
        """Show the ticks of what receipts or results changed; return how many."""
        self.flush_model(["dirty"])
        self.env.cr.execute(
            """
            UPDATE whatsapp_omni_message SET dirty = FALSE
             WHERE id IN (SELECT id FROM whatsapp_omni_message WHERE dirty
                           ORDER BY id LIMIT 500 FOR NO KEY UPDATE SKIP LOCKED)
            RETURNING id
            """
        )
        messages = self.browse(row[0] for row in self.env.cr.fetchall())
        messages.invalidate_recordset()
        for message in messages.filtered(lambda m: m.state == "failed"):
            if message.error_code and errors.lookup(message.error_code).closes_window:
                message.conversation_id._close_window()
        messages.conversation_id._count_failed()
        self._push_statuses(messages)
        return len(messages)
