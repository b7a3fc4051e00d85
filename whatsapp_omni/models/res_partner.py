# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.fields import Domain
from odoo.modules.db import FunctionStatus

from odoo.addons.mail.tools.discuss import Store

from .discuss_channel import is_whatsapp


def _name_index(registry):
    """Return the index by which a part of a name is found, where PostgreSQL can."""
    if not registry.has_trigram:
        return ""
    has_unaccent = registry.has_unaccent == FunctionStatus.INDEXABLE
    expression = registry.unaccent("name") if has_unaccent else "name"
    return f"USING gin ({expression} gin_trgm_ops)"


class ResPartner(models.Model):
    _inherit = "res.partner"

    whatsapp_omni_customer_ids = fields.One2many(
        "whatsapp_omni.customer",
        "partner_id",
        string="WhatsApp Identities",
        groups="whatsapp_omni.group_agent",
    )
    whatsapp_omni_new_of_id = fields.Many2one(
        "whatsapp_omni.customer",
        "New Contact of",
        store=False,
        copy=False,
        inverse="_inverse_whatsapp_omni_new_of_id",
        groups="whatsapp_omni.group_agent",
        help="The customer for whom this contact is created, who is linked to it.",
    )
    whatsapp_omni_phone = fields.Char(
        "Phone",
        compute="_compute_whatsapp_omni_phone",
        groups="whatsapp_omni.group_agent",
        help="The phone as the desk shows it.",
    )
    whatsapp_omni_conversation_count = fields.Integer(
        string="WhatsApp Conversations",
        compute="_compute_whatsapp_omni_conversation_count",
        groups="whatsapp_omni.group_agent",
    )

    whatsapp_omni_opted_out = fields.Boolean(
        string="No Marketing on WhatsApp",
        compute="_compute_whatsapp_omni_opted_out",
        search="_search_whatsapp_omni_opted_out",
        groups="whatsapp_omni.group_agent",
    )

    # Whom an unknown number and a name may belong to is looked up among all contacts.
    _whatsapp_omni_phone_idx = models.Index("(phone_sanitized)")
    _whatsapp_omni_name_idx = models.Index(_name_index)

    def write(self, vals):
        """Override: a customer's new name appears wherever they are shown."""
        result = super().write(vals)
        if "name" in vals:
            self._whatsapp_omni_show_name()
        return result

    def _whatsapp_omni_show_name(self):
        # sudo: whatsapp_omni.customer - whoever may rename a contact renames those
        customers = self.sudo().whatsapp_omni_customer_ids
        if not customers:
            return
        customers._rename_channels()
        customers._open_conversations()._push()
        for customer in customers:
            for channel in customer.channel_ids:
                store = Store(bus_channel=channel)
                store.add(customer.partner_id, ["name"]).bus_send()

    def _inverse_whatsapp_omni_new_of_id(self):
        for partner in self:
            if customer := partner.whatsapp_omni_new_of_id:
                customer.action_identify(partner.id)

    @api.depends("phone")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_whatsapp_omni_phone(self):
        Customer = self.env["whatsapp_omni.customer"]
        for partner in self:
            partner.whatsapp_omni_phone = Customer._hide_contact_number(partner.phone)

    @api.depends("whatsapp_omni_customer_ids.opted_out")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_whatsapp_omni_opted_out(self):
        """Tell it of the companies of the user, whoever may see the customer."""
        # sudo: whatsapp_omni.customer - who must not be bothered concerns everybody
        unwilling = (
            self.env["whatsapp_omni.customer"]
            .sudo()
            .search(
                self._whatsapp_omni_unwilling() & Domain("partner_id", "in", self.ids)
            )
        ).partner_id
        for partner in self:
            partner.whatsapp_omni_opted_out = partner._origin in unwilling

    def _search_whatsapp_omni_opted_out(self, operator, value):
        if operator != "in":
            return NotImplemented
        # sudo: whatsapp_omni.customer - as above
        unwilling = self.env["whatsapp_omni.customer"].sudo()
        return Domain(
            "id",
            "in",
            unwilling._search(
                self._whatsapp_omni_unwilling() & Domain("partner_id", "!=", False)
            ).subselect("partner_id"),
        )

    @api.model
    def _whatsapp_omni_unwilling(self):
        """Return the domain of the customers who want no marketing."""
        return Domain("opted_out", "=", True) & Domain(
            "company_id", "in", self.env.companies.ids
        )

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_whatsapp_omni_conversation_count(self):
        """Count the conversations that the current user may see."""
        counts = dict(
            self.env["whatsapp_omni.conversation"]._read_group(
                [("partner_id", "in", self.ids)], ["partner_id"], ["__count"]
            )
        )
        for partner in self:
            partner.whatsapp_omni_conversation_count = counts.get(partner, 0)

    def action_view_whatsapp_omni_conversations(self):
        """Open the contact's WhatsApp conversations."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "whatsapp_omni.conversation_action"
        )
        action["domain"] = [("partner_id", "=", self.id)]
        action["context"] = {}
        return action

    def action_whatsapp_omni_write(self):
        """Open the dialog that writes to these contacts, one conversation each."""
        return {
            "type": "ir.actions.client",
            "tag": "whatsapp_omni.start",
            "params": {"model": self._name, "ids": self.ids},
        }

    def _whatsapp_omni_person(self):
        """Return whom this contact is, for a conversation to be started."""
        self.ensure_one()
        return {
            "partner_id": self.id,
            "customer_id": False,
            "name": self.name or self.display_name,
            "number": self.whatsapp_omni_phone or "",
            "country_id": self.country_id.id,
            "detail": self.parent_id.name or self.city or "",
        }

    @api.model
    def get_mention_suggestions_from_channel(self, channel_id, search, limit=8):
        """Override of `mail`: in a WhatsApp channel, colleagues who may read it."""
        channel = self.env["discuss.channel"].search([("id", "=", channel_id)])
        if not channel or not is_whatsapp(channel):
            return super().get_mention_suggestions_from_channel(
                channel_id, search, limit=limit
            )
        group = self.env.ref("whatsapp_omni.group_agent")
        # sudo: res.users - colleagues, by name
        found = (
            self.env["res.users"]
            .sudo()
            .search(
                Domain("all_group_ids", "in", group.ids)
                & Domain("share", "=", False)
                & Domain("name", "ilike", search)
                & Domain("id", "!=", self.env.uid),
                order="name",
            )
        )
        users = channel._whatsapp_omni_colleagues(found.sudo(False))[:limit]
        partners = users.partner_id
        store = Store().add(partners, extra_fields=partners._get_store_mention_fields())
        store.add(
            channel,
            [Store.Many("whatsapp_omni_colleague_ids", [], value=lambda _c: partners)],
        )
        return store.get_result()
