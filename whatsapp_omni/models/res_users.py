# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models


class ResUsers(models.Model):
    _inherit = "res.users"

    whatsapp_omni_queue_ids = fields.Many2many(
        "whatsapp_omni.queue",
        "whatsapp_omni_queue_agent_rel",
        "user_id",
        "queue_id",
        string="WhatsApp Queues",
    )

    @api.model
    def _init_store_data(self, store):
        """Override of `mail`: whether the user may reveal what messages hide."""
        result = super()._init_store_data(store)
        may_reveal = self.env.user.has_group("whatsapp_omni.group_sensitive")
        store.add_global_values(whatsapp_omni_can_reveal=may_reveal)
        return result

    def _whatsapp_omni_agents(self, company):
        """Return those of these users who are agents in ``company`` now."""
        # sudo: res.users - colleagues' groups and companies
        return self.sudo().filtered(
            lambda user: user.active
            and company in user.company_ids
            and user.has_group("whatsapp_omni.group_agent")
        )

    def _whatsapp_omni_work(self):
        """Return whether these users are available, and how much they have in hand.

        :return: ``{user: {"state": of the agent, "load": what theirs count}}``
        :rtype: dict
        """
        # sudo: whatsapp_omni.agent - counted for colleagues
        agents = self.env["whatsapp_omni.agent"].sudo()
        found = agents.search([("user_id", "in", self.ids)])
        states = {agent.user_id: agent.state for agent in found}
        loads = agents._loads(self.ids)
        return {
            user: {"state": states.get(user, "offline"), "load": loads.get(user.id, 0)}
            for user in self
        }

    def _whatsapp_omni_queues_changed(self):
        """Let the users' pages subscribe again and load their queues anew."""
        self._bus_send("whatsapp_omni.queues_changed", {})

    def _whatsapp_omni_with_push_device(self):
        """Return those of these users who asked a browser for push notifications."""
        # sudo: mail.push.device - only their existence is looked at
        devices = self.env["mail.push.device"].sudo()
        owners = devices.search_fetch(
            [("partner_id.user_ids", "in", self.ids)], ["partner_id"]
        ).partner_id
        # Mostly nobody did: then no user is read.
        return self.filtered(lambda user: owners and user.partner_id in owners)

    def write(self, vals):
        """Override: have what agents may do follow what is changed here."""
        if not vals.keys() & {"active", "company_ids", "group_ids"}:
            return super().write(vals)
        self._whatsapp_omni_forget_rights()
        before = self._whatsapp_omni_with_group()
        result = super().write(vals)
        agents = before | self._whatsapp_omni_with_group()
        agents._whatsapp_omni_rights_changed()
        return result

    def _whatsapp_omni_with_group(self):
        # sudo: res.users - colleagues' groups
        return self.sudo().filtered(
            lambda user: user.has_group("whatsapp_omni.group_agent")
        )

    @api.model
    def _whatsapp_omni_forget_rights(self):
        """Have all processes forget former rights before any page asks for its own.

        Odoo tells pages when it commits, and the other processes after that: a page
        that asks at once would be answered by one that still remembers. To be called
        before anything is sent.
        """
        registry = self.env.registry
        if not registry.ready:  # while it is installed there are no pages
            return

        @self.env.cr.postcommit.add
        def forget():
            registry.clear_cache()
            registry.signal_changes()

    def _whatsapp_omni_rights_changed(self):
        """Take from these users what is not theirs any more, and tell their pages.

        What they attend, or what waits for them, finds somebody else.
        """
        Transfer = self.env["whatsapp_omni.transfer"]
        Transfer._pending_for("to_user_id", self)._give_back_impossible()
        # sudo: whatsapp_omni.conversation - a consequence of what the users may do.
        # Before agents: who locks both locks conversations first.
        self.env["whatsapp_omni.conversation"].sudo()._release_from(self)
        self._whatsapp_omni_queues_changed()
        gone = self - self._whatsapp_omni_with_group().filtered("active")
        # sudo: whatsapp_omni.agent - see above
        agents = self.env["whatsapp_omni.agent"].sudo()
        for agent in agents.search(
            [("user_id", "in", gone.ids), ("state", "!=", "offline")]
        ):
            agent._set_state("offline", by=self.env.user)

    def _whatsapp_omni_free(self):
        """Return those of these users who could help a colleague now.

        Where nobody says that they are available, everybody who has not gone may be.
        """
        # sudo: whatsapp_omni.agent - only their states are looked at
        agents = self.env["whatsapp_omni.agent"].sudo()
        agents = agents.search([("user_id", "in", self.ids)])
        available = agents.filtered(lambda agent: agent.state == "available")
        away = agents.filtered(lambda agent: agent.state in ("paused", "rona"))
        return available.user_id or self - away.user_id
