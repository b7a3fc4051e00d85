# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import re

from odoo import fields, models
from odoo.fields import Domain
from odoo.tools import ormcache


class ResCompany(models.Model):
    _inherit = "res.company"

    whatsapp_omni_hide_numbers = fields.Boolean(
        "Hide Customers' Numbers from Agents",
        help="Agents who are not supervisors read +34 ••• ••• 222 instead of a "
        "customer's number, and find a customer by the whole number only. Phone "
        "numbers in new messages are hidden in all queues. Contacts and leads that "
        "agents create begin without the number. The phones of contacts and leads are "
        "hidden in WhatsApp; in the Contacts and CRM apps whoever may read them does.",
    )

    def write(self, vals):
        """Override: every process forgets what was hidden, and what is not any more."""
        switched = self.browse()
        if "whatsapp_omni_hide_numbers" in vals:
            hide = bool(vals["whatsapp_omni_hide_numbers"])
            switched = self.filtered(lambda c: c.whatsapp_omni_hide_numbers != hide)
        result = super().write(vals)
        if switched or vals.keys() & {"country_id", "phone", "email"}:
            self.env.registry.clear_cache()
        if switched:
            switched._whatsapp_omni_show_numbers()
        return result

    @ormcache("self.id")
    def _whatsapp_omni_hides_numbers(self):
        """Tell whether agents must not read the numbers of this company's customers."""
        # sudo: res.company - whoever reads a customer
        return self.sudo().whatsapp_omni_hide_numbers

    def _whatsapp_omni_show_numbers(self):
        """Show the numbers of all customers as they are shown from now on."""
        # sudo: whatsapp_omni.customer, whatsapp_omni.conversation - of all the company
        Customer = self.env["whatsapp_omni.customer"].sudo()
        Customer.invalidate_model(["number_display"])
        nameless = Customer.search(
            Domain("company_id", "in", self.ids)
            & Domain("partner_id", "=", False)
            & Domain("profile_name", "=", False)
            & Domain("wa_id", "!=", False)
        )
        self.env.add_to_compute(Customer._fields["name"], nameless)
        nameless._rename_channels()
        opened = self.env["whatsapp_omni.conversation"].sudo()
        opened.search(
            Domain("company_id", "in", self.ids) & Domain("state", "!=", "closed")
        )._push()

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
