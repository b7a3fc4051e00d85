# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import models


class ResUsers(models.Model):
    _inherit = "res.users"

    def _whatsapp_omni_queues_changed(self):
        """Let the users' pages subscribe again and load their queues anew."""
        self._bus_send("whatsapp_omni.queues_changed", {})

    def _whatsapp_omni_has_push_device(self):
        """Tell whether the user asked a browser for push notifications."""
        # sudo: mail.push.device - only their existence is looked at
        Device = self.env["mail.push.device"].sudo()
        return bool(
            Device.search_count([("partner_id", "in", self.partner_id.ids)], limit=1)
        )
