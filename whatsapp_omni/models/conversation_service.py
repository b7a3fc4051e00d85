# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from odoo.addons.mail.tools.discuss import Store


class WhatsAppConversation(models.Model):
    """Conversations whose line, queue or provider was archived: they can be closed.

    What is in use is never deleted, and a provider in use not archived before its
    lines, so to ask the line and the queue is enough.
    """

    _inherit = "whatsapp_omni.conversation"

    def _out_of_service(self):
        """Return what was archived: ``provider``, ``line``, ``queue`` or False."""
        if not self.line_id.active:
            return "line" if self.line_id.provider_id.active else "provider"
        return "queue" if self.queue_id and not self.queue_id.active else False

    def _check_in_service(self):
        """Refuse what makes no sense any more: writing, passing on.

        :raises UserError: what was archived
        """
        # sudo: whatsapp_omni.conversation - read whatever queue it is in
        conversation = self.sudo()
        what = conversation._out_of_service()
        if not what:
            return
        part = {
            "provider": conversation.line_id.provider_id,
            "line": conversation.line_id,
            "queue": conversation.queue_id,
        }[what]
        raise UserError(
            self.env._(
                "“%(name)s” was archived: nothing can be sent or passed on any more. "
                "Close the conversation.",
                name=part.name,
            )
        )

    def _check_takes_part(self):
        """Override: nothing more can be done with what was archived."""
        result = super()._check_takes_part()
        self._check_in_service()
        return result

    def _route(self, received, now):
        """Override: an archived line asks and says nothing; people see what came."""
        if self.line_id.active:
            return super()._route(received, now)
        return self._enter_queue(self.line_id.queue_id, "archived")

    def _deliver_parked(self):
        """Override: what is parked does not leave, but is not lost either."""
        if self.parked_count and self._out_of_service():
            return
        super()._deliver_parked()

    @api.model
    def _push_open(self, domain):
        """Show the open conversations of ``domain`` anew, to who has them on screen."""
        # sudo: whatsapp_omni.conversation - a consequence of what the user may change
        self.sudo().search(domain & Domain("state", "!=", "closed"))._push()

    def _to_store_defaults(self, target):
        return super()._to_store_defaults(target) + [
            Store.Attr("out_of_service", lambda c: c._out_of_service()),
        ]


class WhatsAppMessage(models.Model):
    _inherit = "whatsapp_omni.message"

    @api.model
    def _check_sendable(self, channel, free_form=True):
        """Override: nothing leaves by a line, or for a queue, that was archived."""
        conversation = super()._check_sendable(channel, free_form)
        conversation._check_in_service()
        return conversation

    @api.model
    def _queue_if_possible(self, conversation, make_content):
        """Override: nor anything by itself."""
        if conversation._out_of_service():
            return None
        return super()._queue_if_possible(conversation, make_content)


class WhatsAppLine(models.Model):
    _inherit = "whatsapp_omni.line"

    def write(self, vals):
        """Override: tell agents at once what is archived, or restored."""
        result = super().write(vals)
        if "active" in vals:
            self.env["whatsapp_omni.conversation"]._push_open(
                Domain("line_id", "in", self.ids)
            )
        return result


class WhatsAppQueue(models.Model):
    _inherit = "whatsapp_omni.queue"

    def write(self, vals):
        """Override: tell agents at once what is archived, or restored."""
        result = super().write(vals)
        if "active" in vals:
            self.env["whatsapp_omni.conversation"]._push_open(
                Domain("queue_id", "in", self.ids)
            )
        return result


class WhatsAppProvider(models.Model):
    _inherit = "whatsapp_omni.provider"

    def write(self, vals):
        """Override: tell agents at once what is archived, or restored."""
        result = super().write(vals)
        if "active" in vals:
            self.env["whatsapp_omni.conversation"]._push_open(
                Domain("line_id.provider_id", "in", self.ids)
            )
        return result
