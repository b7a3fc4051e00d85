# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import models


class ResUsers(models.Model):
    _inherit = "res.users"

    def _whatsapp_omni_queues_changed(self):
        """Let the users' pages subscribe again and load their queues anew."""
        self._bus_send("whatsapp_omni.queues_changed", {})
