# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models
from odoo.tools import format_amount, format_date

LEAD_SOURCES = [
    ("lead_name", "Lead: title"),
    ("lead_contact", "Lead: contact name"),
    ("lead_company", "Lead: company name"),
    ("lead_revenue", "Lead: expected revenue"),
    ("lead_closing", "Lead: expected closing"),
    ("lead_salesperson", "Lead: salesperson"),
]


def _type_instead(parameters):
    """Have agents type what no lead can give any more."""
    parameters.source = "text"


class WhatsAppApprovedTemplateParameter(models.Model):
    """Values of a lead, in what is written from it or linked to it.

    The context of :meth:`_propose` has the ``lead``, a single record or empty.
    """

    _inherit = "whatsapp_omni.approved.template.parameter"

    source = fields.Selection(
        selection_add=LEAD_SOURCES,
        ondelete={source: _type_instead for source, _label in LEAD_SOURCES},
    )

    def _value_contact_name(self, context):
        """Override: a lead may know the name of somebody who is no contact."""
        lead = context.get("lead")
        return super()._value_contact_name(context) or (lead and lead.contact_name)

    def _value_lead_name(self, context):
        lead = context.get("lead")
        return lead and lead.name

    def _value_lead_contact(self, context):
        lead = context.get("lead")
        return lead and (lead.contact_name or lead.partner_id.name)

    def _value_lead_company(self, context):
        lead = context.get("lead")
        return lead and (lead.partner_name or lead.partner_id.commercial_company_name)

    def _value_lead_revenue(self, context):
        lead = context.get("lead")
        if not lead or not lead.expected_revenue:
            return ""
        return format_amount(
            self.env, lead.expected_revenue, lead.company_currency, self._lang_code()
        )

    def _value_lead_closing(self, context):
        lead = context.get("lead")
        return lead and format_date(
            self.env, lead.date_deadline, lang_code=self._lang_code()
        )

    def _value_lead_salesperson(self, context):
        lead = context.get("lead")
        return lead and lead.user_id.name
