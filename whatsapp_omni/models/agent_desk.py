# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models

#: Under which a transaction remembers whose load it has changed.
_LOADS_TO_TELL = "whatsapp_omni.loads_to_tell"

#: What pages that list agents listen to, once for each company.
AGENTS_CHANNEL = "whatsapp_omni.agents"


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

    # === WHAT CHANGES MEANWHILE === #

    @api.model
    def _tell_loads_of(self, users):
        """Have the pages show what these users have and may have, once committed."""
        if not users:
            return
        precommit = self.env.cr.precommit
        told = precommit.data.setdefault(_LOADS_TO_TELL, set())
        if not told:  # once for all that a transaction changes
            precommit.add(self.env["whatsapp_omni.agent"]._tell_loads)
        told.update(users.ids)

    @api.model
    def _tell_loads(self):
        user_ids = self.env.cr.precommit.data.pop(_LOADS_TO_TELL)
        # sudo: res.users, whatsapp_omni.queue - only who is to be told is asked for
        users = self.env["res.users"].sudo().browse(user_ids).exists()
        queues = self.env["whatsapp_omni.queue"].sudo()
        queues = queues.search([("agent_ids", "in", users.ids)])
        loads = self._loads(users.ids)
        # sudo: whatsapp_omni.agent - their capacities, for who is to be told
        agents = self.sudo().search([("user_id", "in", users.ids)]).grouped("user_id")
        for user in users:
            theirs = queues.filtered(lambda queue, user=user: user in queue.agent_ids)
            load = {
                "load": loads.get(user.id, 0),
                "capacity": agents.get(user, self.browse()).capacity
                or self._capacity_of(theirs),
            }
            user._bus_send("whatsapp_omni.agent_load", load)
        self._tell_lists(users.company_id)

    @api.model
    def _listened_companies(self):
        """Return the companies whose agents the user may see listed, every one."""
        if self.env.user.has_group("whatsapp_omni.group_supervisor"):
            return self.env.user.company_ids
        return self.env["res.company"]

    @api.model
    def _tell_lists(self, companies):
        """Have lists of the agents of these companies read anew.

        One message, however many supervisors look: loads change all the time. It tells
        nothing itself: what may be read is decided when it is.
        """
        for company in companies:
            self.env["bus.bus"]._sendone(
                (company, AGENTS_CHANNEL), "whatsapp_omni.agents_changed", {}
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
