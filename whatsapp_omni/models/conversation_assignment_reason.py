# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import models


class WhatsAppConversation(models.Model):
    """Why an agent got a conversation, and why the others did not, in words."""

    _inherit = "whatsapp_omni.conversation"

    def _explain_decision(self, decision, wish, facts):
        """Return a decision as values of an assignment, in words of the company."""
        translated = self._in_company_language()
        return {
            "strategy": wish.strategy,
            "reason": translated._explain_choice(decision, wish),
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
                    "text": translated._explain_skipped(skipped, wish, facts),
                }
                for skipped in decision.skipped
            ],
        }

    def _explain_choice(self, decision, wish):
        _ = self.env._
        words = {
            "reserved": _("kept for this agent"),
            "last_agent": _("the customer's last agent"),
            "round_robin": _("in turn"),
            "least_busy": _("least busy"),
            "longest_idle": _("longest idle"),
            "skills": _("by skills"),
        }
        parts = [words[decision.why]]
        if wish.strategy == "skills" and wish.is_relaxed:
            parts.append(_("relaxed after waiting"))
        if decision.why != "reserved":
            free = len(decision.candidates)
            parts.append(
                _(
                    "%(free)s of %(all)s agents free",
                    free=free,
                    all=free + len(decision.skipped),
                )
            )
        return " · ".join(parts)

    def _explain_skipped(self, skipped, wish, facts):
        _ = self.env._
        if skipped.why == "skill":
            return _(
                "lacks %(skill)s, level %(level)s",
                skill=facts.skill_name(skipped.skill),
                level=skipped.level,
            )
        if skipped.why == "full":
            return _(
                "full: %(load)g of %(capacity)s",
                load=skipped.agent.load,
                capacity=skipped.agent.capacity or wish.capacity,
            )
        return {
            "reserved": _("kept for somebody else"),
            "paused": _("paused"),
            "rona": _("did not answer the last offer"),
            "offline": _("offline"),
            "disconnected": _("no open browser"),
            "wrap_up": _("writes up the last conversation"),
            "refused": _("had it already"),
        }[skipped.why]
