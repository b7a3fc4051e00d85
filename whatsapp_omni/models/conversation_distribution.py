# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import zlib
from collections import defaultdict
from functools import partial

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.http import request

from ..tools import background, distribution
from .distribution_facts import Facts

#: Conversations that one transaction gives out: who comes next waits for it.
BATCH = 20

#: Longest run of the scheduled action, in seconds.
PATIENCE = 10

#: Databases of which this process has committed what may let conversations be given.
_asked = {}

_flight = background.SingleFlight()

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

_LOCK_FREE = """
    SELECT id FROM whatsapp_omni_conversation WHERE id = ANY(%s) ORDER BY id
       FOR NO KEY UPDATE SKIP LOCKED
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
        """Override: note since when they wait, and have them given out."""
        now = fields.Datetime.now()
        conversations = super().create([{"queued_at": now, **v} for v in vals_list])
        self.env["whatsapp_omni.agent"]._tell_loads_of(conversations.user_id)
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
                    background.REQUEST_SECONDS, env.cr.commit
                )

        _flight.run(registry.db_name, work)

    @api.model
    def _cron_distribute(self):
        """Sweep: give out what waits, settle what is over, whoever forgot to ask."""
        with background.background_env(self.env.registry) as env:
            env["whatsapp_omni.agent"]._end_absences()
            env.cr.commit()
            env["whatsapp_omni.conversation"]._release_departed()
            env.cr.commit()
            env["whatsapp_omni.conversation"]._distribute_for(PATIENCE, env.cr.commit)

    @api.model
    def _distribute_for(self, seconds, commit):
        """Give out conversations in short transactions, until nothing can be given."""
        box, without = background.TimeBox(seconds), []
        while self._distribute(without=without):
            commit()
            if not box.open:
                self.env.ref("whatsapp_omni.ir_cron_distribute")._trigger()
                break
        commit()

    @api.model
    def _wake_distribution(self, moment):
        """Have the scheduled action look at ``moment``, besides its sweeps.

        It looks when its server wakes next; what people wait for comes by their pages.

        :return: whether that was new
        """
        cron = self.env.ref("whatsapp_omni.ir_cron_distribute")
        # sudo: ir.cron.trigger - whether there is one is no secret
        Trigger = self.env["ir.cron.trigger"].sudo()
        at_moment = Domain("cron_id", "=", cron.id) & Domain("call_at", "=", moment)
        if not self.env["whatsapp_omni.queue"]._gives_out() or Trigger.search_count(
            at_moment, limit=1
        ):
            return False
        cron._trigger(at=moment)
        return True

    @api.model
    def _wake_for_relaxing(self, facts):
        """Look again when the first of what waits asks for fewer skills.

        Seconds come from a page: of the agent who could have it then.
        """
        if not facts.relaxing:
            return
        moment, user_id = min(facts.relaxing)
        if self._wake_distribution(moment):
            self.env["res.users"].browse(user_id)._bus_send(
                "whatsapp_omni.look_again",
                {"seconds": (moment - facts.now).total_seconds()},
            )

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
        facts = Facts(self.env, queues)
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
        self._wake_for_relaxing(facts)
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
            facts.note_relaxing(self, wish, agents)
            return False
        user = self.env["res.users"].browse(decision.chosen.id)
        facts.note_given(user, wish)
        why = self._explain_decision(decision, wish, facts)
        if self.queue_id.offer_seconds:
            self._offer(user, why)
        else:
            self._give(user, why)
        return True

    # === WHAT IS OVER === #

    @api.model
    def _settle_offers(self):
        """End the offers that were not answered, or whose agent is not there any more.

        :return: how many
        """
        over = self._find_over()
        settled = 0
        for conversation in self.browse(over)._lock_free():
            outcome, *offer = over[conversation.id]
            agent = conversation.offered_to_id
            if offer != [agent, conversation.offered_until]:
                continue  # answered in this very moment
            settled += 1
            conversation._stop_ringing(outcome)
            if outcome == "missed":
                self.env["whatsapp_omni.agent"]._of(agent)._miss_offer()
        return settled

    def _lock_free(self):
        """Lock those of these conversations that nobody else has locked."""
        self.env.cr.execute(_LOCK_FREE, (self.ids,))
        free = self.browse(row[0] for row in self.env.cr.fetchall())
        free.invalidate_recordset()
        return free

    @api.model
    def _find_over(self):
        """Return the offers that are over, by the id of the conversation.

        :return: how they end, their user and their time
        """
        now, over = fields.Datetime.now(), {}
        # All in one statement: an agent may answer between two.
        ringing = self.search_fetch(
            [("state", "=", "offered")],
            ["offered_to_id", "offered_until", "queue_id", "reserved_for_id"],
        )
        users = ringing.offered_to_id
        agents = {
            agent.user_id: agent for agent in self.env["whatsapp_omni.agent"]._of(users)
        }
        late = defaultdict(bool)
        for conversation in ringing:
            user = conversation.offered_to_id
            late[user] |= conversation.offered_until <= now
        for conversation in ringing:
            user, until = conversation.offered_to_id, conversation.offered_until
            if not user:  # deleted
                over[conversation.id] = ("withdrawn", user, until)
            elif until <= now:
                over[conversation.id] = ("missed", user, until)
            elif (
                late[user]  # who is not there misses the others as well
                or agents[user].state != "available"
                or not conversation._may_ring_at(user)
            ):
                over[conversation.id] = ("withdrawn", user, until)
        return over

    def _may_ring_at(self, user):
        """Tell whether a user is still one whom this conversation may be offered to."""
        return user._whatsapp_omni_agents(self.company_id) and (
            user in self.queue_id.agent_ids or user == self.reserved_for_id
        )

    @api.model
    def _release_reserved(self):
        """Give back to all what is kept for people who are no agents any more.

        :return: how many
        """
        waiting = self.search(
            Domain("state", "in", ("new", "waiting"))
            & Domain("reserved_for_id", "!=", False)
        )
        lost = waiting.filtered(
            lambda c: not c.reserved_for_id._whatsapp_omni_agents(c.company_id)
        )
        released = 0
        for conversation in lost._lock_free():
            keeper = conversation.reserved_for_id
            if not keeper:  # given up in this very moment
                continue
            released += 1
            conversation.reserved_for_id = False
            state = conversation.state
            conversation._log_change("released", state, state, keeper.name)
            conversation._push()
        return released


class WhatsAppAgent(models.Model):
    _inherit = "whatsapp_omni.agent"

    def _miss_offer(self):
        """Take this agent, who did not answer, out of the distribution."""
        self._lock()
        if self.state == "available":
            self._set_state("rona")
