# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models


class WhatsAppApprovedTemplatePart(models.AbstractModel):
    """A part of an approved template: it changes in drafts only, before Meta has it."""

    _name = "whatsapp_omni.approved.template.part"
    _description = "WhatsApp Approved Template Part"

    #: Fields that are ours and not Meta's, and may change all the same.
    _own_fields = frozenset()

    template_id = fields.Many2one(
        "whatsapp_omni.approved.template",
        required=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(related="template_id.company_id")

    @api.model_create_multi
    def create(self, vals_list):
        """Only drafts get new parts."""
        parts = super().create(vals_list)
        parts.template_id._check_parts_changeable()
        return parts

    def write(self, vals):
        """What Meta has cannot be changed."""
        if vals.keys() - self._own_fields:
            self.template_id._check_parts_changeable()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_of_drafts_only(self):
        self.template_id._check_parts_changeable()
