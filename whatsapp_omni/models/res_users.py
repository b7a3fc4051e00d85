# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models


class ResUsers(models.Model):
    _inherit = "res.users"

    whatsapp_omni_queue_ids = fields.Many2many(
        "whatsapp_omni.queue",
        "whatsapp_omni_queue_agent_rel",
        "user_id",
        "queue_id",
        string="WhatsApp Queues",
    )

    def write(self, vals):
        """Override of `base`: what waits for who leaves goes back to who sent it."""
        result = super().write(vals)
        if vals.keys() & {"active", "company_ids", "group_ids"}:
            Transfer = self.env["whatsapp_omni.transfer"]
            Transfer._pending_for("to_user_id", self)._give_back_impossible()
        return result

    def _whatsapp_omni_agents(self, company):
        """Return those of these users who are agents in ``company`` now."""
        # sudo: res.users - colleagues' groups and companies
        return self.sudo().filtered(
            lambda user: user.active
            and company in user.company_ids
            and user.has_group("whatsapp_omni.group_agent")
        )

    def _whatsapp_omni_queues_changed(self):
        """Let the users' pages subscribe again and load their queues anew."""
        self._bus_send("whatsapp_omni.queues_changed", {})

    def _whatsapp_omni_with_push_device(self):
        """Return those of these users who asked a browser for push notifications."""
        # sudo: mail.push.device - only their existence is looked at
        devices = self.env["mail.push.device"].sudo()
        partners = devices.search_fetch(
            [("partner_id", "in", self.partner_id.ids)], ["partner_id"]
        ).partner_id
        return self.filtered(lambda user: user.partner_id in partners)
