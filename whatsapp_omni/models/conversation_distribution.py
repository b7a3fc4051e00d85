# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import zlib
from collections import defaultdict
from datetime import UTC, timedelta
from functools import partial

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.http import request
from odoo.tools import SQL

from ..tools import background, distribution

#: Conversations that one transaction gives out: who comes next waits for it.
BATCH = 20

#: Longest run of the scheduled action, in seconds.
PATIENCE = 10

#: Who declined, missed or returned a conversation does not get it again for this time.
SKIP_FOR = timedelta(minutes=5)

_LOCK = zlib.crc32(b"whatsapp_omni.distribution") & 0x7FFFFFFF

# Most urgent first. What somebody changes at this moment is left to the next round,
# which they ask for: a round waits for no conversation, so nobody can wait for both.
_CLAIM = """
    SELECT conversation.id
      FROM whatsapp_omni_conversation conversation
      JOIN whatsapp_omni_queue queue ON queue.id = conversation.queue_id
      JOIN whatsapp_omni_customer customer ON customer.id = conversation.customer_id
     WHERE conversation.state = 'new' AND conversation.id != ALL(%(without)s)
       AND (conversation.reserved_for_id = ANY(%(free)s)
            OR (conversation.reserved_for_id IS NULL
                AND conversation.queue_id = ANY(%(queues)s)))
     ORDER BY queue.priority DESC, customer.priority DESC,
              COALESCE(conversation.waiting_since, conversation.queued_at,
                       conversation.opened_at), conversation.id
     LIMIT %(limit)s
       FOR NO KEY UPDATE OF conversation SKIP LOCKED
"""

_LOCK_RINGING = """
    SELECT id FROM whatsapp_omni_conversation
     WHERE id = ANY(%s) AND state = 'offered' ORDER BY id
       FOR NO KEY UPDATE SKIP LOCKED
"""

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


class WhatsAppConversation(models.Model):
    """Who gets the next conversation of the queues that give them out.

    One round at a time in the whole database: it settles the offers that are over,
    then gives what waits to who is free. ``tools/distribution.py`` decides; this
    brings the facts, and carries out.
    """

    _inherit = "whatsapp_omni.conversation"

    _closed_by_agent = models.Index("(user_id, closed_at DESC) WHERE state = 'closed'")
    _new_reserved = models.Index(
        "(reserved_for_id) WHERE state = 'new' AND reserved_for_id IS NOT NULL"
    )

    # === WHEN === #

    @api.model_create_multi
    def create(self, vals_list):
        """Override: note since when they are in their queue, and have them given out."""
        now = fields.Datetime.now()
        conversations = super().create([{"queued_at": now, **v} for v in vals_list])
        conversations._ask_distribution()
        return conversations

    def _ask_distribution(self):
        """Have conversations given out once this transaction is committed.

        Asking costs nothing where no queue gives them out.
        """
        if not self.env["whatsapp_omni.queue"]._gives_out():
            return
        if request and request.env.cr is self.env.cr:
            request.whatsapp_omni_distribute = True  # see ir_http.py
        database = self.env.cr.dbname
        self.env.cr.postcommit.add(partial(_asked.__setitem__, database, True))

    @api.model
    def _distribute_if_asked(self, registry):
        """Give out what transactions of this process have asked for, committed by now.

        For the end of whatever work a process does. Errors are logged.
        """
        if _asked.pop(registry.db_name, False):
            background.quietly(self._distribute_now, registry)

    @staticmethod
    def _distribute_now(registry):
        def work():
            with background.background_env(registry) as env:
                env["whatsapp_omni.conversation"]._distribute_for(
                    background.REQUEST_SECONDS
                )

        _flight.run(registry.db_name, work)

    @api.model
    def _cron_distribute(self):
        """Sweep: give out what waits, settle what is over, whoever forgot to ask."""
        with background.background_env(self.env.registry) as env:
            env["whatsapp_omni.agent"]._end_absences()
            env.cr.commit()
            env["whatsapp_omni.conversation"]._distribute_for(PATIENCE)

    @api.model
    def _distribute_for(self, seconds):
        """Give out conversations in short transactions, until nothing can be given."""
        box, without = background.TimeBox(seconds), []
        while self._distribute(without=without):
            self.env.cr.commit()
            if not box.open:
                self.env.ref("whatsapp_omni.ir_cron_distribute")._trigger()
                break
        self.env.cr.commit()

    # === A ROUND === #

    @api.model
    def _distribute(self, queues=None, without=None):
        """Settle the offers that are over, and give some conversations to agents.

        :param queues: only of these
        :param list without: ids to leave out; those that nobody may have are added
        :return: how many were looked at or settled; 0 when nothing is left to do
        :rtype: int
        """
        without = [] if without is None else without
        self.env.flush_all()
        self.env.cr.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
        self.env.invalidate_all()
        self._lock_agents()
        settled = self._settle_offers() + self._release_reserved()
        facts = _Facts(self.env, queues)
        if not facts.free:
            return settled
        self.env.flush_all()
        self.env.cr.execute(
            _CLAIM,
            {
                "without": without,
                "free": [agent.id for agent in facts.free.values()],
                "queues": facts.queues_with_room().ids,
                "limit": BATCH,
            },
        )
        claimed = self.browse(row[0] for row in self.env.cr.fetchall())
        claimed.invalidate_recordset()
        facts.read_about(claimed)
        for conversation in claimed:
            if not conversation._find_agent(facts):
                without.append(conversation.id)
        return settled + len(claimed)

    @api.model
    def _lock_agents(self):
        """Keep all agents at work from changing their state during this round."""
        self.env.cr.execute(
            "SELECT FROM whatsapp_omni_agent WHERE state != 'offline'"
            " ORDER BY id FOR NO KEY UPDATE"
        )

    def _find_agent(self, facts):
        """Give this claimed conversation to whom it suits best; tell whether it was."""
        wish, agents = facts.wish(self), facts.agents_for(self)
        decision = distribution.choose(wish, agents)
        if not decision.chosen:
            return False
        user = self.env["res.users"].browse(decision.chosen.id)
        facts.note_given(user, wish)
        why = self._explain_decision(decision, wish, facts)
        if self.queue_id.offer_seconds:
            self._offer(user, why)
        else:
            self._give(user, why)
        return True

    # === WHY === #

    def _explain_decision(self, decision, wish, facts):
        """Return a decision as values of an assignment, in words of the company."""
        translated = self.with_context(lang=self.company_id.partner_id.lang)
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

    # === WHAT IS OVER === #

    @api.model
    def _settle_offers(self):
        """End the offers that were not answered, and those to who is not there any more.

        :return: how many
        """
        over = self._find_over()
        self.env.cr.execute(_LOCK_RINGING, (list(over),))
        ringing = self.browse(row[0] for row in self.env.cr.fetchall())
        ringing.invalidate_recordset()
        for conversation in ringing:
            outcome = over[conversation.id]
            agent = conversation.offered_to_id
            conversation._stop_ringing(outcome)
            if outcome == "missed":
                self.env["whatsapp_omni.agent"]._of(agent)._miss_offer()
        return len(ringing)

    @api.model
    def _find_over(self):
        """Return how the offers that are over end, by the id of the conversation."""
        now, over = fields.Datetime.now(), {}
        ringing = self.search([("state", "=", "offered")])
        users = ringing.offered_to_id
        agents = {
            agent.user_id: agent for agent in self.env["whatsapp_omni.agent"]._of(users)
        }
        late = defaultdict(bool)
        for conversation in ringing:
            user = conversation.offered_to_id
            late[user] |= conversation.offered_until <= now
        for conversation in ringing:
            user = conversation.offered_to_id
            if not user:  # deleted
                over[conversation.id] = "withdrawn"
            elif conversation.offered_until <= now:
                over[conversation.id] = "missed"
            elif (
                late[user]  # who is not there misses the others as well
                or agents[user].state != "available"
                or not conversation._may_ring_at(user)
            ):
                over[conversation.id] = "withdrawn"
        return over

    def _may_ring_at(self, user):
        """Tell whether a user is still one whom this conversation may be offered to."""
        return user.active and (
            user in self.queue_id.agent_ids
            or (user == self.reserved_for_id)
            and user.has_group("whatsapp_omni.group_agent")
        )

    @api.model
    def _release_reserved(self):
        """Give back to all what is kept for people who are no agents any more."""
        waiting = self.search(
            Domain("state", "in", ("new", "waiting"))
            & Domain("reserved_for_id", "!=", False)
        )
        lost = waiting.filtered(
            lambda c: not c.reserved_for_id.active
            or not c.reserved_for_id.has_group("whatsapp_omni.group_agent")
        )
        for conversation in lost:
            keeper = conversation.reserved_for_id
            conversation.reserved_for_id = False
            state = conversation.state
            conversation._log_change("released", state, state, keeper.name)
            conversation._push()
        return len(lost)


class _Facts:
    """All that a round has to know about agents and what waits, in few queries."""

    def __init__(self, env, queues=None):
        self.env = env
        self.now = fields.Datetime.now()
        self.pushing = env["whatsapp_omni.queue"].browse(
            env["whatsapp_omni.queue"]._push_ids()
        )
        if queues is not None:
            self.pushing &= queues
        self.members = {queue: queue.agent_ids for queue in self.pushing}
        self.records = env["whatsapp_omni.agent"].search([("state", "!=", "offline")])
        self.known = self._read_agents()
        self.free = {
            user_id: agent
            for user_id, agent in self.known.items()
            if distribution.is_free(agent)
        }
        self.turn = max((agent.turn for agent in self.known.values()), default=0)
        self.refused, self.last_agents = {}, {}

    def _read_agents(self):
        env, user_ids = self.env, self.records.user_id.ids
        loads = env["whatsapp_omni.agent"]._loads(user_ids)
        ends = dict(self._rows(_LAST_ENDS, user_ids))
        beginnings = dict(self._rows(_LAST_BEGINNINGS, user_ids))
        seen_after = env["whatsapp_omni.agent"]._seen_after(self.now)
        # What Odoo knows: it is told at once when the last page is closed.
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
            & Domain("what", "=", "returned")
            & Domain("date", ">", since)
        )
        for change in returns:
            self.refused[change.conversation_id].add(change.user_id.id)
        for queue in conversations.queue_id.filtered("last_agent_first"):
            waiting = conversations.filtered(lambda c, queue=queue: c.queue_id == queue)
            self._read_last_agents(queue, waiting.customer_id)

    def _read_last_agents(self, queue, customers):
        cr = self.env.cr
        cr.execute(
            SQL(
                """
                SELECT DISTINCT ON (customer_id) customer_id, user_id
                  FROM whatsapp_omni_conversation
                 WHERE customer_id = ANY(%s) AND queue_id = %s AND state = 'closed'
                   AND user_id IS NOT NULL AND closed_at > %s
                 ORDER BY customer_id, closed_at DESC
                """,
                customers.ids,
                queue.id,
                self.now - timedelta(days=queue.last_agent_days),
            )
        )
        for customer_id, user_id in cr.fetchall():
            self.last_agents[queue.id, customer_id] = user_id

    def wish(self, conversation):
        """Return what a decision has to know about a conversation."""
        queue = conversation.queue_id
        required = conversation.menu_option_id.skill_ids | queue.skill_ids
        levels = defaultdict(int)
        for requirement in required:
            skill_id = requirement.skill_id.id
            levels[skill_id] = max(levels[skill_id], int(requirement.level))
        since = conversation.queued_at or conversation.opened_at
        relax = queue.skill_relax_seconds
        return distribution.Wish(
            strategy=queue.strategy,
            now=_seconds(self.now),
            capacity=queue.capacity,
            weight=queue.weight,
            skills=dict(levels) if queue.strategy == "skills" else {},
            is_relaxed=bool(relax) and since + timedelta(seconds=relax) <= self.now,
            refused_by=frozenset(self.refused.get(conversation, ())),
            reserved_for=conversation.reserved_for_id.id or None,
            last_agent=self.last_agents.get((queue.id, conversation.customer_id.id)),
        )

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


_asked = {}
_flight = background.SingleFlight()


class WhatsAppAgent(models.Model):
    _inherit = "whatsapp_omni.agent"

    def _miss_offer(self):
        """Take this agent, who did not answer, out of the distribution."""
        if self.state == "available":
            self._set_state("rona")
