# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import timedelta

from psycopg2.errors import UniqueViolation

from odoo import api, fields, models
from odoo.exceptions import AccessError, ConcurrencyError, UserError
from odoo.fields import Domain
from odoo.tools import mute_logger

from ..tools import background
from ..tools.arguments import is_id, is_text, takes
from .customer_dialling import WHO

#: The same template sent again within this time is a second click.
SAME_CLICK = timedelta(seconds=10)


class OpenConversation(UserError):
    """There is an open conversation already. Its arguments lead there.

    They are those of Odoo's RedirectWarning, which the server would log as an error.
    """

    def __init__(self, message, action, button):
        super().__init__(message)
        self.args = (message, action, button)


class WhatsAppConversation(models.Model):
    """Approved templates: writing to a customer whose window is closed, or first."""

    _inherit = "whatsapp_omni.conversation"

    is_outgoing = fields.Boolean(
        "Started by us", readonly=True, help="We wrote first, with a template."
    )
    customer_answered_at = fields.Datetime(
        "Customer's first answer",
        readonly=True,
        help="When the customer answered a conversation that we started.",
    )
    template_message_id = fields.Many2one(
        "whatsapp_omni.message",
        "Unanswered template",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        help="The latest template, as long as the customer has not written since.",
    )
    template_id = fields.Many2one(
        related="template_message_id.approved_template_id", string="Template"
    )
    template_state = fields.Selection(
        related="template_message_id.state", string="Template status"
    )
    template_error = fields.Char(related="template_message_id.error_reason")
    template_sent_at = fields.Datetime(
        related="template_message_id.sent_at", string="Template sent"
    )
    template_delivered_at = fields.Datetime(
        related="template_message_id.delivered_at", string="Template delivered"
    )
    template_read_at = fields.Datetime(
        related="template_message_id.read_at", string="Template read"
    )

    # === SENDING === #

    @takes(template_id=is_id, params=[is_text], attachment_id=is_id)
    def action_send_template(self, template_id, params=(), attachment_id=False):
        """Send an approved template. For those who write to the customer, at any time.

        :param params: a value for each of the template's parameters, in their order;
            False stands for what the template proposes
        :param attachment_id: the file above the text, the template's own without it
        :raises UserError: why it is not sent; nothing was
        """
        self.ensure_one()
        self.check_access("read")
        self._take_turn()
        self._check_takes_part()
        # sudo: whatsapp_omni.conversation - agents change conversations by methods only
        self.sudo()._send_template(
            self._sendable_template(template_id, self.sudo().queue_id, self.line_id),
            params,
            self._claim_attachments(attachment_id and [attachment_id]),
        )

    def _check_owned(self):
        """Refuse what only the agent who attends this conversation may do."""
        self._check_takes_part()
        if self.user_id != self.env.user:
            raise UserError(self.env._("Only the agent who attends it may do this."))

    def _check_takes_part(self):
        """Refuse what only those who write to the customer may do."""
        if self.state == "closed":
            raise UserError(
                self.env._(
                    "This conversation is closed. It cannot be answered any more."
                )
            )
        # sudo: whatsapp_omni.conversation - who takes part is no secret
        if self.env.user not in self.sudo()._participants():
            raise UserError(self.env._("Take the conversation before you answer."))

    @api.model
    def _sendable_template(self, template_id, queue, line=None):
        """Return a template that agents of this queue may send now.

        :param line: the line that has to send it, any that the queue uses without it
        :raises UserError: why it may not be sent
        """
        # sudo: whatsapp_omni.approved.template - the queue's offer is asked for below
        Template = self.env["whatsapp_omni.approved.template"].sudo()
        template = Template.browse(template_id).exists()
        if not template:
            raise UserError(self.env._("This template does not exist any more."))
        template._check_sendable()
        offered = Template.search_count(
            Domain("id", "=", template.id) & Template._visible_to(queue, line)
        )
        if not offered:
            raise UserError(
                self.env._(
                    "The template “%(template)s” is not offered here. Choose another "
                    "one.",
                    template=template.display_name,
                )
            )
        return template

    def _send_template(self, template, params, attachment):
        """Queue a template in this locked conversation, in the user's name."""
        content = template._template_content(
            self._complete_params(template, params), attachment or None
        )
        self._keep_attachments(attachment)
        # sudo: whatsapp_omni.message - the outbox is written by code only
        Message = self.env["whatsapp_omni.message"].sudo()
        if self._is_second_click(content):
            return
        content = self._own_file(content)
        self._file_of(content)._whatsapp_omni_hide_names(self)
        message = Message._queue_contents(self, [content], author=self.env.user)
        # What one has sent is not unread.
        member = self.channel_id.self_member_id
        member._set_last_seen_message(message.mail_message_id, notify=False)
        member._set_new_message_separator(message.mail_message_id.id + 1)
        self.template_message_id = message
        self._log_change("template", self.state, self.state, template.display_name)
        self._push()

    def _complete_params(self, template, params):
        """Return the values, what was left to the template filled in.

        A number that the agent was shown hidden reaches the customer as it is.
        """
        is_hidden = self.customer_id._is_number_hidden()
        if not is_hidden and all(isinstance(value, str) for value in params):
            return list(params)
        context = self._template_context()
        proposals = template._fill(context)
        if len(params) != len(proposals):
            return list(params)  # refused with the numbers by the template
        shown = template._fill({**context, "is_preview": True})
        return [
            value if isinstance(value, str) and value != seen else proposal
            for value, seen, proposal in zip(params, shown, proposals, strict=True)
        ]

    def _template_context(self):
        return {
            "partner": self.partner_id,
            "customer": self.customer_id,
            "user": self.env.user,
            "queue": self.queue_id,
        }

    def _is_second_click(self, content):
        """Tell whether this very template has just been sent by this user."""
        last = self.template_message_id
        return (
            last
            and last.mail_message_id.date > fields.Datetime.now() - SAME_CLICK
            and last.state != "failed"
            and last.text == content.text
            and last.payload == content.payload
            and last.attachment_id.checksum == self._file_of(content).checksum
        )

    def _own_file(self, content):
        """Return the content with a copy of a file that belongs to something else.

        The transcript outlives the template, and has readers of its own.
        """
        file = self._file_of(content)
        place = {"res_model": self.channel_id._name, "res_id": self.channel_id.id}
        if not file or all(file[name] == value for name, value in place.items()):
            return content
        return content._replace(attachment_id=file.copy(place).id)

    @api.model
    def _file_of(self, content):
        # sudo: ir.attachment - whoever sends may read it; a template's own is its part
        return self.env["ir.attachment"].sudo().browse(content.attachment_id or [])

    @api.model
    def _claim_attachments(self, attachment_ids):
        """Return files that the user may send.

        :raises AccessError: when the user may not read one of them
        """
        attachments = self.env["ir.attachment"].browse(attachment_ids or [])
        attachments.check_access("read")
        return attachments

    # === THE CUSTOMER'S ANSWER === #

    def _answer_values(self, moment):
        """Return what the customer's answer changes, nothing for an ordinary message.

        :param moment: when the customer wrote
        """
        values = {}
        if self.template_message_id:
            values["template_message_id"] = False
        if self._awaits_first_answer():
            values["customer_answered_at"] = moment
        return values

    def _awaits_answer(self):
        """Tell whether the customer has a template of ours, or will have it soon."""
        template = self.template_message_id
        return bool(template) and template.state != "failed"

    def _awaits_first_answer(self):
        """Tell whether we wrote first and what we send answers nobody yet."""
        return self.is_outgoing and not self.customer_answered_at

    def _tell_answered(self):
        """Tell the agent that the customer has answered the template."""
        if self.user_id:
            self.user_id._bus_send(
                "whatsapp_omni.template_answered",
                {
                    "conversation_id": self.id,
                    "name": self.customer_id.name,
                    "parked_count": self._count_leaving(),
                },
            )

    # === STARTING === #

    @api.model
    @takes(
        queue_id=is_id,
        template_id=is_id,
        who=WHO,
        params=[is_text],
        attachment_id=is_id,
    )
    def action_start(self, queue_id, template_id, who, params=(), attachment_id=False):
        """Write first: begin a conversation with a template, attended by the user.

        :param dict who: ``{"partner_id"}``, ``{"customer_id"}`` or ``{"number",
            "country_id", "name"}``; with a name a contact is created
        :param params: see :meth:`action_send_template`
        :return: the id of the conversation
        :rtype: int
        :raises OpenConversation: where one with this customer is open
        :raises UserError: why it is not started; nothing was
        """
        background.read_committed_request(self.env)
        queue = self._check_agent_of(queue_id)
        template = self._sendable_template(template_id, queue)
        line = template.line_id
        if not line._is_used_by(queue):
            raise UserError(
                self.env._(
                    "The queue “%(queue)s” does not use the line “%(line)s”.",
                    queue=queue.name,
                    line=line.name,
                )
            )
        Customer = self.env["whatsapp_omni.customer"]
        person = Customer._resolve_person(who, line.company_id)
        attachment = self._claim_attachments(attachment_id and [attachment_id])
        Customer._take_number_lock(line.company_id, person.key)
        conversation = self._begin_outgoing_once(line, queue, person)
        conversation._send_template(template, params, attachment)
        return conversation.id

    @api.model
    def _check_agent_of(self, queue_id):
        """Return the queue, as superuser; the user is one of its agents."""
        # sudo: whatsapp_omni.queue - asked below
        queue = self.env["whatsapp_omni.queue"].sudo().browse(queue_id).exists()
        if (
            not queue.active
            or self.env.user not in queue.agent_ids
            or queue.company_id not in self.env.companies
        ):
            raise AccessError(
                self.env._("Only agents of the queue may start conversations in it.")
            )
        return queue

    @api.model
    def _begin_outgoing_once(self, line, queue, person):
        """Begin it; the customer may write for the first time in this very moment.

        :raises ConcurrencyError: Odoo does the request anew, and sees who was first
        """
        for _attempt in range(2):
            try:
                with mute_logger("odoo.sql_db"), self.env.cr.savepoint():
                    return self._begin_outgoing(line, queue, person)
            except UniqueViolation:
                self.env.invalidate_all()
        # A request that had written something before sees the database as it was then.
        raise ConcurrencyError("Somebody else has begun this conversation")

    @api.model
    def _begin_outgoing(self, line, queue, person):
        # sudo: whatsapp_omni.customer, discuss.channel, whatsapp_omni.conversation -
        # agents create none of them but by this method
        customer = (
            self.env["whatsapp_omni.customer"]
            .sudo()
            ._find_or_dial(line.company_id, person)
        )
        channels = (
            self.env["discuss.channel"]
            .sudo()
            ._whatsapp_omni_find_or_create(line, customer)
        )
        channel = channels[customer]
        self._refuse_second(channel)
        # The window belongs to the channel and survives a closing.
        window_end = channel.whatsapp_omni_conversation_id.window_end
        conversation = self.sudo().create(
            {
                "channel_id": channel.id,
                "line_id": line.id,
                "customer_id": customer.id,
                "queue_id": queue.id,
                "company_id": line.company_id.id,
                "window_end": window_end,
                # Whoever begins now knows that it is closed.
                "window_expired": bool(
                    window_end and window_end <= fields.Datetime.now()
                ),
                "state": "attended",
                "user_id": self.env.uid,
                "attended_at": fields.Datetime.now(),
                "is_outgoing": True,
            }
        )
        channel.whatsapp_omni_conversation_id = conversation
        conversation.flush_recordset()  # the database says at once if it is the second
        channel._whatsapp_omni_join(self.env.user)
        conversation._log_change("started", None, "attended")
        conversation._announce(
            lambda c: c.env._(
                "%(conversation)s · %(queue)s · started by %(agent)s",
                conversation=c.name,
                queue=c.queue_id.name,
                agent=self.env.user.name,
            )
        )
        return conversation

    @api.model
    def _refuse_second(self, channel):
        """Refuse to write first where a conversation is open, with a link to it."""
        # sudo: whatsapp_omni.conversation - it may be in a queue that is not the user's
        opened = self.sudo().search(
            Domain("channel_id", "=", channel.id) & Domain("state", "!=", "closed")
        )
        if not opened:
            return
        opened._lock()
        if opened.state == "closed":
            return
        message = opened._explain_open()
        reachable = opened.with_user(self.env.user).sudo(False)
        if not reachable.has_access("read"):
            raise UserError(message)
        raise OpenConversation(
            message, reachable.action_open_desk(), self.env._("Open it")
        )

    def _explain_open(self):
        names = {
            "customer": self.customer_id.name,
            "line": self.line_id.name,
            "agent": self.user_id.name,
            "queue": self.queue_id.name,
        }
        if self.user_id == self.env.user:
            return self.env._(
                "You have an open conversation with %(customer)s on the line %(line)s.",
                **names,
            )
        if self.user_id:
            return self.env._(
                "%(agent)s has an open conversation with %(customer)s on the line "
                "%(line)s.",
                **names,
            )
        if not self.queue_id:
            return self.env._(
                "%(customer)s has an open conversation on the line %(line)s. Nobody "
                "attends it yet.",
                **names,
            )
        return self.env._(
            "%(customer)s waits in the queue %(queue)s on the line %(line)s.", **names
        )


class WhatsAppLine(models.Model):
    _inherit = "whatsapp_omni.line"

    def _is_used_by(self, queue):
        """Tell whether agents of this queue write from this line."""
        self.ensure_one()
        return self.active and queue in self.used_by_queue_ids


class WhatsAppMessage(models.Model):
    _inherit = "whatsapp_omni.message"

    def _tell_conversations(self):
        """Override: learn numbers from the receipts of templates."""
        result = super()._tell_conversations()
        templates = self.filtered(lambda message: message.kind == "template")
        if templates:
            templates._learn_numbers()
        return result

    def _retry(self):
        """Override: what is sent again is what the customer has yet to answer."""
        failed = self.filtered(lambda message: message.kind == "template")
        conversations = failed.conversation_id.filtered(
            lambda c: c.template_message_id in failed
        )
        result = super()._retry()
        for conversation in conversations:
            conversation._take_turn()
            if conversation.template_message_id.superseded:
                conversation.template_message_id = self.search(
                    Domain("conversation_id", "=", conversation.id)
                    & Domain("kind", "=", "template")
                    & Domain("superseded", "=", False),
                    limit=1,
                )
        return result
