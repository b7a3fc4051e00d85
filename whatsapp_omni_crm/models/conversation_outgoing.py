# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, models

from odoo.addons.whatsapp_omni.tools.arguments import takes


class WhatsAppConversation(models.Model):
    """Writing first to the person of a lead: its values, and the link to it."""

    _inherit = "whatsapp_omni.conversation"

    @api.model
    def _person_of(self, record):
        """Override: remember the lead that somebody writes about."""
        person = super()._person_of(record)
        if record._name == "crm.lead":
            person["origin"] = {"lead_id": record.id}
            if not person["partner_id"]:
                person["number"] = self._shown_phone(record)
        return person

    @api.model
    def _shown_phone(self, lead):
        """Return the phone of a lead as the desk shows it to the user."""
        Customer = self.env["whatsapp_omni.customer"]
        return Customer._hide_contact_number(lead.phone) or ""

    @api.model
    def _lead_of(self, who):
        """Return the lead from which somebody writes, if any, as superuser."""
        lead_id = ((who or {}).get("origin") or {}).get("lead_id")
        lead = self.env["crm.lead"].browse(lead_id or []).exists()
        if lead:
            lead.check_access("read")
        # sudo: crm.lead - read above by the user; agents without leads have none
        return lead.sudo()

    @api.model
    def _start_context(self, queue, who):
        """Override: the lead gives values to templates."""
        return {**super()._start_context(queue, who), "lead": self._lead_of(who)}

    @api.model
    @takes(who={})
    def action_start(self, queue_id, template_id, who, params=(), attachment_id=False):
        """Override: what is written from a lead belongs to it."""
        lead = self._lead_of(who)
        if lead and who.get("number") == self._shown_phone(lead):
            who = {**who, "number": lead.phone}
        start = super(
            WhatsAppConversation, self.with_context(whatsapp_omni_lead_id=lead.id)
        ).action_start
        conversation_id = start(queue_id, template_id, who, params, attachment_id)
        if lead:
            self.browse(conversation_id).action_link_lead(lead.id)
        return conversation_id

    def _template_context(self):
        """Override: the lead from which it is written, or else the latest open one."""
        # sudo: crm.lead - read by the user before; only sources of values read it
        lead_id = self.env.context.get("whatsapp_omni_lead_id")
        lead = self.env["crm.lead"].sudo().browse(lead_id or [])
        lead = lead or self._latest_open_lead()
        return {**super()._template_context(), "lead": lead}
