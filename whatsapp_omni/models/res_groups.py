# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from contextlib import contextmanager

from odoo import api, models

#: The groups by which people work here.
GROUPS = ("whatsapp_omni.group_agent", "whatsapp_omni.group_supervisor")


class ResGroups(models.Model):
    _inherit = "res.groups"

    @api.model_create_multi
    def create(self, vals_list):
        """Override: a new group may make its users agents."""
        with self._whatsapp_omni_telling_who_changes():
            return super().create(vals_list)

    def write(self, vals):
        """Override: who is an agent may be decided by a group's own form, too."""
        if not vals.keys() & {"user_ids", "implied_ids", "implied_by_ids"}:
            return super().write(vals)
        with self._whatsapp_omni_telling_who_changes():
            return super().write(vals)

    def unlink(self):
        """Override: whom these groups made agents may be none any more."""
        with self._whatsapp_omni_telling_who_changes():
            return super().unlink()

    @api.model
    @contextmanager
    def _whatsapp_omni_telling_who_changes(self):
        """Tell those who become agents or supervisors within, or are none any more."""
        users = self.env["res.users"]
        users._whatsapp_omni_forget_rights()
        before = self._whatsapp_omni_holders()
        yield
        changed = users.browse()
        for former, present in zip(before, self._whatsapp_omni_holders(), strict=True):
            changed |= (former | present) - (former & present)
        if changed:
            changed._whatsapp_omni_rights_changed()

    @api.model
    def _whatsapp_omni_holders(self):
        """Return the users of each of our groups."""
        holders = []
        for xmlid in GROUPS:
            # the group itself is written while the addon is installed
            group = self.env.ref(xmlid, raise_if_not_found=False)
            # sudo: res.groups, res.users - who holds the group, whoever asks
            holders.append((group or self.browse()).sudo().all_user_ids)
        return holders
