# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain

from ..gupshup import exceptions

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
    def _send_round(self, limit, commit):
        """Give some of the ticks that are due; return how many were tried."""
        claimed = self._claim(limit)
        jobs = [
            (receipt, message.line_id._get_client(), message.wa_id)
            for receipt in claimed
            for message in receipt.message_id
        ]
        commit()
        for receipt, client, wa_id in jobs:
            try:
                client.mark_read(wa_id)
            except exceptions.GupshupError:
                receipt._try_later()
            else:
                receipt._done()
            commit()
        return len(jobs)

    @api.model
    def _claim(self, limit):
        self.flush_model()
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
        claimed.next_try_at = now + timedelta(minutes=2)
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
        self.write({"tries": self.tries + 1, "next_try_at": next_try_at})
