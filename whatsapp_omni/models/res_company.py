# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import re

from odoo import models


class ResCompany(models.Model):
    _inherit = "res.company"

    def write(self, vals):
        """Override: what the company publishes of itself is hidden nowhere."""
        result = super().write(vals)
        if vals.keys() & {"country_id", "phone", "email"}:
            self.env.registry.clear_cache()
        return result

    def _whatsapp_omni_spared(self):
        """Return the company's own addresses and numbers, which customers are told.

        :return: see ``spared`` of :class:`tools.masking.Policy`
        """
        # sudo: whatsapp_omni.line - the numbers that customers write to
        lines = (
            self.env["whatsapp_omni.line"].sudo().search([("company_id", "=", self.id)])
        )
        numbers = [self.phone or "", *lines.mapped("number")]
        digits = {re.sub(r"\D", "", number).lstrip("0") for number in numbers}
        return frozenset((digits | {(self.email or "").lower()}) - {""})
