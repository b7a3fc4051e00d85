# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.exceptions import ValidationError

MESSAGE_FIELDS = (
    "welcome_template_id",
    "after_hours_template_id",
    "farewell_template_id",
    "opt_out_template_id",
    "opt_in_template_id",
)

#: Private messages are nobody else's, least of all every customer's.
SHARED = [("user_id", "=", False)]


class WhatsAppLine(models.Model):
    """What a line says by itself."""

    _inherit = "whatsapp_omni.line"

    welcome_template_id = fields.Many2one(
        "whatsapp_omni.message.template",
        "Welcome",
        check_company=True,
        domain=SHARED,
        index="btree_not_null",
        ondelete="restrict",
        help="Sent when a customer begins a conversation.",
    )
    after_hours_template_id = fields.Many2one(
        "whatsapp_omni.message.template",
        "After hours",
        check_company=True,
        domain=SHARED,
        index="btree_not_null",
        ondelete="restrict",
        help="Sent when a customer writes while the line is closed.",
    )
    farewell_template_id = fields.Many2one(
        "whatsapp_omni.message.template",
        "Farewell",
        check_company=True,
        domain=SHARED,
        index="btree_not_null",
        ondelete="restrict",
        help="Sent when a person closes a conversation, unless they choose not to.",
    )

    @api.constrains(*MESSAGE_FIELDS)
    def _check_shared_messages(self):
        """A private message is nobody else's, least of all every customer's."""
        for line in self:
            for name in MESSAGE_FIELDS:
                line[name]._check_not_private(line)


class WhatsAppMessageTemplate(models.Model):
    _inherit = "whatsapp_omni.message.template"

    @api.constrains("user_id")
    def _check_private_unused(self):
        """What is used by others cannot become private."""
        for template in self.filtered("user_id"):
            for records in template._find_uses():
                template._check_not_private(records)

    def _check_not_private(self, records):
        """Refuse that ``records`` use this template if it is private."""
        if self.user_id and records:
            raise ValidationError(
                self.env._(
                    "“%(name)s” is private to %(user)s, so it cannot be used "
                    "for %(use)s.",
                    name=self.name,
                    user=self.user_id.name,
                    use=self._describe_use(records),
                )
            )

    def _find_uses(self):
        """Add the lines that say it."""
        # sudo: whatsapp_omni.line - whoever deletes it must know of every line
        Line = self.env["whatsapp_omni.line"].sudo().with_context(active_test=False)
        domain = fields.Domain.OR([[(name, "=", self.id)] for name in MESSAGE_FIELDS])
        return [*super()._find_uses(), Line.search(domain)]
