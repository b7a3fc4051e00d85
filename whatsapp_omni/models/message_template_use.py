# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, models
from odoo.exceptions import UserError


class WhatsAppMessageTemplate(models.Model):
    """What is in use stays: nobody should find out when a customer gets nothing."""

    _inherit = "whatsapp_omni.message.template"

    def _find_uses(self):
        """Return the records that use this template, as a list of recordsets.

        A model whose records name a template extends this.
        """
        self.ensure_one()
        return []

    def write(self, vals):
        """Refuse to archive what is in use."""
        if vals.get("active") is False:
            self._check_unused()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        """Refuse to delete what is in use."""
        self._check_unused()

    def _check_unused(self):
        for template in self:
            uses = [records for records in template._find_uses() if records]
            if not uses:
                continue
            raise UserError(
                self.env._(
                    "“%(name)s” is in use, so it can be neither deleted nor archived. "
                    "Take another message there first:\n%(uses)s",
                    name=template.name,
                    uses="\n".join(map(template._describe_use, uses)),
                )
            )

    @api.model
    def _describe_use(self, records):
        """Return a line that says which records of a model use a template."""
        model = self.env["ir.model"]._get(records._name).name
        return f"{model}: {', '.join(records.mapped('display_name'))}"
