# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from collections import defaultdict
from datetime import UTC, timedelta

from odoo import fields
from odoo.fields import Domain

from ..tools import distribution

#: Who declined, missed or returned a conversation does not get it again for this time.
SKIP_FOR = timedelta(minutes=5)

# When the latest conversation of each ended: one look into an index for each.
_LAST_ENDS = """
    SELECT who.id, max(ended.closed_at)
      FROM unnest(%s::int[]) AS who(id)
     CROSS JOIN LATERAL (
           SELECT closed_at FROM whatsapp_omni_conversation
            WHERE user_id = who.id AND state = 'closed' AND closed_at IS NOT NULL
            ORDER BY closed_at DESC LIMIT 1
           ) ended
     GROUP BY who.id
"""

_LAST_BEGINNINGS = """
    SELECT user_id, max(attended_at) FROM whatsapp_omni_conversation
     WHERE user_id = ANY(%s) AND state != 'closed' AND state = 'attended'
     GROUP BY user_id
"""


# Few rows each: what a customer had before, by the index of customers.
_LAST_AGENTS = """
    SELECT DISTINCT ON (customer_id) customer_id, user_id
      FROM whatsapp_omni_conversation
     WHERE customer_id = ANY(%s) AND queue_id = %s AND state = 'closed'
       AND user_id IS NOT NULL AND closed_at > %s
     ORDER BY customer_id, closed_at DESC
"""


class Facts:
    """All that a round has to know about agents and what waits, in few queries.

    ``free`` are the agents who take conversations, by the id of the user.
    """

    def __init__(self, env, queues=None):
        self.env = env
        self.now = fields.Datetime.now()
        self.pushing = env["whatsapp_omni.queue"].browse(
            env["whatsapp_omni.queue"]._push_ids()
        )
        if queues is not None:
            self.pushing &= queues
        self.members = {
            queue: queue.agent_ids._whatsapp_omni_agents(queue.company_id)
            for queue in self.pushing
        }
        self.records = env["whatsapp_omni.agent"].search([("state", "!=", "offline")])
        self.known = self._read_agents()
        self.free = {
            user_id: agent
            for user_id, agent in self.known.items()
            if distribution.is_free(agent)
        }
        self.turn = max((agent.turn for agent in self.known.values()), default=0)
        self.refused, self.last_agents = {}, {}
        #: When conversations ask for fewer skills, and the user who could have them.
        self.relaxing = []

    def _read_agents(self):
        env, user_ids = self.env, self.records.user_id.ids
        loads = env["whatsapp_omni.agent"]._loads(user_ids)
        ends = dict(self._rows(_LAST_ENDS, user_ids))
        beginnings = dict(self._rows(_LAST_BEGINNINGS, user_ids))
        seen_after = env["whatsapp_omni.agent"]._seen_after(self.now)
        # What Odoo knows: it is told at once when a page is closed, and by another
        # page that is still open (see mail_presence.py).
        gone = set(
            env["mail.presence"]
            .search([("user_id", "in", user_ids), ("status", "=", "offline")])
            .user_id.ids
        )
        known = {}
        for agent in self.records:
            user_id = agent.user_id.id
            idle = [
                agent.last_assigned_at,
                ends.get(user_id),
                beginnings.get(user_id),
                agent.since if agent.state == "available" else None,
            ]
            known[user_id] = distribution.Agent(
                id=user_id,
                state=agent.state,
                is_connected=bool(agent.last_seen_at)
                and agent.last_seen_at >= seen_after
                and user_id not in gone,
                is_wrapping_up=bool(agent.wrap_up_until)
                and agent.wrap_up_until > self.now,
                load=loads.get(user_id, 0),
                capacity=agent.capacity,
                turn=agent.turn,
                idle_since=max(_seconds(moment) for moment in idle if moment)
                if any(idle)
                else 0,
                skills={s.skill_id.id: int(s.level) for s in agent.skill_ids},
            )
        return known

    def _rows(self, statement, user_ids):
        self.env.cr.execute(statement, (user_ids,))
        return self.env.cr.fetchall()

    def queues_with_room(self):
        """Return the queues of which some free agent could take one more."""
        return self.pushing.filtered(
            lambda queue: any(
                distribution.has_room(self.free[user.id], queue.capacity, queue.weight)
                for user in self.members[queue]
                if user.id in self.free
            )
        )

    def read_about(self, conversations):
        """Learn who had these conversations, and whom their customers had last."""
        since = self.now - SKIP_FOR
        self.refused = defaultdict(set)
        refusals = self.env["whatsapp_omni.assignment"].search(
            Domain("conversation_id", "in", conversations.ids)
            & Domain("outcome", "in", ("declined", "missed"))
            & Domain("ended_at", ">", since)
        )
        for refusal in refusals:
            self.refused[refusal.conversation_id].add(refusal.user_id.id)
        returns = self.env["whatsapp_omni.conversation.change"].search(
            Domain("conversation_id", "in", conversations.ids)
            & Domain("what", "in", ("returned", "transferred"))
            & Domain("date", ">", since)
        )
        for change in returns:
            self.refused[change.conversation_id].add(change.user_id.id)
        for queue in conversations.queue_id.filtered("last_agent_first"):
            waiting = conversations.filtered(lambda c, queue=queue: c.queue_id == queue)
            self._read_last_agents(queue, waiting.customer_id)

    def _read_last_agents(self, queue, customers):
        cr = self.env.cr
        since = self.now - timedelta(days=queue.last_agent_days)
        cr.execute(_LAST_AGENTS, (customers.ids, queue.id, since))
        for customer_id, user_id in cr.fetchall():
            self.last_agents[queue.id, customer_id] = user_id

    def wish(self, conversation):
        """Return what a decision has to know about a conversation."""
        queue = conversation.queue_id
        required, option = queue.skill_ids, conversation.menu_option_id
        if option.queue_id == queue:  # not if a person routed it elsewhere
            required |= option.skill_ids
        levels = defaultdict(int)
        for requirement in required:
            skill_id = requirement.skill_id.id
            levels[skill_id] = max(levels[skill_id], int(requirement.level))
        relaxes_at = self._relaxes_at(conversation)
        return distribution.Wish(
            strategy=queue.strategy,
            now=_seconds(self.now),
            capacity=queue.capacity,
            weight=queue.weight,
            skills=dict(levels) if queue.strategy == "skills" else {},
            is_relaxed=bool(relaxes_at) and relaxes_at <= self.now,
            refused_by=frozenset(self.refused.get(conversation, ())),
            reserved_for=conversation.reserved_for_id.id or None,
            last_agent=self.last_agents.get((queue.id, conversation.customer_id.id)),
        )

    def _relaxes_at(self, conversation):
        """Return when somebody with fewer skills will do, None for never."""
        seconds = conversation.queue_id.skill_relax_seconds
        since = conversation.queued_at or conversation.opened_at
        return since + timedelta(seconds=seconds) if seconds else None

    def note_relaxing(self, conversation, wish, agents):
        """Remember when this conversation, which nobody may have now, is for whom."""
        if wish.is_relaxed or not wish.skills:
            return
        relaxes_at = self._relaxes_at(conversation)
        chosen = distribution.choose(wish._replace(is_relaxed=True), agents).chosen
        if relaxes_at and chosen:
            self.relaxing.append((relaxes_at, chosen.id))

    def agents_for(self, conversation):
        """Return who might have a conversation, as a decision sees them."""
        users = self.members.get(conversation.queue_id, self.env["res.users"])
        users |= conversation.reserved_for_id
        return [
            self.known.get(user.id) or distribution.Agent(user.id, "offline")
            for user in users
        ]

    def note_given(self, user, wish):
        """Remember that a user got one more, here and for the next rounds."""
        self.turn += 1
        agent = self.known[user.id].given(wish.weight, self.turn, wish.now)
        self.known[user.id] = self.free[user.id] = agent
        self.records.filtered(lambda record: record.user_id == user).write(
            {"turn": self.turn, "last_assigned_at": self.now}
        )

    def name(self, user_id):
        return self.env["res.users"].browse(user_id).name

    def skill_name(self, skill_id):
        return self.env["whatsapp_omni.skill"].browse(skill_id).name


def _seconds(moment):
    """Return a naive UTC moment as seconds since 1970."""
    return moment.replace(tzinfo=UTC).timestamp()
