# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models

from .message_content import Content


class WhatsAppMessageTemplate(models.Model):
    """Free-form content kept here, for automatic messages and quick replies."""

    _name = "whatsapp_omni.message.template"
    _description = "WhatsApp Message Template"
    _order = "name, id"
    _check_company_auto = True

    name = fields.Char(required=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    kind = fields.Selection([("text", "Text")], required=True, default="text")
    body = fields.Text()

    def _content(self, conversation):
        """Return what this template says in a conversation, filled in.

        :rtype: Content
        """
        self.ensure_one()
        return Content(self.kind, self.body)
