# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from odoo.addons.whatsapp_omni.gupshup import phones
from odoo.addons.whatsapp_omni.tools.arguments import is_id, takes

#: How many open leads the panel lists.
LEADS_LIMIT = 5


class WhatsAppConversation(models.Model):
    """The leads of a conversation: shown, created from it, linked to it."""

    _inherit = "whatsapp_omni.conversation"

    lead_ids = fields.Many2many(
        "crm.lead",
        "whatsapp_omni_conversation_lead_rel",
        "conversation_id",
        "lead_id",
        string="Leads",
        readonly=True,
        groups="sales_team.group_sale_salesman",
    )

    # === PANEL === #

    @api.model
    def _add_inbox(self, store):
        """Override: whether the user works with leads at all."""
        result = super()._add_inbox(store)
        Lead = self.env["crm.lead"]
        store.add_global_values(
            whatsapp_omni_crm={
                "can_read": Lead.has_access("read"),
                "can_create": Lead.has_access("create"),
            }
        )
        return result

    def get_panel_records(self):
        """Override: the open leads of the customer, known as a contact or not.

        :return: with ``"leads": [{"id", "name", "stage", "salesperson", "is_linked"}]``
            for users who may read leads
        """
        result = super().get_panel_records()
        if self.env["crm.lead"].has_access("read"):
            linked = self._linked_leads()
            result["leads"] = [
                {
                    "id": lead.id,
                    "name": lead.name,
                    "stage": lead.stage_id.name,
                    "salesperson": lead.user_id.name,
                    "is_linked": lead.id in linked.ids,
                }
                for lead in self._find_open_leads(linked)
            ]
        return result

    def _linked_leads(self):
        # sudo: whatsapp_omni.conversation - who reads it may know what it led to
        return self.sudo().lead_ids

    def _latest_open_lead(self):
        """Return the lead that values for texts come from, empty without one."""
        return (
            self._linked_leads()
            .filtered(lambda lead: lead.won_status == "pending")
            .sorted("id")[-1:]
        )

    def _find_open_leads(self, linked):
        """Return the customer's open leads that the user may read, linked ones first.

        They are those of the contact, those with the customer's number, and those that
        are linked to this conversation.
        """
        customer = self.sudo().customer_id
        domain = Domain("id", "in", linked.ids)
        if customer.partner_id:
            domain |= Domain("partner_id", "child_of", customer.partner_id.ids)
        if customer.wa_id:
            numbers = [f"+{number}" for number in phones.spellings(customer.wa_id)]
            domain |= Domain("phone_sanitized", "in", numbers)
        found = self.env["crm.lead"].search(
            domain
            & Domain("won_status", "=", "pending")
            & Domain("company_id", "in", [False, self.company_id.id]),
            order="id desc",
            limit=LEADS_LIMIT,
        )
        return found.sorted(lambda lead: lead.id not in linked.ids)

    # === CREATING AND LINKING === #

    def get_lead_options(self):
        """Return what a new lead of this conversation begins with.

        :return: ``{"view_id", "defaults"}``; the form, and what its context gives it
        :rtype: dict
        """
        self.ensure_one()
        self.check_access("read")
        return {
            "view_id": self._lead_view().id,
            "defaults": {
                f"default_{name}": value for name, value in self._lead_values().items()
            },
        }

    @api.model
    def _lead_view(self):
        """Return the form of a new lead, which fills in the phone of its contact.

        Another one where numbers are hidden: what a form has, the browser gets.
        """
        is_hidden = self.env["whatsapp_omni.customer"]._are_numbers_hidden()
        hidden = "_hidden" if is_hidden else ""
        return self.env.ref(f"whatsapp_omni_crm.crm_lead_view_form_panel{hidden}")

    def _lead_values(self):
        """Return the values of a lead of this conversation."""
        # sudo: whatsapp_omni.conversation - who reads it may know its customer
        conversation = self.sudo()
        customer, queue = conversation.customer_id, conversation.queue_id
        values = {
            "name": self.env._(
                "%(customer)s on WhatsApp", customer=customer.name or self.name
            ),
            "company_id": conversation.company_id.id,
            "medium_id": self.env.ref("whatsapp_omni_crm.utm_medium_whatsapp").id,
            "whatsapp_omni_conversation_ids": [(4, self.id)],
        }
        if queue.team_id:
            values["team_id"] = queue.team_id.id
        if customer.partner_id:
            values["partner_id"] = customer.partner_id.id
        else:
            contact = customer._contact_values()
            values["contact_name"] = contact["name"]
            values["phone"] = contact["phone"]
            values["country_id"] = contact.get("country_id", False)
        return values

    @takes(lead_id=is_id)
    def action_link_lead(self, lead_id):
        """Link this conversation to a lead, whose chatter tells it."""
        self.ensure_one()
        self.check_access("read")
        lead = self.env["crm.lead"].browse(lead_id).exists()
        if not lead:
            raise UserError(self.env._("This lead does not exist any more."))
        lead.check_access("read")
        if lead.company_id and lead.company_id != self.company_id:
            raise UserError(self.env._("This lead belongs to another company."))
        if lead.id not in self._linked_leads().ids:
            # sudo: crm.lead - whoever sees both may say that they belong together
            lead.sudo().whatsapp_omni_conversation_ids = [(4, self.id)]
            lead._whatsapp_omni_tell_linked(self)
