# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models


class MailPresence(models.Model):
    _inherit = "mail.presence"

    def _send_presence(self, im_status=None, bus_target=None):
        """Override of `mail`: have given out what waits for who is there again.

        Whoever closes one page of several, or loads one anew, is offline for Odoo until
        another page speaks up. What came meanwhile was given to nobody.
        """
        super()._send_presence(im_status, bus_target)
        back = self.filtered(lambda presence: presence.status != "offline").user_id
        if bus_target or im_status == "offline" or not back:
            return  # nothing has changed, or somebody is gone
        # sudo: whatsapp_omni.agent - only whether anybody may be given something
        Agent = self.env["whatsapp_omni.agent"].sudo()
        if Agent.search_count(
            [("user_id", "in", back.ids), ("state", "=", "available")], limit=1
        ):
            # The websocket's process gives out nothing itself.
            self.env["whatsapp_omni.conversation"]._wake_distribution(
                fields.Datetime.now()
            )
