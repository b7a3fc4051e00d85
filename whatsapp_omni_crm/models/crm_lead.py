# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import models


class CrmLead(models.Model):
    _inherit = "crm.lead"

    def action_whatsapp_omni_write(self):
        """Open the dialog that writes to these leads, one conversation each."""
        return {
            "type": "ir.actions.client",
            "tag": "whatsapp_omni.start",
            "params": {"model": self._name, "ids": self.ids},
        }
