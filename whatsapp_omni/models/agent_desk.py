# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models


class WhatsAppAgent(models.Model):
    """What the pages of agents and the lists of supervisors need."""

    _inherit = "whatsapp_omni.agent"

    @api.model
    def _add_agent(self, store):
        """Add to ``store`` how the user stands as an agent, and what rings at them."""
        now = fields.Datetime.now()
        offered = self.env["whatsapp_omni.conversation"].search(
            [("state", "=", "offered"), ("offered_to_id", "=", self.env.uid)]
        )
        store.add(offered)
        store.add_global_values(
            whatsapp_omni_agent={
                "has_queue": bool(self.env.user.whatsapp_omni_queue_ids),
                "mine": self.get_mine(),
                "offers": [
                    {
                        "conversation_id": conversation.id,
                        # by the server's clock, not the browser's
                        "seconds": max(
                            0, (conversation.offered_until - now).total_seconds()
                        ),
                    }
                    for conversation in offered
                ],
            }
        )

    # === BUTTONS OF SUPERVISORS === #

    def action_make_available(self):
        """Have conversations offered to these agents again."""
        self.set_state_of("available")

    def action_pause(self):
        """Have nothing offered to these agents for a while."""
        self.set_state_of("paused")

    def action_send_offline(self):
        """End the work of these agents; they keep what they have."""
        self.set_state_of("offline")
