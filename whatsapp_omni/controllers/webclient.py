# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.http import request

from odoo.addons.mail.controllers.webclient import WebclientController


class WhatsAppWebclientController(WebclientController):
    @classmethod
    def _process_request_for_internal_user(cls, store, name, params):
        """Override of `mail`: the first load of the inbox, and how its agent stands.

        :param params: ``{"conversation_id"}``, one more to load, whatever its state
        """
        result = super()._process_request_for_internal_user(store, name, params)
        is_agent = request.env.user.has_group("whatsapp_omni.group_agent")
        if name == "whatsapp_omni.inbox" and is_agent:
            Conversation = request.env["whatsapp_omni.conversation"]
            Conversation._add_inbox(store)
            wanted = Conversation.browse((params or {}).get("conversation_id")).exists()
            if wanted and wanted.has_access("read"):
                store.add(wanted)
        elif name == "whatsapp_omni.agent" and is_agent:
            request.env["whatsapp_omni.agent"]._add_agent(store)
        # below: a page from before they lost the group
        elif name == "whatsapp_omni.inbox":
            store.add_global_values(whatsapp_omni_inbox={"is_agent": False})
        elif name == "whatsapp_omni.agent":
            store.add_global_values(whatsapp_omni_agent={"has_queue": False})
        return result
