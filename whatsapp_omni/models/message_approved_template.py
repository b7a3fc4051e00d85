# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..gupshup import errors


class WhatsAppMessage(models.Model):
    """Messages that send an approved template: only while it may be sent, and marketing
    only to those who want it.

    That is asked when the message is queued and again when it leaves. What WhatsApp
    answers about the template itself switches the template off.
    """

    _inherit = "whatsapp_omni.message"

    approved_template_id = fields.Many2one(
        "whatsapp_omni.approved.template",
        "Approved template",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )

    @api.model_create_multi
    def create(self, vals_list):
        """Refuse to queue a template that must not be sent, first or again."""
        for vals in vals_list:
            if vals.get("kind") == "template" and vals.get("direction") == "outbound":
                template = self._find_approved_template(vals)
                template._check_sendable()
                if template.category == "MARKETING":
                    customer = self.env["whatsapp_omni.customer"]
                    customer.browse(vals["customer_id"])._check_may_get_marketing()
                vals["approved_template_id"] = template.id
        return super().create(vals_list)

    @api.model
    def _find_approved_template(self, vals):
        # sudo: whatsapp_omni.approved.template - the agent's queue may use another line
        Template = self.env["whatsapp_omni.approved.template"].sudo()
        template = Template.with_context(active_test=False).search(
            Domain("line_id", "=", vals["line_id"])
            & Domain("provider_ref", "=", vals["payload"]["id"]),
            limit=1,
        )
        if not template:
            raise UserError(
                self.env._(
                    "The line has no such template: synchronise its templates, then "
                    "choose again."
                )
            )
        return template

    def _explain_unsendable_template(self):
        """Return why the template of this message must not be sent, False if it may."""
        if self.kind != "template":
            return False
        # sudo: whatsapp_omni.approved.template - the agent's queue may use another line
        template = self.approved_template_id.sudo()
        if not template:
            return self.env._("The template was deleted before it could be sent.")
        if refusal := template._refusal():
            return refusal
        is_marketing = template.category == "MARKETING"
        return is_marketing and self.customer_id._marketing_refusal()

    def _may_arrive_next_time(self):
        """Override: a template that may not be sent will not arrive either."""
        return (
            super()._may_arrive_next_time() and not self._explain_unsendable_template()
        )

    def _tell_conversations(self):
        """Override: a template that WhatsApp refuses as such is offered no more."""
        result = super()._tell_conversations()
        for message in self:
            if (
                message.state == "failed"
                and message.approved_template_id
                and errors.lookup(message.error_code).disable_template
            ):
                message.approved_template_id._switch_off(message)
        return result
