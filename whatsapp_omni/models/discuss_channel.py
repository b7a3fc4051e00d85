# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import json

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from odoo.addons.mail.tools.discuss import Store

CHANNEL_TYPE = "whatsapp_omni"


def is_whatsapp(channel):
    """Predicate to filter channels of a WhatsApp customer."""
    return channel.channel_type == CHANNEL_TYPE


class DiscussChannel(models.Model):
    """The channel of one customer on one line: it lives for ever and holds everything.

    Nobody but this code may create, change, join or leave such a channel: two global
    rules lock it, the methods here use sudo. The customer is no member of it; those who
    take part in the open conversation are, and nobody else.
    """

    _inherit = "discuss.channel"

    channel_type = fields.Selection(
        selection_add=[(CHANNEL_TYPE, "WhatsApp conversation")],
        ondelete={CHANNEL_TYPE: "cascade"},
    )
    whatsapp_omni_line_id = fields.Many2one(
        "whatsapp_omni.line", index="btree_not_null", ondelete="restrict"
    )
    whatsapp_omni_customer_id = fields.Many2one(
        "whatsapp_omni.customer", index="btree_not_null", ondelete="restrict"
    )
    # Written when a conversation begins, so that access rules need no search.
    whatsapp_omni_conversation_id = fields.Many2one(
        "whatsapp_omni.conversation",
        string="Latest conversation",
        index="btree_not_null",
        ondelete="set null",
    )
    whatsapp_omni_conversation_ids = fields.One2many(
        "whatsapp_omni.conversation", "channel_id"
    )

    _whatsapp_omni_unique = models.UniqueIndex(
        "(whatsapp_omni_line_id, whatsapp_omni_customer_id)"
        " WHERE whatsapp_omni_line_id IS NOT NULL",
        "This customer has a channel on this line already.",
    )
    _whatsapp_omni_check = models.Constraint(
        "CHECK ((channel_type = 'whatsapp_omni') = (whatsapp_omni_line_id IS NOT NULL)"
        " AND (whatsapp_omni_line_id IS NULL) = (whatsapp_omni_customer_id IS NULL))",
        "A WhatsApp channel belongs to one customer on one line.",
    )

    # === CREATION === #

    @api.model
    def _whatsapp_omni_find_or_create(self, line, customers):
        """Return the channel of each customer on ``line``, as a dict by customer."""
        known = self.search_fetch(
            Domain("whatsapp_omni_line_id", "=", line.id)
            & Domain("whatsapp_omni_customer_id", "in", customers.ids)
        )
        channels = {channel.whatsapp_omni_customer_id: channel for channel in known}
        missing = [customer for customer in customers if customer not in channels]
        if not missing:
            return channels
        # The public user becomes no member of what they create. Without a uuid there is
        # no invitation link that would let anybody read.
        public = self.env.ref("base.public_user")
        created = (
            self.with_user(public)
            .sudo()
            .create(
                [
                    {
                        "name": customer.name,
                        "channel_type": CHANNEL_TYPE,
                        "uuid": False,
                        "whatsapp_omni_line_id": line.id,
                        "whatsapp_omni_customer_id": customer.id,
                    }
                    for customer in missing
                ]
            )
        )
        channels.update(zip(missing, created.with_env(self.env), strict=True))
        return channels

    # === ACCESS === #

    def _mail_get_operation_for_mail_message_operation(self, message_operation):
        """Override of `mail`: only colleagues post, nobody edits what was sent.

        "write" is what the global rule denies to everybody. Who may write notes is
        let in; that the customer hears participants only is checked with the answer.
        """
        operations = super()._mail_get_operation_for_mail_message_operation(
            message_operation
        )
        if message_operation != "read":
            for channel in self.filtered(is_whatsapp):
                posts = message_operation == "create" and (
                    channel.is_member or channel._whatsapp_omni_may_note()
                )
                operations[channel] = "read" if posts else "write"
        return operations

    def _check_can_update_message_content(self, message):
        """Override of `mail`: what WhatsApp has delivered cannot be taken back."""
        if is_whatsapp(self):
            raise UserError(
                self.env._(
                    "A message that went to WhatsApp cannot be changed any more."
                )
            )
        return super()._check_can_update_message_content(message)

    # === MEMBERS === #

    def _whatsapp_omni_join(self, user):
        """Make ``user`` one of those who write in this channel.

        Who joins of their own accord has on the screen what was said: it is not unread.
        """
        # sudo: discuss.channel.member - membership follows the conversation
        channel = self.sudo()
        values = {}
        if user == self.env.user:
            last = channel._whatsapp_omni_last_message()
            values["new_message_separator"] = last.id + 1
        channel._add_members(
            users=user, post_joined_message=False, create_member_params=values
        )

    def _whatsapp_omni_last_message(self):
        return self.env["mail.message"].search(
            [("model", "=", self._name), ("res_id", "=", self.id)],
            order="id desc",
            limit=1,
        )

    def _whatsapp_omni_leave(self, user):
        # sudo: discuss.channel.member - see above
        self.sudo()._action_unfollow(user.partner_id, post_leave_message=False)

    # === POSTING === #

    def message_post(self, *, message_type="notification", **kwargs):
        """Override of `mail`: participants answer, colleagues note, in their own name.

        What could not be sent is refused before it is posted.
        """
        if not is_whatsapp(self):
            return super().message_post(message_type=message_type, **kwargs)
        if self._whatsapp_omni_is_answer(message_type, kwargs):
            Message = self.env["whatsapp_omni.message"]
            kwargs["body"] = Message._check_answer(self, kwargs)
            attachments = self.env["ir.attachment"].browse(kwargs.get("attachment_ids"))
            attachments.check_access("read")
            for name in ("author_id", "author_guest_id", "email_from"):
                kwargs.pop(name, None)
        elif self._whatsapp_omni_is_note(message_type, kwargs):
            kwargs = self._whatsapp_omni_note_values(kwargs)
        elif self.env.uid != SUPERUSER_ID:
            raise AccessError(
                self.env._("Only answers to the customer and notes are posted here.")
            )
        # sudo: mail.message - nobody may create messages here by any other way
        channel = self.sudo()
        return super(DiscussChannel, channel).message_post(
            message_type=message_type, **kwargs
        )

    def set_message_pin(self, message_id, pinned):
        """Override of `mail`: colleagues see what the customer sees."""
        if is_whatsapp(self):
            raise UserError(
                self.env._("Messages of a WhatsApp conversation cannot be pinned.")
            )
        return super().set_message_pin(message_id, pinned)

    def _whatsapp_omni_is_answer(self, message_type, values):
        """Tell what goes to the customer from notes and notifications."""
        comment = self.env.ref("mail.mt_comment").id
        return (
            message_type == "comment"
            and self._whatsapp_omni_subtype_id(values) == comment
        )

    def _message_post_after_hook(self, message, msg_vals):
        """Override of `mail`: put the agent's answer into the outbox."""
        if is_whatsapp(self):
            # Notifications are made from these values, not from what was stored.
            msg_vals["body"] = message.body
            message._whatsapp_omni_hide_files()
        result = super()._message_post_after_hook(message, msg_vals)
        comment = self.env.ref("mail.mt_comment").id
        if (
            is_whatsapp(self)
            and message.message_type == "comment"
            and message.subtype_id.id == comment
        ):
            self.env["whatsapp_omni.message"].sudo()._queue_answer(self, message)
        return result

    def _whatsapp_omni_show(self, mail, owner=None):
        """Show a message that was created without ``message_post``.

        :param owner: the agent to wake by web push, who has a device for it
        """
        if owner:
            self._notify_thread(mail, {"message_type": mail.message_type})
            return
        # Nothing made this way is scheduled: told so, Odoo does not look.
        unscheduled = {"scheduled_date": False}
        store = Store(bus_channel=self).add(mail, msg_vals=unscheduled)
        data = store.get_result()
        self._bus_send("discuss.channel/new_message", {"data": data, "id": self.id})

    def _web_push_send_notification(self, devices, *args, **kwargs):
        """Override of `mail`: leave web push to its job.

        The transaction that shows a customer's message holds locks that everybody waits
        for: it must not call a browser vendor's server.
        """
        if not is_whatsapp(self):
            return super()._web_push_send_notification(devices, *args, **kwargs)
        self.env["mail.push"].sudo().create(
            [
                {
                    "mail_push_device_id": device.id,
                    "payload": json.dumps(kwargs["payload"]),
                }
                for device in devices
            ]
        )
        return self.env.ref("mail.ir_cron_web_push_notification")._trigger()

    def _whatsapp_omni_update(self, mail):
        """Show again a message that is on screens already, as it is now."""
        Store(bus_channel=self).add(mail).bus_send()

    # === STORE === #

    def _to_store_defaults(self, target):
        return super()._to_store_defaults(target) + [
            Store.One(
                "whatsapp_omni_conversation_id", [], predicate=is_whatsapp, sudo=True
            ),
            Store.Attr(
                "whatsapp_omni_customer_name",
                # sudo: whatsapp_omni.customer - who reads the channel knows them
                lambda channel: channel.sudo().whatsapp_omni_customer_id.name,
                predicate=is_whatsapp,
            ),
        ]

    def _sync_field_names(self):
        names = super()._sync_field_names()
        names[None].append(
            Store.One(
                "whatsapp_omni_conversation_id", [], predicate=is_whatsapp, sudo=True
            )
        )
        return names
