# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models

MESSAGE_FIELDS = (
    "welcome_template_id",
    "after_hours_template_id",
    "farewell_template_id",
)

#: Private messages are nobody else's, least of all every customer's.
_SHARED = [("user_id", "=", False)]


class WhatsAppLine(models.Model):
    """What a line says by itself."""

    _inherit = "whatsapp_omni.line"

    welcome_template_id = fields.Many2one(
        "whatsapp_omni.message.template",
        "Welcome",
        check_company=True,
        domain=_SHARED,
        index="btree_not_null",
        ondelete="restrict",
        help="Sent when a customer begins a conversation.",
    )
    after_hours_template_id = fields.Many2one(
        "whatsapp_omni.message.template",
        "After hours",
        check_company=True,
        domain=_SHARED,
        index="btree_not_null",
        ondelete="restrict",
        help="Sent when a customer writes while the line is closed.",
    )
    farewell_template_id = fields.Many2one(
        "whatsapp_omni.message.template",
        "Farewell",
        check_company=True,
        domain=_SHARED,
        index="btree_not_null",
        ondelete="restrict",
        help="Sent when a person closes a conversation, unless they choose not to.",
    )


class WhatsAppMessageTemplate(models.Model):
    _inherit = "whatsapp_omni.message.template"

    def _find_uses(self):
        """Add the lines that say it."""
        # sudo: whatsapp_omni.line - whoever deletes it must know of every line
        Line = self.env["whatsapp_omni.line"].sudo().with_context(active_test=False)
        domain = fields.Domain.OR([[(name, "=", self.id)] for name in MESSAGE_FIELDS])
        return [*super()._find_uses(), Line.search(domain)]
