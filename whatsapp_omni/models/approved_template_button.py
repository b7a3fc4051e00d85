# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models

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
    _inherit = "whatsapp_omni.approved.template.part"
    _description = "WhatsApp Approved Template Button"
    _order = "sequence, id"
    _own_fields = frozenset({"payload"})

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

    # === BUSINESS METHODS === #

    def _is_dynamic(self):
        """Tell whether the address ends with a variable."""
        return self.kind == "URL" and bool(template_text.variables(self.url))

    def _kind_label(self):
        return dict(self._fields["kind"]._description_selection(self.env))[self.kind]
