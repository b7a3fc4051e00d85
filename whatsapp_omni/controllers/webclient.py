# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.http import SessionExpiredException, request

from odoo.addons.mail.controllers.webclient import WebclientController


class WhatsAppWebclientController(WebclientController):
    @classmethod
    def _process_request_for_all(cls, store, name, params):
        """Override of `mail`: a page learns that its session is over, or its user no
        agent any more.

        Odoo answers as to anybody who visits, that is nothing: the page would go on
        showing what it knows.
        """
        result = super()._process_request_for_all(store, name, params)
        user = request.env.user
        if not name.startswith("whatsapp_omni."):
            return result
        if user._is_public():
            raise SessionExpiredException("Session expired")
        if user.has_group("whatsapp_omni.group_agent"):
            return result
        if name == "whatsapp_omni.inbox":
            store.add_global_values(whatsapp_omni_inbox={"is_agent": False})
        elif name == "whatsapp_omni.agent":
            store.add_global_values(whatsapp_omni_agent={"has_queue": False})
        return result

    @classmethod
    def _process_request_for_internal_user(cls, store, name, params):
        """Override of `mail`: the first load of the inbox, and how its agent stands.

        :param params: ``{"conversation_id"}``, one more to load, whatever its state
        """
        result = super()._process_request_for_internal_user(store, name, params)
        if not request.env.user.has_group("whatsapp_omni.group_agent"):
            return result
        if name == "whatsapp_omni.inbox":
            Conversation = request.env["whatsapp_omni.conversation"]
            Conversation._add_inbox(store)
            wanted = Conversation.browse((params or {}).get("conversation_id")).exists()
            if wanted and wanted.has_access("read"):
                store.add(wanted)
        elif name == "whatsapp_omni.agent":
            request.env["whatsapp_omni.agent"]._add_agent(store)
        return result
