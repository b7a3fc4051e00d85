# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from odoo.addons.mail.tools.discuss import Store

from ..tools import background

#: How long a colleague has to answer.
PATIENCE = timedelta(minutes=2)


class WhatsAppInvitation(models.Model):
    """An agent asks a colleague, or anybody of a queue, to join a conversation.

    Whoever joins first is the one. Its state changes under the lock of its conversation
    only, hence once.
    """

    _name = "whatsapp_omni.invitation"
    _description = "WhatsApp Invitation"
    _order = "id"
    _rec_name = "conversation_id"

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
    inviter_id = fields.Many2one(
        "res.users", "Asked by", required=True, readonly=True, ondelete="cascade"
    )
    queue_id = fields.Many2one(
        "whatsapp_omni.queue",
        "Anybody of",
        readonly=True,
        index="btree_not_null",
        ondelete="cascade",
    )
    asked_ids = fields.Many2many(
        "res.users",
        "whatsapp_omni_invitation_asked_rel",
        "invitation_id",
        "user_id",
        string="Whom",
        readonly=True,
        help="Those who have not refused.",
    )
    user_id = fields.Many2one(
        "res.users", "Joined", readonly=True, index="btree_not_null", ondelete="cascade"
    )
    note = fields.Char(readonly=True, help="What it is about.")
    state = fields.Selection(
        [
            ("pending", "Asked"),
            ("joined", "Joined"),
            ("refused", "Refused"),
            ("expired", "Not answered"),
            ("withdrawn", "Withdrawn"),
        ],
        required=True,
        readonly=True,
        default="pending",
    )
    expires_at = fields.Datetime(readonly=True)
    settled_at = fields.Datetime("Settled", readonly=True)

    # However many were settled, this holds those that wait.
    _pending = models.Index("(expires_at, id) WHERE state = 'pending'")

    # === ACTIONS === #

    def action_join(self):
        """Join the conversation; return its id. For those who are asked.

        :raises UserError: when it is too late
        """
        invitation = self._answer()
        conversation = invitation.conversation_id
        invitation._settle("joined", self.env.user)
        conversation._add_guest(self.env.user, "joined")
        return conversation.id

    def action_refuse(self):
        """Say *not now*; when nobody is left, whoever asked is told."""
        invitation = self._answer()
        invitation.asked_ids -= self.env.user
        invitation._hide_from(self.env.user)
        if not invitation.asked_ids:
            invitation._settle("refused", self.env.user)

    def action_withdraw(self):
        """Ask no longer. For the agent who attends the conversation."""
        self.ensure_one()
        self.check_access("read")
        # sudo: whatsapp_omni.invitation - changed by methods only
        invitation = self.sudo()
        invitation.conversation_id.sudo(False)._take_turn()
        invitation.invalidate_recordset()
        if invitation.conversation_id.user_id != self.env.user:
            raise AccessError(
                self.env._("Only the agent who attends the conversation may do that.")
            )
        if invitation.state == "pending":
            invitation._settle("withdrawn")

    def _answer(self):
        """Return this invitation as superuser, locked, for the user to answer.

        :raises UserError: when it is too late
        """
        self.ensure_one()
        self.check_access("read")
        # sudo: whatsapp_omni.invitation - changed by methods only
        invitation = self.sudo()
        invitation.conversation_id._take_turn()
        invitation.invalidate_recordset()
        if invitation.state != "pending":
            raise UserError(invitation._explain())
        if self.env.user not in invitation.asked_ids:
            raise AccessError(self.env._("This invitation is for somebody else."))
        return invitation

    def _explain(self):
        match self.state:
            case "joined":
                return self.env._("%s has joined already.", self.user_id.name)
            case "withdrawn":
                return self.env._("You are not needed any more.")
        return self.env._("This invitation is over.")

    # === LIFE === #

    @api.model
    def _invite(self, conversation, asked, queue, note):
        """Ask these users. The conversation is locked."""
        invitation = self.create(
            {
                "conversation_id": conversation.id,
                "inviter_id": self.env.uid,
                "queue_id": queue.id,
                "asked_ids": [fields.Command.set(asked.ids)],
                "note": note or False,
                "expires_at": fields.Datetime.now() + PATIENCE,
            }
        )
        conversation._count_invitations()
        conversation._log_change("invited", "attended", "attended", invitation._whom())
        for user in asked:
            Store(bus_channel=user).add(invitation).bus_send()
        conversation._push()
        self.env.ref("whatsapp_omni.ir_cron_invitations")._trigger(
            at=invitation.expires_at + timedelta(seconds=1)
        )
        return invitation

    def _whom(self):
        """Return who is asked, as people say it."""
        return self.queue_id.name or ", ".join(self.asked_ids.mapped("name"))

    def _settle(self, state, user=None):
        """End the asking. The conversation is locked.

        :param user: who joined, or was the last to refuse
        """
        whom = user.name if user else self._whom()
        conversation = self.conversation_id
        self._hide_from(self.asked_ids)
        self.write(
            {
                "state": state,
                "user_id": user.id if state == "joined" else False,
                "settled_at": fields.Datetime.now(),
            }
        )
        conversation._count_invitations()
        if state in ("refused", "expired"):
            parts = [whom, [f"invitation_{state}", []]]
            conversation._log_change("uninvited", "attended", "attended", parts)
            _ = self.inviter_id.with_context(lang=self.inviter_id.lang).env._
            text = (
                _("%(name)s cannot join now", name=whom)
                if state == "refused"
                else _("%(name)s did not answer", name=whom)
            )
            conversation._notify_colleague(self.inviter_id, text, kind="warning")
        conversation._push()

    def _hide_from(self, users):
        for user in users:
            Store(bus_channel=user).delete(self).bus_send()

    @api.model
    def _cron_expire(self):
        """Give up on colleagues who do not answer."""
        with background.background_env(self.env.registry) as env:
            env[self._name]._expire_late(env.cr.commit)

    @api.model
    def _expire_late(self, commit):
        late = self.search(
            Domain("state", "=", "pending")
            & Domain("expires_at", "<=", fields.Datetime.now())
        )
        for invitation in late:
            background.quietly(invitation._expire)
            commit()

    def _expire(self):
        with self.env.cr.savepoint():
            self.conversation_id._lock()
            self.invalidate_recordset()
            if self.state == "pending":
                self._settle("expired")

    # === STORE === #

    @api.model
    def _pending_of_user(self):
        """Return what the user is asked for now."""
        # sudo: whatsapp_omni.invitation - filtered by user
        return self.sudo().search(
            Domain("state", "=", "pending")
            & Domain("asked_ids", "in", self.env.uid)
            & Domain("expires_at", ">", fields.Datetime.now())
        )

    def _to_store(self, store, fields_):
        # sudo: whatsapp_omni.invitation - who is asked may know by whom, and for whom
        store.add_records_fields(self.sudo(), fields_)

    def _to_store_defaults(self, target):
        return [
            "note",
            Store.Attr("conversation_id", lambda i: i.conversation_id.id),
            Store.Attr("inviter_name", lambda i: i.inviter_id.name),
            Store.Attr("customer_name", lambda i: i.conversation_id.customer_id.name),
            Store.Attr("queue_name", lambda i: i.conversation_id.queue_id.name),
            Store.Attr("expires_at", lambda i: fields.Datetime.to_string(i.expires_at)),
        ]
