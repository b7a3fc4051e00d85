# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from odoo.addons.mail.tools.discuss import Store


class WhatsAppCustomer(models.Model):
    """Customers whom nobody wants to hear any more.

    Blocking works here, whatever the provider does about it: what a blocked customer
    writes is kept in the transcript, begins no conversation and alerts nobody. The
    provider is told as well, see `whatsapp_omni.block`.
    """

    _inherit = "whatsapp_omni.customer"

    blocked = fields.Boolean(
        readonly=True,
        help="What this customer writes begins no conversation.",
    )
    blocked_at = fields.Datetime("Blocked on", readonly=True)
    blocked_by_id = fields.Many2one(
        "res.users", "Blocked by", readonly=True, ondelete="restrict"
    )
    block_ids = fields.One2many(
        "whatsapp_omni.block",
        "customer_id",
        readonly=True,
        groups="whatsapp_omni.group_supervisor",
    )
    block_refusal = fields.Text(
        compute="_compute_block_refusal",
        groups="whatsapp_omni.group_supervisor",
        help="What the provider was asked to do about this customer, and refused.",
    )

    @api.depends("block_ids.state", "block_ids.wanted", "block_ids.reason")
    @api.depends_context("lang")
    def _compute_block_refusal(self):
        for customer in self:
            refused = customer.block_ids._refused()
            customer.block_refusal = "\n".join(
                block._explain_refusal() for block in refused
            )

    def action_block(self):
        """Block these customers. For supervisors; agents block when they close."""
        self._check_supervises()
        self._block()

    def action_unblock(self):
        """Hear these customers again. For supervisors."""
        self._check_supervises()
        # sudo: whatsapp_omni.customer - people change the contact only
        blocked = self.sudo().filtered("blocked")
        blocked.write({"blocked": False, "blocked_at": False, "blocked_by_id": False})
        blocked.block_ids._ask("unblock")

    def action_ask_provider(self):
        """Ask the provider again for what it has refused. For supervisors."""
        self._check_supervises()
        # sudo: whatsapp_omni.block - rows are written by code only
        for block in self.sudo().block_ids._refused():
            block._ask(block.wanted)

    def _check_supervises(self):
        self.check_access("write")
        if not self.env.user.has_group("whatsapp_omni.group_supervisor"):
            raise AccessError(
                self.env._("Only supervisors may block and unblock customers.")
            )

    def _block(self):
        # sudo: whatsapp_omni.customer - people change the contact only
        free = self.sudo().filtered(lambda customer: not customer.blocked)
        free.write(
            {
                "blocked": True,
                "blocked_at": fields.Datetime.now(),
                "blocked_by_id": self.env.uid,
            }
        )
        self.env["whatsapp_omni.block"].sudo()._of(free)._ask("block")

    def _marketing_refusal(self):
        """Override: whom we do not hear gets no advertisements either."""
        # sudo: whatsapp_omni.customer - a sender may not see who is blocked
        blocked = self.sudo().filtered("blocked")
        if not blocked:
            return super()._marketing_refusal()
        return self.env._(
            "No marketing may be sent to %(customers)s, who is blocked.",
            customers=", ".join(blocked.mapped("name")),
        )

    @api.model
    def _find_or_dial(self, company, person):
        """Override: whom we do not hear we do not write to first."""
        customer = super()._find_or_dial(company, person)
        if customer.blocked:
            raise UserError(
                self.env._(
                    "%(customer)s is blocked. A supervisor can unblock them in their "
                    "form.",
                    customer=customer.name,
                )
            )
        return customer


class WhatsAppConversation(models.Model):
    _inherit = "whatsapp_omni.conversation"

    def _to_store_defaults(self, target):
        return super()._to_store_defaults(target) + [
            Store.Attr("is_blocked", lambda c: c.customer_id.blocked),
        ]

    @api.model
    def _heard(self, channels):
        """Return the channels on which a conversation may begin."""
        customers = channels.whatsapp_omni_customer_id
        # The lock of the last conversation may have waited for whoever blocks.
        customers.invalidate_recordset(["blocked"])
        return channels.filtered(
            lambda channel: not channel.whatsapp_omni_customer_id.blocked
        )

    @api.model
    def _last_of(self, channel):
        """Return the closed conversation that keeps what a blocked customer writes."""
        if not channel.whatsapp_omni_conversation_id:
            channel.whatsapp_omni_conversation_id = self.create(
                {
                    "channel_id": channel.id,
                    "line_id": channel.whatsapp_omni_line_id.id,
                    "customer_id": channel.whatsapp_omni_customer_id.id,
                    "company_id": channel.whatsapp_omni_line_id.company_id.id,
                    "state": "closed",
                    "closed_at": fields.Datetime.now(),
                    "close_reason": "blocked",
                }
            )
        return channel.whatsapp_omni_conversation_id

    def action_close(self, *args, block=False, **kwargs):
        """Override: block the customer as well, if asked.

        :param block: allowed where it was spam or a wrong number, and to supervisors;
            whoever is blocked gets no farewell
        """
        self.ensure_one()
        self.check_access("read")
        self._take_turn()
        was_open = self.state != "closed"
        if block:
            kwargs["farewell"] = False
        result = super().action_close(*args, **kwargs)
        if block and was_open:
            self._check_may_block()
            self.sudo().customer_id.with_env(self.env)._block()
            self._log_change("blocked", "closed", "closed")
        return result

    def _check_may_block(self):
        if self.env.user.has_group("whatsapp_omni.group_supervisor"):
            return
        if self.sudo().disposition_id.kind not in ("spam", "wrong_number"):
            raise UserError(
                self.env._(
                    "Agents may block a customer whose conversation was spam or a "
                    "wrong number. A supervisor can block anybody."
                )
            )


class WhatsAppMessage(models.Model):
    _inherit = "whatsapp_omni.message"

    @api.model
    def _keep_unheard(self, line, letters):
        """Keep what blocked customers write: in the transcript, and nothing else.

        :param letters: pairs of a value and its channel
        """
        Conversation = self.env["whatsapp_omni.conversation"]
        kept = [(value, Conversation._last_of(channel)) for value, channel in letters]
        translated = self._in_language_of(line.company_id, [v for v, _c in kept])
        for mail in self._store_letters(line, translated, kept):
            mail.channel_id._whatsapp_omni_show(mail)
        self._heed_opt_words(line, kept)
