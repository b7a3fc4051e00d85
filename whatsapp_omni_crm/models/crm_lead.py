# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from markupsafe import Markup

from odoo import api, fields, models
from odoo.fields import Domain


class CrmLead(models.Model):
    _inherit = "crm.lead"

    whatsapp_omni_conversation_ids = fields.Many2many(
        "whatsapp_omni.conversation",
        "whatsapp_omni_conversation_lead_rel",
        "lead_id",
        "conversation_id",
        string="WhatsApp Conversations",
        copy=False,
        groups="whatsapp_omni.group_agent",
    )
    whatsapp_omni_conversation_count = fields.Integer(
        string="Number of WhatsApp Conversations",
        compute="_compute_whatsapp_omni_conversation_count",
        groups="whatsapp_omni.group_agent",
    )

    @api.depends("whatsapp_omni_conversation_ids", "partner_id")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_whatsapp_omni_conversation_count(self):
        """Count the conversations that the current user may see."""
        Conversation = self.env["whatsapp_omni.conversation"]
        for lead in self:
            domain = lead._whatsapp_omni_domain()
            lead.whatsapp_omni_conversation_count = Conversation.search_count(domain)

    def _whatsapp_omni_domain(self):
        """Return the domain of the conversations with this lead or its contact."""
        # sudo: whatsapp_omni.conversation - the user's rules filter what it finds
        linked = self.sudo().whatsapp_omni_conversation_ids
        domain = Domain("id", "in", linked.ids)
        if self.partner_id:
            domain |= Domain("partner_id", "=", self.partner_id.id)
        return domain

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        """Override: a lead of a conversation says so, and where it comes from."""
        leads = super().create(vals_list)
        for lead in leads:
            # sudo: whatsapp_omni.conversation - checked before anything is told of it
            conversations = lead.sudo().whatsapp_omni_conversation_ids
            for conversation in conversations.with_env(self.env):
                conversation.check_access("read")
                lead._whatsapp_omni_set_source(conversation)
                lead._whatsapp_omni_tell_linked(conversation)
        return leads

    def _whatsapp_omni_set_source(self, conversation):
        """Name the line as the source, unless somebody has named another one."""
        # sudo: utm.source, whatsapp_omni.line - an agent may not create the one, nor
        # read the other
        lead = self.sudo()
        if not lead.source_id:
            lead.source_id = (
                self.env["utm.mixin"]
                .sudo()
                ._find_or_create_record("utm.source", conversation.sudo().line_id.name)
            )

    def _whatsapp_omni_tell_linked(self, conversation):
        """Tell it on both sides, each with the way to the other."""
        # sudo: crm.lead, whatsapp_omni.conversation - whoever linked them reads both
        name = conversation.sudo().display_name
        link = Markup('<a href="/odoo/whatsapp/%s">%s</a>') % (conversation.id, name)
        self.sudo().message_post(
            body=self.env._("WhatsApp conversation: %s", link),
            author_id=self.env.user.partner_id.id,
            subtype_xmlid="mail.mt_note",
        )
        state = conversation.sudo().state
        conversation._log_change("lead", state, state, self.sudo().name)

    # === ACTIONS === #

    def action_whatsapp_omni_write(self):
        """Open the dialog that writes to these leads, one conversation each."""
        return {
            "type": "ir.actions.client",
            "tag": "whatsapp_omni.start",
            "params": {"model": self._name, "ids": self.ids},
        }

    def action_view_whatsapp_omni_conversations(self):
        """Open the WhatsApp conversations about this lead or with its contact."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "whatsapp_omni.conversation_action"
        )
        action["domain"] = list(self._whatsapp_omni_domain())
        action["context"] = {}
        return action
