# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, models
from odoo.fields import Domain


class WhatsAppConversation(models.Model):
    """To whom a conversation can be transferred, and how busy they are."""

    _inherit = "whatsapp_omni.conversation"

    def get_transfer_targets(self):
        """Return the agents and queues of the company, those who are free first.

        :return: ``{"agents": [{"id", "name", "avatar_url", "state", "load",
            "is_in_queue"}], "queues": [{"id", "name", "available", "agents",
            "waiting", "is_current"}]}``
        :rtype: dict
        """
        self.ensure_one()
        self.check_access("read")
        # sudo: whatsapp_omni.conversation - its company and who has it, for agents
        conversation = self.sudo()
        queues, users = self._find_targets(conversation.company_id)
        work = users._whatsapp_omni_work()
        return {
            "agents": conversation._target_agents(users, work),
            "queues": conversation._target_queues(queues, work),
        }

    @api.model
    def _find_targets(self, company):
        """Return the queues of a company that have agents, and the agents."""
        # sudo: res.users, whatsapp_omni.queue - names and how busy they are, for agents
        Queue = self.env["whatsapp_omni.queue"].sudo()
        Users = self.env["res.users"].sudo()
        queues = Queue.search(
            Domain("company_id", "=", company.id) & Domain("agent_ids", "!=", False)
        )
        users = Users.search(
            Domain(Queue._domain_users("whatsapp_omni.group_agent"))
            & Domain("company_ids", "in", company.ids)
        )
        return queues, users

    def _target_agents(self, users, work):
        agents = [
            {
                "id": user.id,
                "name": user.name,
                "avatar_url": f"/web/image/res.users/{user.id}/avatar_128",
                "is_in_queue": user in self.queue_id.agent_ids,
                **work[user],
            }
            for user in users - self.env.user - self.user_id
        ]
        return sorted(
            agents,
            key=lambda agent: (
                agent["state"] != "available",
                not agent["is_in_queue"],
                agent["load"],
                agent["name"].lower(),
            ),
        )

    def _target_queues(self, queues, work):
        waiting = dict(
            self._read_group(
                [("queue_id", "in", queues.ids), ("state", "in", ("new", "offered"))],
                ["queue_id"],
                ["__count"],
            )
        )
        return [
            {
                "id": queue.id,
                "name": queue.name,
                "available": sum(
                    work[user]["state"] == "available"
                    for user in queue.agent_ids
                    if user in work
                ),
                "agents": len(queue.agent_ids),
                "waiting": waiting.get(queue, 0),
                "is_current": queue == self.queue_id,
            }
            for queue in queues
        ]
