# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import ormcache

#: How a queue chooses who gets its next conversation. Agents take from a manual one.
STRATEGIES = [
    ("manual", "Agents take them"),
    ("round_robin", "In turn"),
    ("least_busy", "Least busy"),
    ("longest_idle", "Longest idle"),
    ("skills", "By skills"),
]

#: Priorities of queues and customers, in their order.
PRIORITIES = [("0", "Normal"), ("1", "Raised"), ("2", "High"), ("3", "Very high")]

#: What decides whether somebody may have what waits; required skills ask by themselves.
_DECIDING = {"strategy", "agent_ids", "capacity", "weight", "skill_relax_seconds"}


class WhatsAppQueue(models.Model):
    """How a queue gives its conversations to agents."""

    _inherit = "whatsapp_omni.queue"

    strategy = fields.Selection(
        STRATEGIES,
        "Conversations",
        required=True,
        default="manual",
        help="How the next agent is chosen. In turn: whose last conversation was given "
        "longest ago. Least busy: who has the fewest conversations. Longest idle: "
        "whose last conversation began or ended longest ago. By skills: who knows best "
        "what the queue or the menu requires. Agents may always take one themselves.",
    )
    last_agent_first = fields.Boolean(
        help="A customer who comes back gets the agent of their last conversation in "
        "this queue, if that agent is free."
    )
    last_agent_days = fields.Integer(
        "Days Back", default=30, help="How old that conversation may be."
    )
    priority = fields.Selection(
        PRIORITIES,
        required=True,
        default="0",
        help="Conversations of a queue with a higher priority are given out first.",
    )
    capacity = fields.Integer(
        "Conversations per Agent",
        default=5,
        help="An agent who has as many, over all queues, gets no more of this one. "
        "Zero: no limit. It may be set for each agent as well.",
    )
    weight = fields.Float(
        default=1.0, help="How much one conversation of this queue counts."
    )
    offer_seconds = fields.Integer(
        "Ring For",
        default=30,
        help="Seconds in which an agent may accept. Zero: conversations are given "
        "without asking.",
    )
    skill_ids = fields.One2many(
        "whatsapp_omni.skill.requirement", "queue_id", string="Required Skills"
    )
    skill_relax_seconds = fields.Integer(
        "Relax After",
        default=60,
        help="Seconds of waiting after which somebody with fewer skills will do, if "
        "nobody with all of them is free. Zero: never.",
    )

    @api.constrains(
        "capacity", "weight", "offer_seconds", "skill_relax_seconds", "last_agent_days"
    )
    def _check_distribution(self):
        for queue in self:
            if queue.weight <= 0:
                raise ValidationError(
                    self.env._("A conversation has to count: choose a weight above 0.")
                )
            if queue.offer_seconds and not 5 <= queue.offer_seconds <= 600:
                raise ValidationError(
                    self.env._(
                        "Ring for 5 to 600 seconds, or 0 to give conversations without "
                        "asking."
                    )
                )
            if (
                min(queue.capacity, queue.skill_relax_seconds, queue.last_agent_days)
                < 0
            ):
                raise ValidationError(
                    self.env._("Capacity, seconds and days cannot be negative.")
                )

    @api.model_create_multi
    def create(self, vals_list):
        """Forget which queues give out conversations."""
        queues = super().create(vals_list)
        self.env["whatsapp_omni.agent"]._of(queues.agent_ids)
        self.env.registry.clear_cache()  # _push_ids
        return queues

    def write(self, vals):
        """Give out anew by other settings or to other people."""
        result = super().write(vals)
        if "agent_ids" in vals:
            self.env["whatsapp_omni.agent"]._of(self.agent_ids)
        if vals.keys() & {"strategy", "active"}:
            self.env.registry.clear_cache()  # _push_ids
        if vals.keys() & _DECIDING:
            self.env["whatsapp_omni.conversation"]._ask_distribution()
        if vals.keys() & {"capacity", "weight"}:
            self.env["whatsapp_omni.agent"]._tell_loads_of(self._loaded_users())
        return result

    def _loaded_users(self):
        """Return the agents of these queues, and whoever else has something of them."""
        # sudo: whatsapp_omni.conversation - only whom it loads
        Conversation = self.env["whatsapp_omni.conversation"].sudo()
        held = Conversation.search(
            [("queue_id", "in", self.ids), ("state", "in", ("offered", "attended"))]
        )
        return self.agent_ids | held._loaded_users()

    def unlink(self):
        """Forget which queues give out conversations."""
        result = super().unlink()
        self.env.registry.clear_cache()  # _push_ids
        return result

    def _is_push(self):
        """Tell whether this queue gives its conversations to agents by itself."""
        return self.id in self._push_ids()

    @api.model
    @ormcache()
    def _push_ids(self):
        """Return the ids of the queues that give out their conversations.

        An archived one does so as well, until nothing waits in it any more.
        """
        # sudo: whatsapp_omni.queue - the machine gives them out, whoever asks
        queues = self.sudo().with_context(active_test=False)
        return tuple(queues.search([("strategy", "!=", "manual")]).ids)

    @api.model
    def _gives_out(self):
        """Tell whether there is anything to give out at all, at no cost."""
        return bool(self._push_ids())
