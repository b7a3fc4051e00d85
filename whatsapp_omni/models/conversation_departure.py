# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, models
from odoo.fields import Domain


class WhatsAppConversation(models.Model):
    """Conversations of people who are no agents any more: their queue takes them.

    Who was archived, or lost the group or the company, neither keeps a customer
    waiting nor goes on reading.
    """

    _inherit = "whatsapp_omni.conversation"

    @api.model
    def _release_from(self, users):
        """Free what these users attend, or take part in, of those who departed."""
        taken = self.search(
            Domain("state", "=", "attended")
            & (
                Domain("user_id", "in", users.ids)
                | Domain("guest_ids", "in", users.ids)
            )
        )
        taken._lock()
        taken._dismiss_departed()

    @api.model
    def _release_departed(self):
        """Free what anybody who departed attends, whichever way they lost their rights.

        What is locked at this moment is left to the next time.
        """
        attended = Domain("state", "=", "attended")
        left = Domain.FALSE
        for role in ("user_id", "guest_ids"):
            for company, user in self._read_group(attended, ["company_id", role]):
                if user - user._whatsapp_omni_agents(company):
                    left |= Domain("company_id", "=", company.id) & Domain(
                        role, "in", user.ids
                    )
        self.search(attended & left)._lock_free()._dismiss_departed()

    def _departed(self):
        """Return those who write to the customer and are no agents here any more."""
        people = self._participants()
        return people - people._whatsapp_omni_agents(self.company_id)

    def _dismiss_departed(self):
        """Have the departed leave these conversations, which are locked."""
        for conversation in self.filtered(lambda c: c.state == "attended"):
            departed = conversation._departed()
            if guests := departed & conversation.guest_ids:
                conversation._remove_guests(guests)
            if owner := departed & conversation.user_id:
                conversation._return_to_queue(["gone", [owner.name]])
