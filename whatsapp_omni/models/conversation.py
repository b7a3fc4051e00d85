# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from markupsafe import escape

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import AccessError, UserError

from ..tools import background
from ..tools.arguments import is_id, is_text, takes

#: Longest preview of a text in the list.
PREVIEW_LENGTH = 120


class WhatsAppConversation(models.Model):
    """One case on a channel, from its first message to its disposition.

    Only methods change a conversation. What each message changes (last text, counters,
    window) is written by the background work alone, in READ COMMITTED, so that an
    agent's request never collides with a customer who goes on writing.
    """

    _name = "whatsapp_omni.conversation"
    _description = "WhatsApp Conversation"
    _order = "last_message_at desc, id desc"
    _rec_names_search = ["customer_id.name", "customer_id.number_display"]

    name = fields.Char(compute="_compute_name")
    channel_id = fields.Many2one(
        "discuss.channel", required=True, readonly=True, index=True, ondelete="cascade"
    )
    line_id = fields.Many2one(
        "whatsapp_omni.line",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    customer_id = fields.Many2one(
        "whatsapp_omni.customer",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    partner_id = fields.Many2one(
        related="customer_id.partner_id", store=True, index=True
    )
    queue_id = fields.Many2one(
        "whatsapp_omni.queue", readonly=True, index=True, ondelete="restrict"
    )
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True
    )
    user_id = fields.Many2one(
        "res.users", "Agent", readonly=True, index="btree_not_null", ondelete="restrict"
    )
    state = fields.Selection(
        [
            ("menu", "In a menu"),
            ("waiting", "Waiting for opening"),
            ("new", "New"),
            ("offered", "Offered to an agent"),
            ("attended", "Attended"),
            ("closed", "Closed"),
        ],
        group_expand=True,
        required=True,
        readonly=True,
        default="new",
    )
    # dates
    opened_at = fields.Datetime("Opened", readonly=True, default=fields.Datetime.now)
    attended_at = fields.Datetime("Taken", readonly=True)
    answered_at = fields.Datetime("First answer", readonly=True)
    closed_at = fields.Datetime("Closed on", readonly=True)
    # result
    closed_by_id = fields.Many2one("res.users", "Closed by", readonly=True)
    close_reason = fields.Selection(
        [
            ("agent", "Closed by a person"),
            ("menu", "Ended by the menu"),
            ("window", "Window expired"),
            ("inactivity", "Customer did not answer"),
            ("blocked", "Customer is blocked"),
        ],
        readonly=True,
        help="Why it ended. Only a person gives a disposition.",
    )
    disposition_id = fields.Many2one(
        "whatsapp_omni.disposition", readonly=True, index=True, ondelete="restrict"
    )
    disposition_note = fields.Text("Note", readonly=True)
    # last activity
    last_message_at = fields.Datetime("Last message", readonly=True)
    last_text = fields.Char("Words of the Last Message", readonly=True)
    last_kind = fields.Char(readonly=True)
    last_shown = fields.Char(
        "Last Text",
        compute="_compute_last_shown",
        help="Its words, or else what it is, in the language of who reads.",
    )
    last_direction = fields.Selection(
        [("inbound", "Customer"), ("outbound", "Us")], readonly=True
    )
    waiting_count = fields.Integer(
        "Unanswered",
        readonly=True,
        help="Messages of the customer since our last answer.",
    )
    waiting_since = fields.Datetime(readonly=True)
    failed_count = fields.Integer("Not delivered", readonly=True)
    change_ids = fields.One2many("whatsapp_omni.conversation.change", "conversation_id")
    message_ids = fields.One2many("whatsapp_omni.message", "conversation_id")

    _one_open_per_channel = models.UniqueIndex(
        "(channel_id) WHERE state != 'closed'",
        "This customer has an open conversation on this line already.",
    )
    # What inboxes ask for: its size follows what is open, not what was closed.
    _open_by_queue = models.Index("(queue_id, state) WHERE state != 'closed'")
    _open_by_agent = models.Index("(user_id) WHERE state != 'closed'")
    # What supervisors' lists and today's numbers ask for.
    _newest_idx = models.Index("(last_message_at DESC, id DESC)")
    _opened_at_idx = models.Index("(queue_id, opened_at)")
    _closed_at_idx = models.Index("(queue_id, closed_at) WHERE state = 'closed'")

    # === COMPUTE METHODS === #

    @api.depends_context("lang")
    def _compute_name(self):
        for conversation in self:
            conversation.name = self.env._("Conversation #%s", conversation.id)

    @api.depends("customer_id.name")
    def _compute_display_name(self):
        for conversation in self:
            name = conversation.customer_id.name
            conversation.display_name = f"{name} #{conversation.id}" if name else ""

    @api.depends("last_text", "last_kind")
    @api.depends_context("lang")
    def _compute_last_shown(self):
        Message = self.env["whatsapp_omni.message"]
        for conversation in self:
            kind = conversation.last_kind
            has_label = kind and kind != "text"
            conversation.last_shown = conversation.last_text or (
                has_label and Message._kind_label(kind)
            )

    # === LIFE === #

    @api.model
    def _open_for_channels(self, channels):
        """Return the open conversation of each channel, locked, as a dict by channel.

        A channel without one gets a new one, unless its customer is blocked, and then
        is left out. The lock makes an agent's closing and a
        customer's next message take turns: the message either still belongs to the
        conversation or begins the next one.
        """
        self.flush_model(["channel_id", "state"])
        self.env.cr.execute(
            "SELECT id FROM whatsapp_omni_conversation"
            " WHERE channel_id = ANY(%s) AND state != 'closed'"
            " ORDER BY id FOR NO KEY UPDATE",
            (channels.ids,),
        )
        found = self.browse(row[0] for row in self.env.cr.fetchall())
        found.invalidate_recordset()  # the lock may have waited for a change
        conversations = {
            conversation.channel_id: conversation for conversation in found
        }
        missing = self._heard(
            channels.filtered(lambda channel: channel not in conversations)
        )
        conversations.update(zip(missing, self._begin(missing), strict=True))
        return conversations

    @api.model
    def _begin(self, channels):
        """Begin a conversation in each of these channels."""
        conversations = self.create(
            [
                {
                    "channel_id": channel.id,
                    "line_id": channel.whatsapp_omni_line_id.id,
                    "customer_id": channel.whatsapp_omni_customer_id.id,
                    "company_id": channel.whatsapp_omni_line_id.company_id.id,
                    # The window belongs to the channel and survives a closing.
                    "window_end": channel.whatsapp_omni_conversation_id.window_end,
                    **self._routing_values(channel),
                }
                for channel in channels
            ]
        )
        for conversation in conversations:
            conversation.channel_id.whatsapp_omni_conversation_id = conversation
            conversation._log_change("opened", None, conversation.state)
        conversations._announce(
            lambda c: " · ".join(filter(None, [c.name, c.queue_id.name]))
        )
        return conversations

    def action_capture(self):
        """Take this conversation. Two clicks, one owner: the other is told who.

        :raises UserError: when somebody else was first
        """
        self.ensure_one()
        self.check_access("read")
        self._take_turn()
        if self.env.user not in self.sudo()._asked():
            self._refuse_stranger()
        former_state = self.state
        # One statement decides: between a look and a write a colleague could be faster.
        self.env.cr.execute(
            "UPDATE whatsapp_omni_conversation"
            " SET state = 'attended', user_id = %(user)s, attended_at = %(now)s,"
            " offered_to_id = NULL, offered_until = NULL, reserved_for_id = NULL"
            " WHERE id = %(id)s AND (state IN ('new', 'waiting')"
            " OR state = 'offered' AND offered_to_id = %(user)s)"
            " AND COALESCE(reserved_for_id, %(user)s) = %(user)s RETURNING id",
            {"user": self.env.uid, "now": fields.Datetime.now(), "id": self.id},
        )
        taken = self.env.cr.fetchone()
        self.invalidate_recordset()
        if not taken:
            self._refuse_capture()
            return
        self.channel_id._whatsapp_omni_join(self.env.user)
        self._log_change("captured", former_state, "attended")
        self._push()
        # sudo: whatsapp_omni.queue - the queue is a bus channel here
        self.sudo().queue_id._bus_send(
            "whatsapp_omni.captured",
            {
                "conversation_id": self.id,
                "user_id": self.env.uid,
                "user_name": self.env.user.name,
            },
        )

    def _take_turn(self):
        """Wait until nobody else changes this conversation, and keep it so.

        Its customer may be writing and a colleague clicking at this very moment.
        """
        background.read_committed_request(self.env)
        self._lock()

    def _lock(self):
        """Keep others from changing these conversations, and see them as they are."""
        self.env.cr.execute(
            "SELECT FROM whatsapp_omni_conversation WHERE id = ANY(%s)"
            " ORDER BY id FOR NO KEY UPDATE",
            (self.ids,),
        )
        self.invalidate_recordset()

    def _refuse_stranger(self):
        raise AccessError(
            self.env._("Only agents of the queue may take this conversation.")
        )

    def _refuse_capture(self):
        if self.user_id == self.env.user and self.state == "attended":
            return  # a double click
        if self.state == "closed":
            raise UserError(self.env._("This conversation is closed already."))
        raise UserError(
            self.env._(
                "%(agent)s took this conversation first.",
                agent=self.sudo().user_id.name,
            )
        )

    @takes(disposition_id=is_id, note=is_text, values={})
    def action_close(self, disposition_id=False, note="", farewell=True, values=None):
        """Close this conversation with its result.

        For its agent and for supervisors. What still waits in the outbox is sent.

        :param farewell: whether the line's farewell is sent, if it has one
        :param dict values: what was filled in, by id of the disposition's field
        :raises UserError: what is missing; nothing is closed
        """
        self.ensure_one()
        self.check_access("read")
        self._take_turn()
        supervisor = self.env.user.has_group("whatsapp_omni.group_supervisor")
        if self.user_id != self.env.user and not supervisor:
            raise UserError(self.env._("Only the agent who attends it may close it."))
        if self.state == "closed":
            self._refuse_closing()
            return
        disposition = self.env["whatsapp_omni.disposition"].browse(disposition_id or [])
        if disposition and disposition not in self._get_dispositions():
            raise UserError(self.env._("This queue does not offer that disposition."))
        self._check_identified(disposition)
        note, form = self._read_result(disposition, note, values)
        if farewell:
            self._say_farewell()
        self._close(disposition=disposition, note=note)
        self._keep_result(disposition, note, form)

    def _refuse_closing(self):
        # sudo: whatsapp_omni.conversation - its agent may know how it ended
        conversation = self.sudo()
        if conversation.closed_by_id == self.env.user:
            return  # a double click
        raise UserError(
            self.env._(
                "This conversation was closed meanwhile (%(how)s), so your result was "
                "not kept. Open it under Conversations to correct its result.",
                how=conversation.closed_by_id.name or conversation._result_label(),
            )
        )

    def _close(self, reason="agent", disposition=None, note=""):
        """Close this conversation.

        :param reason: of ``close_reason``; but for ``agent`` nobody gave a disposition
        """
        former_state, owner = self.state, self.user_id
        # sudo: whatsapp_omni.conversation - agents change conversations by methods only
        conversation = self.sudo()
        conversation.write(
            {
                "state": "closed",
                "closed_at": fields.Datetime.now(),
                "closed_by_id": reason == "agent" and self.env.uid,
                "close_reason": reason,
                "disposition_id": disposition and disposition.id,
                "disposition_note": note or False,
                "waiting_count": 0,
                "waiting_since": False,
            }
        )
        conversation._log_change(
            "closed", former_state, "closed", conversation._result_parts()
        )
        conversation._announce(
            lambda c: " · ".join(filter(None, [c.env._("Closed"), c._result_label()]))
        )
        if owner:
            conversation.channel_id._whatsapp_omni_leave(owner)
        conversation._push_removal(owner)

    def _result_label(self):
        """Return how this conversation ended, False when nobody said."""
        return self.env["whatsapp_omni.phrase"]._say(self._result_parts())

    def _result_parts(self):
        if self.close_reason == "agent":
            return self.disposition_id.display_name
        return [[f"closed_{self.close_reason}", []]]

    def _log_change(self, what, from_state, to_state, reason=None, **values):
        """Note a step in the life of this conversation.

        :param reason: a text, or parts as ``whatsapp_omni.phrase`` takes them
        :param values: of ``whatsapp_omni.conversation.change``, what else is known
        """
        parts = isinstance(reason, list) and [
            self._mask(part) if isinstance(part, str) else part for part in reason
        ]
        # sudo: whatsapp_omni.conversation.change - the timeline is written by code only
        self.env["whatsapp_omni.conversation.change"].sudo().create(
            {
                "conversation_id": self.id,
                "user_id": self.env.uid != SUPERUSER_ID and self.env.uid,
                "what": what,
                "from_state": from_state,
                "to_state": to_state,
                "reason": self._mask(self.env["whatsapp_omni.phrase"]._say(reason)),
                "reason_parts": parts,
                **values,
            }
        )

    def _announce(self, text_of):
        """Put a line of text into the transcript, for colleagues only.

        All of them read the same one: it is in their company's language, whoever acts.

        :param text_of: what returns the text, of a conversation in that language
        """
        mails = self.env["whatsapp_omni.message"]._create_mails(
            [
                {
                    "author_id": self.env.user.partner_id.id,
                    "body": escape(text_of(conversation._in_company_language())),
                    "message_type": "notification",
                    "res_id": conversation.channel_id.id,
                }
                for conversation in self
            ]
        )
        for mail in mails:
            mail.channel_id._whatsapp_omni_show(mail)

    def _in_company_language(self):
        return self.with_context(lang=self.company_id.partner_id.lang)

    # === WHAT FAILED === #

    def _count_failed(self):
        """Count anew what was not delivered, and show it where it changed."""
        counts = dict(
            self.env["whatsapp_omni.message"]._read_group(
                [
                    ("conversation_id", "in", self.ids),
                    ("state", "=", "failed"),
                    ("superseded", "=", False),
                    ("kind", "!=", "reaction"),  # no bubble could be sent again
                ],
                ["conversation_id"],
                ["__count"],
            )
        )
        for conversation in self:
            count = counts.get(conversation, 0)
            if conversation.failed_count != count:
                conversation.failed_count = count
                conversation._push()

    # === ACTIONS === #

    def action_open_desk(self):
        """Open this conversation in the inbox."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "whatsapp_omni.action_inbox"
        )
        return {**action, "params": {"active_id": self.id}, "res_id": self.id}

    def action_retry_failed(self):
        """Send again what failed in these conversations."""
        self.check_access("read")
        # sudo: whatsapp_omni.message - _retry checks who may
        self.sudo().message_ids.filtered(lambda m: m.state == "failed")._retry()
