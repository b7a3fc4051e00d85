# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain

from ..tools import background

_logger = logging.getLogger(__name__)

#: Conversations dealt with per transaction. Each locks its row until then.
BATCH = 50

#: Longest run of a scheduled action, in seconds: others have to use its worker as well.
PATIENCE = 10

#: How much later it is looked again when something is under way in this moment.
POSTPONED = timedelta(minutes=1)

#: Pause of the scheduled actions when nothing is due earlier, see ``ir_cron.xml``.
SWEEP = timedelta(minutes=5)

# An index answers it, however many conversations there are. What somebody else has
# locked is left to them, or to the next round.
_EXPIRING = """
    SELECT id FROM whatsapp_omni_conversation
     WHERE state != 'closed' AND window_expired IS NOT TRUE AND window_end <= %(now)s
       AND id != ALL(%(without)s)
     ORDER BY window_end, id LIMIT %(limit)s
       FOR NO KEY UPDATE SKIP LOCKED
"""

_NEXT_EXPIRY = """
    SELECT min(window_end) FROM whatsapp_omni_conversation
     WHERE state != 'closed' AND window_end > %s
"""


class WhatsAppConversation(models.Model):
    """What happens when a window closes, and how its moment is not missed.

    Any number of workers may be at it: each takes what the others have not locked, and
    what they have dealt with is not due any more.
    """

    _inherit = "whatsapp_omni.conversation"

    @api.model
    def _cron_expire(self):
        """Expire the windows whose time has come, and come back for the next one."""
        self._work_through(
            "whatsapp_omni.ir_cron_expire_windows",
            lambda Conversation, troubled: Conversation._expire_round(troubled),
            _NEXT_EXPIRY,
        )

    @api.model
    def _expire_round(self, troubled=None):
        """Expire some windows; return how many."""
        return self._work_round(_EXPIRING, lambda c: c._expire(), troubled)

    # === WORKING BY DUE TIME === #

    @api.model
    def _work_through(self, cron_xmlid, work_round, next_due):
        """Deal with all conversations that are due, in batches, for a while.

        :param cron_xmlid: the scheduled action, which is called again when the next one
            is due, or at once when the time did not suffice
        :param work_round: called with the model and the ids to leave out; deals with
            some and returns how many
        :param next_due: SQL for the moment at which the next one will be due
        """
        with background.background_env(self.env.registry) as env:
            Conversation = env["whatsapp_omni.conversation"]
            box, troubled = background.TimeBox(PATIENCE), []
            while claimed := work_round(Conversation, troubled):
                env.cr.commit()
                if not box.open:
                    break
            cron = env.ref(cron_xmlid)
            if claimed:
                cron._trigger()
            else:
                Conversation._come_back(cron, next_due)
            env.cr.commit()
        self._distribute_if_asked(self.env.registry)

    @api.model
    def _work_round(self, due, work, troubled=None):
        """Do ``work`` on some conversations that are due; return how many.

        One that makes trouble harms no other. One whose customer has just written is
        left to that message, which may change everything.

        :param due: SQL that locks and returns them
        :param work: called with one locked conversation
        :param list troubled: ids to leave out; those that were left are added
        """
        troubled = [] if troubled is None else troubled
        self.flush_model()
        self.env.cr.execute(
            due,
            {"now": fields.Datetime.now(), "without": troubled, "limit": BATCH},
        )
        claimed = self.browse(row[0] for row in self.env.cr.fetchall())
        claimed.invalidate_recordset()
        for conversation in claimed:
            if conversation._is_customer_writing():
                troubled.append(conversation.id)
                continue
            try:
                with self.env.cr.savepoint():
                    work(conversation)
            except Exception:
                _logger.exception("Conversation %s is due in vain", conversation.id)
                troubled.append(conversation.id)
        return len(claimed)

    def _is_customer_writing(self):
        """Tell whether a message of theirs is in the journal and not applied yet."""
        customer = self.sudo().customer_id
        keys = [f"phone:{customer.wa_id}", f"user:{customer.business_user_id}"]
        return bool(
            self.env["whatsapp_omni.event"].search_count(
                Domain("state", "=", "pending")
                & Domain("kind", "=", "message")
                & Domain("line_id", "=", self.line_id.id)
                & Domain("customer_key", "in", keys),
                limit=1,
            )
        )

    @api.model
    def _come_back(self, cron, next_due):
        """Have the action called when the next one is due, unless it comes anyway."""
        now = fields.Datetime.now()
        self.env.cr.execute(next_due, (now,))
        moment = self.env.cr.fetchone()[0]
        if moment and moment < now + SWEEP:
            cron._trigger(at=moment + timedelta(seconds=1))

    # === EXPIRING === #

    def _expire(self, reason=None):
        """Note that the window has closed, and tell whom it concerns.

        An agent keeps what they attend: a template may begin anew. What waits for the
        line to open is kept for its agents, likewise. Anything else nobody took, and
        nobody will: whether to write to that customer again is for a person to decide.

        :param reason: why it closed before its time
        """
        self.ensure_one()
        self.window_expired = True
        if self.state == "attended" or self._will_be_routed():
            self._log_change("window", self.state, self.state, reason)
            self._push()
        elif self.state != "closed":
            self._close(reason="window")

    def _will_be_routed(self):
        """Tell whether this conversation comes to a queue when its line opens."""
        return self.state == "waiting" and bool(self.opens_at)
