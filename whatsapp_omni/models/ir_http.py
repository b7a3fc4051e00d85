# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from functools import partial

import odoo
from odoo import models
from odoo.http import request

from ..tools import background
from ..tools.log_filter import CALLBACK_PATH
from .message_sending import no_commit


class IrHttp(models.AbstractModel):
    _inherit = "ir.http"

    @classmethod
    def _pre_dispatch(cls, rule, args):
        """Override of `base`: keep a callback's body from being taken for a form."""
        if request.httprequest.path.startswith(CALLBACK_PATH):
            request.httprequest.get_data()
        return super()._pre_dispatch(rule, args)

    def session_info(self):
        """Override of `web`: tell each page whether its user is an agent."""
        return {
            **super().session_info(),
            "is_whatsapp_omni_agent": self.env.user.has_group(
                "whatsapp_omni.group_agent"
            ),
        }

    @classmethod
    def _post_dispatch(cls, response):
        """Override of `base`: send what this request put into the outbox.

        The answer goes first, then the provider is called by the same worker: a message
        is on its way some milliseconds after Enter, and nobody waits for GupShup.
        """
        super()._post_dispatch(response)
        cls._whatsapp_omni_resume(response)
        cls._whatsapp_omni_distribute(response)
        if not getattr(request, "whatsapp_omni_outbox", False):
            return
        Message = request.env["whatsapp_omni.message"]
        if background.is_real_cursor(request.env.cr):
            response.call_on_close(
                partial(background.quietly, Message._send_now, request.env.registry)
            )
        else:
            # A test's server shares the test's only transaction.
            Message.sudo()._send_round(no_commit)

    @classmethod
    def _whatsapp_omni_resume(cls, response):
        """Let the first request of a process look for what the former one left."""
        env = request.env
        if odoo.evented or not background.is_real_cursor(env.cr):
            return
        # Only looked at here: what is repeated has no answer, and nothing goes on then.
        if "whatsapp_omni_leftovers" in vars(env.registry):
            Event = env["whatsapp_omni.event"]
            response.call_on_close(partial(Event._resume, env.registry))

    @classmethod
    def _whatsapp_omni_distribute(cls, response):
        """Give out conversations once a request that asked for it is committed."""
        if not getattr(request, "whatsapp_omni_distribute", False):
            return
        Conversation = request.env["whatsapp_omni.conversation"]
        if background.is_real_cursor(request.env.cr):
            response.call_on_close(
                partial(Conversation._distribute_if_asked, request.env.registry)
            )
        else:
            # A test's server shares the test's only transaction.
            Conversation.sudo()._distribute()
