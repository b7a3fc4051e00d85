# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain

from ..tools.calls import Calls, Job

TRIES = 3


class WhatsAppReadReceipt(models.Model):
    """Blue ticks that are still to be given: the customer was read up to a message.

    A row of its own for each, because it is made by the agent's request: one that
    changed the customer's message instead would collide with the background work on it.
    """

    _name = "whatsapp_omni.read.receipt"
    _description = "WhatsApp Read Receipt"
    _log_access = False

    message_id = fields.Many2one(
        "whatsapp_omni.message", required=True, index=True, ondelete="cascade"
    )
    tries = fields.Integer()
    next_try_at = fields.Datetime()
    requested_at = fields.Datetime(help="Set while the provider is being told.")

    @api.model
    def _queue(self, channel, mail):
        """Queue the ticks for all that the customer wrote up to ``mail``.

        The newest message stands for all before it.
        """
        if not channel.whatsapp_omni_line_id.send_read_receipts:
            return
        newest = self.env["whatsapp_omni.message"].search(
            Domain("channel_id", "=", channel.id)
            & Domain("state", "=", "received")
            & Domain("mail_message_id", "<=", mail.id),
            order="id desc",
            limit=1,
        )
        if not newest:
            return
        if self.search_count([("message_id", "=", newest.id)], limit=1):
            return
        self.create({"message_id": newest.id})
        self.env["whatsapp_omni.message"]._wake_outbox()

    @api.model
    def _send_round(self, limit, commit, alone=False):
        """Give some of the ticks that are due; return how many were tried.

        :param commit: called after each step, so that no lock is held while the
            provider is waited for
        :param alone: only if nobody else is sending
        """
        jobs = [receipt._make_job() for receipt in self._claim(limit, alone)]
        commit()
        with Calls(limit) as calls:
            calls.start(jobs)
            while calls:
                for job, error in calls.land():
                    receipt = self.browse(job.record_id)
                    if error:
                        receipt._try_later()
                    else:
                        receipt._done()
                commit()
        return len(jobs)

    def _make_job(self):
        message = self.message_id
        return Job(self.id, message.line_id._get_client().mark_read, (message.wa_id,))

    @api.model
    def _is_any_due(self):
        now = fields.Datetime.now()
        due = Domain("next_try_at", "=", False) | Domain("next_try_at", "<=", now)
        return bool(self.search_count(due, limit=1))

    @api.model
    def _claim(self, limit, alone=False):
        self.flush_model()
        if not self.env["whatsapp_omni.message"]._take_turn(alone):
            return self.browse()
        now = fields.Datetime.now()
        self.env.cr.execute(
            """
            SELECT id FROM whatsapp_omni_read_receipt
             WHERE next_try_at IS NULL OR next_try_at <= %s
             ORDER BY id LIMIT %s
               FOR UPDATE SKIP LOCKED
            """,
            (now, limit),
        )
        claimed = self.browse(row[0] for row in self.env.cr.fetchall())
        # Nobody else takes them meanwhile; should this worker die, somebody does.
        claimed.write({"next_try_at": now + timedelta(minutes=2), "requested_at": now})
        return claimed

    def _done(self):
        message = self.message_id
        self.env["whatsapp_omni.message"].search(
            Domain("channel_id", "=", message.channel_id.id)
            & Domain("state", "=", "received")
            & Domain("mail_message_id", "<=", message.mail_message_id.id)
        ).write({"state": "read", "read_at": fields.Datetime.now()})
        self.unlink()

    def _try_later(self):
        """Try again in a while, or let it be: these ticks are a courtesy."""
        if self.tries + 1 >= TRIES:
            self.unlink()
            return
        next_try_at = fields.Datetime.now() + timedelta(minutes=1)
        self.write(
            {
                "tries": self.tries + 1,
                "next_try_at": next_try_at,
                "requested_at": False,
            }
        )
