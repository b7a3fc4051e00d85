# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import timedelta

from odoo import api, fields, models

from ..gupshup.exceptions import GupshupError, NotSent, RateLimited, Unavailable
from ..tools import background
from ..tools.calls import Calls, Job

#: Calls at once.
PARALLEL = 4
TRIES = 5


class WhatsAppBlock(models.Model):
    """What the provider of a line is asked to do about a blocked customer.

    WhatsApp blocks only who has written within the last 24 hours, so that a refusal is
    ordinary: here the customer is blocked all the same.
    """

    _name = "whatsapp_omni.block"
    _description = "WhatsApp Block"
    _log_access = False

    customer_id = fields.Many2one(
        "whatsapp_omni.customer",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(related="customer_id.company_id")
    line_id = fields.Many2one(
        "whatsapp_omni.line", required=True, readonly=True, ondelete="cascade"
    )
    wanted = fields.Selection(
        [("block", "Blocked"), ("unblock", "Not blocked")],
        required=True,
        readonly=True,
        default="block",
    )
    state = fields.Selection(
        [
            ("pending", "The provider is being told"),
            ("done", "The provider has done it"),
            ("failed", "The provider refused"),
        ],
        required=True,
        readonly=True,
        default="pending",
    )
    reason = fields.Char("Provider's Answer", readonly=True)
    tries = fields.Integer(readonly=True)
    next_try_at = fields.Datetime(readonly=True)

    _once = models.UniqueIndex(
        "(customer_id, line_id)", "This customer is blocked on this line already."
    )
    _due_idx = models.Index("(next_try_at, id) WHERE state = 'pending'")

    @api.model
    def _of(self, customers):
        """Return a row for each line on which these customers have a channel."""
        found = self.search([("customer_id", "in", customers.ids)])
        known = {(block.customer_id, block.line_id) for block in found}
        channels = customers.channel_ids
        return found | self.create(
            [
                {
                    "customer_id": channel.whatsapp_omni_customer_id.id,
                    "line_id": channel.whatsapp_omni_line_id.id,
                }
                for channel in channels
                if (channel.whatsapp_omni_customer_id, channel.whatsapp_omni_line_id)
                not in known
            ]
        )

    def _ask(self, wanted):
        """Have the provider told, after this transaction."""
        self.write(
            {
                "wanted": wanted,
                "state": "pending",
                "reason": False,
                "tries": 0,
                "next_try_at": fields.Datetime.now(),
            }
        )
        if self:
            self.env.ref("whatsapp_omni.ir_cron_tell_blocks").sudo()._trigger()

    def _refused(self):
        return self.filtered(lambda block: block.state == "failed")

    def _explain_refusal(self):
        """Return what the provider did not do, what that means and what helps."""
        params = {"line": self.line_id.name, "reason": self.reason or ""}
        if self.wanted == "block":
            return self.env._(
                "%(line)s: the provider has not blocked this customer (“%(reason)s”). "
                "What they write still arrives here; it is kept and alerts nobody. "
                "WhatsApp blocks only who has written within the last 24 hours: ask "
                "again when they have.",
                **params,
            )
        return self.env._(
            "%(line)s: the provider has not unblocked this customer (“%(reason)s”). "
            "What they write probably does not arrive. Ask again; if it is refused "
            "again, have the provider's support unblock them.",
            **params,
        )

    # === TELLING THE PROVIDER === #

    @api.model
    def _cron_tell(self):
        """Tell the providers whom to block and whom to hear again."""
        with background.background_env(self.env.registry) as env:
            box = background.TimeBox(10)
            while box.open and env["whatsapp_omni.block"]._tell_round(env.cr.commit):
                continue

    @api.model
    def _tell_round(self, commit):
        """Tell some of what is due; return how much was tried.

        :param commit: called after each step, so that no lock is held while a provider
            is waited for
        """
        jobs = [block._make_job() for block in self._claim(PARALLEL)]
        commit()
        with Calls(PARALLEL) as calls:
            calls.start(jobs)
            while calls:
                for job, answer in calls.land():
                    self.browse(job.record_id).exists()._note(job, answer)
                commit()
        return len(jobs)

    @api.model
    def _claim(self, limit):
        self.flush_model()
        now = fields.Datetime.now()
        self.env.cr.execute(
            """
            SELECT id FROM whatsapp_omni_block
             WHERE state = 'pending' AND next_try_at <= %s
             ORDER BY next_try_at, id LIMIT %s
               FOR UPDATE SKIP LOCKED
            """,
            (now, limit),
        )
        claimed = self.browse(row[0] for row in self.env.cr.fetchall())
        claimed.invalidate_recordset()
        # Nobody else takes them meanwhile; should this worker die, somebody does.
        claimed.next_try_at = now + timedelta(minutes=2)
        return claimed

    def _make_job(self):
        client = self.line_id._get_client()
        call = client.block if self.wanted == "block" else client.unblock
        customer = self.customer_id
        return Job(self.id, call, ([customer.wa_id or customer.business_user_id],))

    def _note(self, job, answer):
        """Write down the provider's answer, unless something else is wanted by now."""
        if not self or job.call.__name__ != self.wanted:
            return
        if isinstance(answer, (NotSent, RateLimited, Unavailable)):
            self._try_later(answer)
            return
        refusal = _refusal(answer)
        if self.wanted == "unblock" and not refusal:
            self.unlink()
            return
        self.write({"state": "failed" if refusal else "done", "reason": refusal})

    def _try_later(self, error):
        if self.tries + 1 >= TRIES:
            self.write({"state": "failed", "reason": error.reason})
            return
        pause = timedelta(minutes=5**self.tries)
        self.write(
            {
                "tries": self.tries + 1,
                "next_try_at": fields.Datetime.now() + pause,
                "reason": error.reason,
            }
        )


def _refusal(answer):
    """Return why the provider did not do it, False when it did."""
    if isinstance(answer, GupshupError):
        return answer.reason
    return next(iter(answer.values()), False)
