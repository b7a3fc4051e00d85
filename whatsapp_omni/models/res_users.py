# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models


class ResUsers(models.Model):
    _inherit = "res.users"

    whatsapp_omni_queue_ids = fields.Many2many(
        "whatsapp_omni.queue",
        "whatsapp_omni_queue_agent_rel",
        "user_id",
        "queue_id",
        string="WhatsApp Queues",
    )

    @api.model
    def _init_store_data(self, store):
        """Override of `mail`: whether the user may reveal what messages hide."""
        result = super()._init_store_data(store)
        may_reveal = self.env.user.has_group("whatsapp_omni.group_sensitive")
        store.add_global_values(whatsapp_omni_can_reveal=may_reveal)
        return result

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

    def write(self, vals):
        """Override: who is archived takes no conversations any more."""
        result = super().write(vals)
        if vals.get("active") is False:
            # sudo: whatsapp_omni.agent - a consequence of what the user may do
            agents = self.env["whatsapp_omni.agent"].sudo()
            for agent in agents.search(
                [("user_id", "in", self.ids), ("state", "!=", "offline")]
            ):
                agent._set_state("offline", by=self.env.user)
        return result

    def _whatsapp_omni_free(self):
        """Return those of these users who could help a colleague now.

        Where nobody says that they are available, everybody who has not gone may be.
        """
        # sudo: whatsapp_omni.agent - only their states are looked at
        agents = self.env["whatsapp_omni.agent"].sudo()
        agents = agents.search([("user_id", "in", self.ids)])
        available = agents.filtered(lambda agent: agent.state == "available")
        away = agents.filtered(lambda agent: agent.state in ("paused", "rona"))
        return available.user_id or self - away.user_id
