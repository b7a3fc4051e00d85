# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, models


class ResGroups(models.Model):
    _inherit = "res.groups"

    def write(self, vals):
        """Override: who is an agent may be decided by a group's own form, too."""
        if not vals.keys() & {"user_ids", "implied_ids", "implied_by_ids"}:
            return super().write(vals)
        self.env["res.users"]._whatsapp_omni_forget_rights()
        before = self._whatsapp_omni_agents()
        result = super().write(vals)
        after = self._whatsapp_omni_agents()
        ((before | after) - (before & after))._whatsapp_omni_rights_changed()
        return result

    @api.model
    def _whatsapp_omni_agents(self):
        # the group itself is written while the addon is installed
        group = self.env.ref("whatsapp_omni.group_agent", raise_if_not_found=False)
        # sudo: res.groups, res.users - who holds the group, whoever asks
        return (group or self.browse()).sudo().all_user_ids
