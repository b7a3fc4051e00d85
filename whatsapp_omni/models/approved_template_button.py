# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models

from ..gupshup import template_text

BUTTON_KINDS = [
    ("QUICK_REPLY", "Quick reply"),
    ("URL", "Visit website"),
    ("PHONE_NUMBER", "Call phone number"),
    ("OTP", "Copy the code"),
    ("COPY_CODE", "Copy offer code"),
    ("CATALOG", "View catalogue"),
    ("MPM", "View items"),
    ("FLOW", "Complete form"),
    ("OTHER", "Other"),
]


class WhatsAppApprovedTemplateButton(models.Model):
    """A button under an approved template."""

    _name = "whatsapp_omni.approved.template.button"
    _description = "WhatsApp Approved Template Button"
    _order = "sequence, id"

    template_id = fields.Many2one(
        "whatsapp_omni.approved.template",
        required=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(related="template_id.company_id")
    sequence = fields.Integer(default=10)
    kind = fields.Selection(BUTTON_KINDS, required=True, default="QUICK_REPLY")
    text = fields.Char("Label")
    url = fields.Char(
        "Address", help="It may end with one variable: https://example.com/{{1}}"
    )
    phone = fields.Char(help="With its country prefix: +34 600 11 12 22")
    example = fields.Char(
        "Complete address", help="An example, the variable filled in."
    )
    payload = fields.Char(
        "Answer's value",
        help="What a tap on the button tells instead of its label. Customers do not "
        "see it.",
    )

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        """Only drafts get new buttons."""
        buttons = super().create(vals_list)
        buttons.template_id._check_parts_changeable()
        return buttons

    def write(self, vals):
        """What Meta has cannot be changed; what a tap answers can."""
        if vals.keys() - {"payload"}:
            self.template_id._check_parts_changeable()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_of_drafts_only(self):
        self.template_id._check_parts_changeable()

    # === BUSINESS METHODS === #

    def _is_dynamic(self):
        """Tell whether the address ends with a variable."""
        return self.kind == "URL" and bool(template_text.variables(self.url))

    def _kind_label(self):
        return dict(self._fields["kind"]._description_selection(self.env))[self.kind]
