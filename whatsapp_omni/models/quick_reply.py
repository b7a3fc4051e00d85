# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import re
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain

from ..tools.arguments import is_id, takes

#: How far back uses are counted: what was popular years ago helps nobody, and counting
#: it would cost more every year.
COUNTED_DAYS = 30

_SHORTCUT = re.compile(r"[\w-]{1,32}")


class WhatsAppMessageTemplate(models.Model):
    """Quick replies: messages that agents send by a shortcut."""

    _inherit = "whatsapp_omni.message.template"

    shortcut = fields.Char(
        copy=False,
        help="Agents type / and this word in a conversation.",
    )
    category_id = fields.Many2one(
        "whatsapp_omni.message.template.category",
        index="btree_not_null",
        ondelete="set null",
    )
    user_id = fields.Many2one(
        "res.users",
        "Only for",
        index="btree_not_null",
        ondelete="cascade",
        help="A private message: nobody else sees it.",
    )
    queue_ids = fields.Many2many(
        "whatsapp_omni.queue",
        "whatsapp_omni_message_template_queue_rel",
        "template_id",
        "queue_id",
        string="Quick reply of",
        check_company=True,
        help="Queues whose agents may send it.",
    )
    use_count = fields.Integer(
        "Used",
        compute="_compute_use_count",
        help="How many times it was sent in the last 30 days.",
    )

    _shortcut_unique = models.UniqueIndex(
        "(company_id, shortcut) WHERE user_id IS NULL AND shortcut IS NOT NULL",
        "Another message has this shortcut already.",
    )
    _private_shortcut_unique = models.UniqueIndex(
        "(user_id, shortcut) WHERE user_id IS NOT NULL AND shortcut IS NOT NULL",
        "Another private message has this shortcut already.",
    )

    # === COMPUTE METHODS === #

    def _compute_use_count(self):
        since = fields.Datetime.now() - timedelta(days=COUNTED_DAYS)
        # sudo: whatsapp_omni.message - only a number is told
        counts = dict(
            self.env["whatsapp_omni.message"]
            .sudo()
            ._read_group(
                [
                    ("message_template_id", "in", self.ids),
                    ("create_date", ">=", since),
                ],
                ["message_template_id"],
                ["__count"],
            )
        )
        for template in self:
            template.use_count = counts.get(template, 0)

    # === CONSTRAINTS === #

    @api.constrains("shortcut")
    def _check_shortcut(self):
        """A shortcut is one word: it ends where the agent goes on writing."""
        for template in self:
            shortcut = template.shortcut
            if shortcut and not _SHORTCUT.fullmatch(shortcut):
                raise ValidationError(
                    self.env._(
                        "“%s” cannot be a shortcut: take one word of at most 32 "
                        "letters, digits, hyphens and underscores.",
                        shortcut,
                    )
                )

    @api.constrains("user_id", "queue_ids")
    def _check_owner(self):
        """A private message is of one person, so of no queue."""
        for template in self:
            if template.user_id and template.queue_ids:
                raise ValidationError(
                    self.env._(
                        "“%s” is private: it cannot be a quick reply of a queue.",
                        template.name,
                    )
                )

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        """Write shortcuts the way they are looked for."""
        return super().create([self._clean_shortcut(vals) for vals in vals_list])

    def write(self, vals):
        """Write shortcuts the way they are looked for; keep private what is."""
        self._check_may_share(vals)
        return super().write(self._clean_shortcut(vals))

    def _check_may_share(self, vals):
        """Refuse that an agent gives a message of theirs to others.

        Rules look at a record as it was, constraints know no user.
        """
        if self.env.su or not vals.keys() & {"user_id", "queue_ids"}:
            return
        is_supervisor = self.env.user.has_group("whatsapp_omni.group_supervisor")
        if not is_supervisor and (
            vals.get("queue_ids") or vals.get("user_id", self.env.uid) != self.env.uid
        ):
            raise AccessError(
                self.env._("Agents keep private messages only, and for themselves.")
            )

    @api.model
    def _clean_shortcut(self, vals):
        if not vals.get("shortcut"):
            return vals
        shortcut = vals["shortcut"].strip().lstrip("/").lower()
        return {**vals, "shortcut": shortcut or False}

    def _find_uses(self):
        """Add the queues whose agents send it."""
        # sudo: whatsapp_omni.queue - whoever deletes it must know of every queue
        queues = self.sudo().with_context(active_test=False).queue_ids
        return [*super()._find_uses(), queues]

    # === IN THE DESK === #

    @api.model
    @takes(conversation_id=is_id)
    def get_quick_replies(self, conversation_id):
        """Return what the current user may send in a conversation, filled in.

        :return: ``[{"id", "name", "shortcut", "kind", "category", "is_private",
            "use_count", "text", "preview"}]``; ``text`` is what goes into the composer,
            False for what is sent as it is; ``preview`` see :meth:`_preview`
        :rtype: list[dict]
        """
        conversation = self.env["whatsapp_omni.conversation"].browse(conversation_id)
        conversation.check_access("read")
        templates = self._search_quick_replies(conversation)
        return [
            template._describe_quick_reply(conversation)
            for template in templates.sorted(lambda template: -template.use_count)
        ]

    @api.model
    def _search_quick_replies(self, conversation, domain=Domain.TRUE):
        # sudo: whatsapp_omni.message.template - agents of another queue may own the
        # conversation or take part, and write with what this one has
        return self.sudo().search(self._quick_reply_domain(conversation) & domain)

    @api.model
    def _quick_reply_domain(self, conversation):
        # sudo: whatsapp_omni.conversation - an agent of another queue may own it
        conversation = conversation.sudo()
        own = Domain("user_id", "=", self.env.uid)
        shared = Domain("user_id", "=", False) & Domain(
            "queue_ids", "in", conversation.queue_id.ids
        )
        return Domain("company_id", "=", conversation.company_id.id) & (own | shared)

    def _describe_quick_reply(self, conversation):
        preview = self._preview(conversation, user=self.env.user)
        return {
            "id": self.id,
            "name": self.name,
            "shortcut": self.shortcut or "",
            "kind": self.kind,
            "category": self.category_id.name or "",
            "is_private": bool(self.user_id),
            "use_count": self.use_count,
            "text": self._composer_text(conversation, preview["body"]),
            "preview": preview,
        }

    def _composer_text(self, conversation, shown):
        """Return what goes into the composer, False for what is sent as it is.

        What tells the customer something that is hidden from agents, such as their
        number, cannot go through an agent's hands.

        :param shown: the text as the agent may read it
        """
        if self.kind != "text":
            return False
        template = self._for_conversation(conversation)
        fill = template._filler(conversation, self.env.user)
        return shown if template._build_content(fill, False).text == shown else False

    def _preview(self, conversation, user=None):
        """Return what the preview component shows of this template.

        :return: the props of ``static/src/core/whatsapp_preview``
        :rtype: dict
        """
        template = self._for_conversation(conversation)
        fill = template._filler(conversation, user, is_preview=True)
        content = template._build_content(fill, template.attachment_id.id)
        payload = content.payload or {}
        file_kind = template._get_file_kind()
        attachment = template.attachment_id
        options = payload.get("options", [])
        preview = {
            "header": payload.get("header", ""),
            "headerKind": file_kind or "text",
            "mediaUrl": f"/web/content/{attachment.id}" if file_kind else "",
            "fileName": (attachment.name or "") if file_kind else "",
            "body": content.text,
            "footer": payload.get("footer", ""),
            "buttons": options if self.kind == "quick_reply" else [],
            "options": options if self.kind == "list" else [],
            "opener": payload.get("opener", ""),
        }
        if self.kind in ("location", "contact"):
            preview["headerKind"] = self.kind
            preview["place" if self.kind == "location" else "card"] = payload
        return preview

    @api.model
    @takes(channel_id=is_id, template_id=is_id)
    def send_quick_reply(self, channel_id, template_id):
        """Send a quick reply as it is, checked like any answer.

        :raises UserError: when it may not be sent now, or not by this user
        """
        channel = self.env["discuss.channel"].browse(channel_id)
        channel.check_access("read")
        Message = self.env["whatsapp_omni.message"]
        conversation = Message._check_sendable(channel)
        template = self._find_quick_reply(conversation, template_id)
        content = template._content(conversation, user=self.env.user)
        conversation._send_by_hand(content)

    @api.model
    def _find_quick_reply(self, conversation, template_id):
        """Return a template that the current user may send in a conversation.

        :raises UserError: when there is none with this id
        """
        template = self._search_quick_replies(
            conversation, Domain("id", "=", template_id)
        )
        if not template:
            raise UserError(
                self.env._(
                    "This quick reply does not exist any more, or is not one of this "
                    "queue. Choose another one."
                )
            )
        return template


class WhatsAppQueue(models.Model):
    _inherit = "whatsapp_omni.queue"

    message_template_ids = fields.Many2many(
        "whatsapp_omni.message.template",
        "whatsapp_omni_message_template_queue_rel",
        "queue_id",
        "template_id",
        string="Quick Replies",
        check_company=True,
        domain=[("user_id", "=", False)],
        help="Messages that agents of this queue send by a shortcut.",
    )


class DiscussChannel(models.Model):
    _inherit = "discuss.channel"

    def _get_allowed_message_params(self):
        """Override of `mail`: take the quick reply that filled the composer."""
        return super()._get_allowed_message_params() | {"whatsapp_omni_template_id"}

    def message_post(self, *, whatsapp_omni_template_id=False, **kwargs):
        """Override of `mail`: remember the quick reply that an answer was made from."""
        channel = self
        if whatsapp_omni_template_id:
            template_id = self._whatsapp_omni_get_template_id(whatsapp_omni_template_id)
            channel = self.with_context(whatsapp_omni_template_id=template_id)
        return super(DiscussChannel, channel).message_post(**kwargs)

    def _whatsapp_omni_get_template_id(self, template_id):
        """Return the id if it is of a quick reply of the user, else False.

        It only counts uses: what is wrong with it must not hold back an answer.
        """
        # sudo: discuss.channel - the conversation of whoever posts, as is checked then
        conversation = self.sudo().whatsapp_omni_conversation_id
        if not conversation or not isinstance(template_id, int):
            return False
        Template = self.env["whatsapp_omni.message.template"]
        wanted = Domain("id", "=", template_id)
        return Template._search_quick_replies(conversation, wanted).id


class WhatsAppMessage(models.Model):
    _inherit = "whatsapp_omni.message"

    @api.model
    def _queue_answer(self, channel, mail):
        """Note the quick reply that the answer was made from."""
        template_id = self.env.context.get("whatsapp_omni_template_id")
        messages = self.with_context(default_message_template_id=template_id)
        return super(WhatsAppMessage, messages)._queue_answer(channel, mail)
