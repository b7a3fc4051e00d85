# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import models

from .agent_desk import AGENTS_CHANNEL

INBOX_CHANNEL = "whatsapp_omni.inbox"


class IrWebsocket(models.AbstractModel):
    _inherit = "ir.websocket"

    def _build_bus_channel_list(self, channels):
        """Override of `bus`: turn the inbox into the queues whose list it shows, and
        the list of agents into the companies whose agents it shows.

        An exception here would cost the page all its subscriptions: hence sudo and a
        filter by user, which also is the check of access.
        """
        channels, meant = list(channels), []
        if INBOX_CHANNEL in channels:
            channels.remove(INBOX_CHANNEL)
            meant += self.env["whatsapp_omni.conversation"]._inbox_queues()
        if AGENTS_CHANNEL in channels:
            channels.remove(AGENTS_CHANNEL)
            companies = self.env["whatsapp_omni.agent"]._listened_companies()
            meant += [(company, AGENTS_CHANNEL) for company in companies]
        return super()._build_bus_channel_list(channels + meant)
