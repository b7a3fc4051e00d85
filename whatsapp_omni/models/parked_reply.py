# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import logging
from datetime import timedelta

from psycopg2 import OperationalError

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.orm.models import NO_ACCESS

from ..gupshup import limits
from ..tools.arguments import is_id, is_text, takes
from .message_content import Content

_logger = logging.getLogger(__name__)

#: The same reply parked again within this time is a second click.
SAME_CLICK = timedelta(seconds=10)


class WhatsAppParkedReply(models.Model):
    """An answer that leaves later: when the customer writes, or at a time.

    What waits for the customer was written while the window is closed, and is delivered
    in the transaction that shows the customer's message; how the other kind leaves at
    its time is told in ``parked_reply_schedule.py``. The state changes under the lock
    of the conversation only, hence once: whoever edits, cancels or closes comes before
    the delivery or after it.
    """

    _name = "whatsapp_omni.parked.reply"
    _description = "WhatsApp Parked Reply"
    _order = "id"
    _rec_name = "shown_body"

    conversation_id = fields.Many2one(
        "whatsapp_omni.conversation",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(
        related="conversation_id.company_id", store=True, index=True
    )
    author_id = fields.Many2one(
        "res.users", required=True, readonly=True, ondelete="restrict"
    )
    # What the customer will get; people read the other.
    body = fields.Text(readonly=True, groups=NO_ACCESS, help="With WhatsApp's marks.")
    shown_body = fields.Text(
        "Text", compute="_compute_shown_body", compute_sudo=True, store=True
    )
    attachment_ids = fields.Many2many(
        "ir.attachment",
        "whatsapp_omni_parked_reply_attachment_rel",
        "reply_id",
        "attachment_id",
        string="Files",
        readonly=True,
    )
    quoted_id = fields.Many2one(
        "mail.message",
        "Answers",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        help="The message that is quoted above it.",
    )
    state = fields.Selection(
        [("waiting", "Waiting"), ("queued", "Sent"), ("cancelled", "Discarded")],
        required=True,
        readonly=True,
        default="waiting",
    )
    parked_at = fields.Datetime("Parked", readonly=True, default=fields.Datetime.now)
    settled_at = fields.Datetime(
        "Settled", readonly=True, help="When it was sent or discarded."
    )
    message_ids = fields.One2many("whatsapp_omni.message", "parked_reply_id")

    # However many were sent, this holds what waits.
    _waiting = models.Index("(conversation_id, id) WHERE state = 'waiting'")

    @api.depends("body")
    def _compute_shown_body(self):
        for reply in self:
            reply.shown_body = reply.conversation_id._mask(reply.body)

    # === ACTIONS === #

    def get_body(self):
        """Return the text to be changed, as it was written.

        For its author, and for whoever may see sensitive data, which is noted.
        """
        self.ensure_one()
        self.check_access("read")
        # sudo: whatsapp_omni.parked.reply - plain text for those who pass the checks
        reply = self.sudo()
        if reply.body != reply.shown_body and reply.author_id != self.env.user:
            found = reply.conversation_id._masking().mask(reply.body).found
            self.env["whatsapp_omni.reveal"]._log(
                reply.conversation_id, ",".join(found), text=reply.shown_body
            )
        return reply.body or ""

    @takes(body=is_text, attachment_ids=[is_id])
    def action_edit(
        self, body, attachment_ids=(), send_at=False, cancel_on_answer=True
    ):
        """Change what will be sent, and if it leaves at a time, when.

        :param send_at: of one that leaves at a time; False leaves it as it was
        :raises UserError: when it was sent or discarded meanwhile
        """
        self.ensure_one()
        self._take_turn()
        timing = self._check_timing(send_at, cancel_on_answer)
        attachments = self.conversation_id._claim_attachments(list(attachment_ids))
        body = self._check(body, attachments)
        self.conversation_id._keep_attachments(attachments)
        # sudo: whatsapp_omni.parked.reply - agents change them by methods only
        self.sudo().write(
            {
                "author_id": self.env.uid,
                "body": body,
                "attachment_ids": [fields.Command.set(attachments.ids)],
                **timing,
            }
        )
        # sudo: whatsapp_omni.conversation - shown to whom it was shown before
        self.sudo().conversation_id._push()

    def action_cancel(self):
        """Discard it.

        :raises UserError: when it was sent meanwhile
        """
        self.ensure_one()
        self._take_turn()
        # sudo: whatsapp_omni.parked.reply - agents change them by methods only
        reply = self.sudo()
        reply._settle("cancelled")
        reply.conversation_id._count_parked()
        reply.conversation_id._push()

    def _take_turn(self):
        """Wait for whoever changes the conversation; refuse when it is too late."""
        self.check_access("read")
        self.conversation_id._take_turn()
        self.invalidate_recordset()
        if self.state == "queued":
            raise UserError(
                self.env._(
                    "This reply was sent to the customer meanwhile. It cannot be "
                    "changed any more."
                )
            )
        if self.state == "cancelled":
            raise UserError(self.env._("This reply was discarded already."))
        if self.conversation_id.user_id != self.env.user:
            raise AccessError(
                self.env._("Only the agent who attends the conversation may do that.")
            )

    @api.model
    def _check(self, body, attachments):
        """Return the text to park; refuse what could not be sent later.

        :raises UserError: with the reason
        """
        body = (body or "").strip()
        if not body and not attachments:
            raise UserError(self.env._("There is nothing to send."))
        try:
            limits.check_length("The text", body, limits.TEXT_LENGTH)
        except limits.LimitError as error:
            explanation = self.env["whatsapp_omni.message"]._explain_limit(error)
            raise UserError(explanation) from error
        self._contents(body, attachments)
        return body

    @api.model
    def _contents(self, body, attachments):
        """Return the messages that carry a reply, as :class:`Content`."""
        Message = self.env["whatsapp_omni.message"]
        contents = [
            Content(**part) for part in Message._split_answer(body or "", attachments)
        ]
        for content in contents:
            Message._check_content(content)
        return contents

    # === DELIVERY === #

    def _deliver(self):
        """Send these replies, oldest first. Their conversation is locked and open.

        One that cannot be sent is discarded with the reason, and keeps none of the
        others: nor the customer's message, which is being stored. When the database
        cannot do it now, both wait for the next try.
        """
        for reply in self:
            try:
                with self.env.cr.savepoint():
                    reply._queue()
            except OperationalError:
                raise
            except Exception as error:
                _logger.exception("Parked reply %s cannot be sent", reply.id)
                self.env.invalidate_all()
                reply._settle("cancelled", str(error))

    def _queue(self):
        contents = self._contents(self.body, self.attachment_ids)
        if not contents:
            raise UserError(self.env._("The file was deleted before it could be sent."))
        messages = self.env["whatsapp_omni.message"]._queue_contents(
            self.conversation_id,
            contents,
            author=self.author_id,
            quoted=self.quoted_id,
        )
        messages.parked_reply_id = self
        self.write({"state": "queued", "settled_at": fields.Datetime.now()})
        state = self.conversation_id.state
        self.conversation_id._log_change(
            "unscheduled" if self.send_at else "unparked", state, state
        )

    def _settle(self, state, reason=None):
        """Discard these: what they said stays in the transcript, for colleagues."""
        for reply in self:
            reply.write({"state": state, "settled_at": fields.Datetime.now()})
            conversation = reply.conversation_id
            conversation._log_change(
                "discarded", conversation.state, conversation.state, reason
            )
            conversation._announce(
                lambda c, reply=reply: reply.with_env(c.env)._discarded_text(reason)
            )

    def _discarded_text(self, reason):
        return self.env._("Parked reply discarded: %(text)s", text=self._one_line())

    def _quoted_author(self):
        """Return the name of whom this quotes, "" when it quotes nobody."""
        quoted = self.quoted_id
        return quoted.author_id.name or quoted.author_guest_id.name or ""

    def _one_line(self):
        names = self.attachment_ids.mapped("name")
        return " · ".join(filter(None, [self.shown_body, *names]))


class WhatsAppConversation(models.Model):
    """What is parked in a conversation."""

    _inherit = "whatsapp_omni.conversation"

    parked_reply_ids = fields.One2many("whatsapp_omni.parked.reply", "conversation_id")
    parked_count = fields.Integer(
        "Parked replies",
        readonly=True,
        default=0,
        help="Replies that leave when the customer writes, or at a time. Counted here "
        "so that an ordinary message need not look for them.",
    )

    @takes(body=is_text, attachment_ids=[is_id])
    def action_park(self, body, attachment_ids=()):
        """Park a reply until the customer writes. For the agent who attends it.

        :return: ``waiting``, or ``queued`` when the customer has written meanwhile
        :raises UserError: why it cannot be sent; nothing is parked
        """
        return self._park(body, attachment_ids).state

    def _park(self, body, attachment_ids, quoted_id=False, **timing):
        """Keep a reply for later; return it, on a second click the first one.

        :param timing: when it leaves, as values of the reply
        """
        self.ensure_one()
        self.check_access("read")
        self._take_turn()
        self._check_owned()
        Reply = self.env["whatsapp_omni.parked.reply"]
        attachments = self._claim_attachments(list(attachment_ids))
        body = Reply._check(body, attachments)
        quoted = self._check_quotable(quoted_id)
        send_at = timing.get("send_at", False)
        # sudo: whatsapp_omni.conversation, whatsapp_omni.parked.reply - agents change
        # them by methods only
        conversation = self.sudo()
        if parked := conversation._find_just_parked(body, attachments, send_at):
            return parked
        self._keep_attachments(attachments)
        reply = Reply.sudo().create(
            {
                "conversation_id": self.id,
                "author_id": self.env.uid,
                "body": body,
                "attachment_ids": [fields.Command.set(attachments.ids)],
                "quoted_id": quoted.id,
                **timing,
            }
        )
        conversation._count_parked()
        what = "scheduled" if send_at else "parked"
        conversation._log_change(what, self.state, self.state)
        conversation._deliver_parked()
        conversation._push()
        return reply

    def _check_quotable(self, mail_id):
        """Return the message of this channel that a reply quotes, if it does.

        :raises UserError: when the customer must not see it
        """
        self.env["whatsapp_omni.message"]._check_quoted(mail_id)
        quoted = self.env["mail.message"].browse(mail_id or []).exists()
        quoted.check_access("read")
        return quoted.filtered(
            lambda mail: mail.model == "discuss.channel"
            and mail.res_id == self.channel_id.id
        )

    def _find_just_parked(self, body, attachments, send_at):
        """Return the very same that this user has just parked: a second click."""
        last = self.parked_reply_ids[-1:]
        return last.filtered(
            lambda reply: reply.author_id == self.env.user
            and (reply.body or "") == body
            and reply.attachment_ids.ids == attachments.ids
            and reply.send_at == send_at
            and reply.parked_at > fields.Datetime.now() - SAME_CLICK
            and reply.state != "cancelled"
        )

    def _keep_attachments(self, attachments):
        """Let whoever reads the channel read files that were uploaded for it."""
        loose = attachments.filtered(
            lambda attachment: attachment.res_model == "mail.compose.message"
            and not attachment.res_id
            and attachment.create_uid == self.env.user
        )
        # sudo: ir.attachment - the user's own, about to be sent in this channel
        loose.sudo().write(
            {"res_model": "discuss.channel", "res_id": self.channel_id.id}
        )
        loose._whatsapp_omni_hide_names(self)

    def _deliver_parked(self):
        """Send what is parked, if the window is open. The conversation is locked."""
        self.ensure_one()
        if not self.parked_count or self.state == "closed" or not self.window_open:
            return
        parked = self._find_parked().filtered(lambda reply: not reply.send_at)
        if parked:
            parked._deliver()
            self._count_parked()
            self._push()

    def _heed_answer(self):
        """Do what waits for the customer to write. The conversation is locked."""
        self._deliver_parked()

    def _find_parked(self):
        """Return what waits, for the customer or for its time."""
        return self.env["whatsapp_omni.parked.reply"].search(
            Domain("conversation_id", "=", self.id) & Domain("state", "=", "waiting")
        )

    def _count_parked(self):
        self.parked_count = len(self._find_parked())

    def action_close(self, *args, discard_parked=False, **kwargs):
        """Override: ask before something parked is discarded.

        :param discard_parked: that the user said so
        """
        self.ensure_one()
        self.check_access("read")
        self._take_turn()
        if self.parked_count and self.state != "closed" and not discard_parked:
            raise UserError(
                self.env._(
                    "A reply is parked or scheduled in this conversation. Closing it "
                    "discards the reply."
                )
            )
        return super().action_close(*args, **kwargs)

    def _close(self, *args, **kwargs):
        """Override: a closed conversation has nothing parked any more.

        The next one may be anybody's; what was written stays in the transcript.
        """
        # sudo: whatsapp_omni.conversation - agents change conversations by methods only
        conversation = self.sudo()
        if conversation.parked_count:
            conversation._find_parked()._settle(
                "cancelled", self.env._("The conversation was closed.")
            )
            conversation.parked_count = 0
        return super()._close(*args, **kwargs)

    def _end_of_patience(self):
        """Override: what is parked waits for the customer, however long that takes."""
        if self.parked_count:
            self.write(self._end_silence())
            return None
        return super()._end_of_patience()

    def _parked_data(self):
        """Return what is parked as the inbox shows it."""
        if not self.parked_count:
            return []
        return [
            {
                "id": reply.id,
                "body": reply.shown_body or "",
                "is_masked": reply.shown_body != reply.body,
                "author": reply.author_id.name,
                "date": fields.Datetime.to_string(reply.parked_at),
                "send_at": fields.Datetime.to_string(reply.send_at),
                "cancel_on_answer": reply.cancel_on_answer,
                "quoted": reply._quoted_author(),
                "files": [
                    {"id": attachment.id, "name": attachment.name}
                    for attachment in reply.attachment_ids
                ],
            }
            for reply in self._find_parked()
        ]


class WhatsAppMessage(models.Model):
    _inherit = "whatsapp_omni.message"

    parked_reply_id = fields.Many2one(
        "whatsapp_omni.parked.reply",
        "Parked reply",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        help="What was written while the window was closed.",
    )
