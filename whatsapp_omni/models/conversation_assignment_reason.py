# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, models


class WhatsAppConversation(models.Model):
    """Why an agent got a conversation, and why the others did not."""

    _inherit = "whatsapp_omni.conversation"

    def _explain_decision(self, decision, wish, facts):
        """Return a decision as values of an assignment."""
        parts = self._explain_choice(decision, wish)
        company_lang = self.company_id.partner_id.lang
        phrase = self.env["whatsapp_omni.phrase"].with_context(lang=company_lang)
        return {
            "strategy": wish.strategy,
            "reason": phrase._say(parts),
            "reason_parts": parts,
            "candidates": [
                {
                    "user_id": agent.id,
                    "name": facts.name(agent.id),
                    "load": agent.load,
                    "capacity": agent.capacity or wish.capacity,
                    "idle_seconds": agent.idle_since
                    and int(wish.now - agent.idle_since),
                    "skills": {
                        facts.skill_name(skill): agent.skills.get(skill, 0)
                        for skill in wish.skills
                    },
                }
                for agent in decision.candidates
            ],
            "skipped": [
                {
                    "user_id": skipped.agent.id,
                    "name": facts.name(skipped.agent.id),
                    "why": skipped.why,
                    "values": self._explain_skipped(skipped, wish, facts),
                }
                for skipped in decision.skipped
            ],
        }

    @api.model
    def _explain_choice(self, decision, wish):
        parts = [[decision.why, {}]]
        if wish.strategy == "skills" and wish.is_relaxed:
            parts.append(["relaxed", {}])
        if decision.why != "reserved":
            free = len(decision.candidates)
            counts = {"free": free, "all": free + len(decision.skipped)}
            parts.append(["free", counts])
        return parts

    @api.model
    def _explain_skipped(self, skipped, wish, facts):
        if skipped.why == "skill":
            return {"skill": facts.skill_name(skipped.skill), "level": skipped.level}
        if skipped.why == "full":
            capacity = skipped.agent.capacity or wish.capacity
            return {"load": skipped.agent.load, "capacity": capacity}
        return {}
