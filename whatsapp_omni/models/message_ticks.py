# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import time
import zlib

from odoo import api, models
from odoo.fields import Domain

from odoo.addons.mail.tools.discuss import Store

from ..gupshup import errors
from ..tools import background

#: Seconds over which ticks are collected into one message per channel.
COLLECT_SECONDS = 0.3

#: Longest run of the job, in seconds: others have to use its worker as well.
PUSH_SECONDS = 10

#: A process wakes the ticks at most this often, in seconds. A call that is spared is
#: covered by the one before: this is shorter than the collecting time of the job that
#: was woken, and a job that was found at work looks again so long after it.
WAKE_SECONDS = 0.25

_TICKS_LOCK = zlib.crc32(b"whatsapp_omni.ticks") & 0x7FFFFFFF

#: Of several WhatsApp messages that carry one bubble, the one in the first of these
#: states tells how the bubble stands: what went wrong first, then what is slowest.
_BUBBLE_STATES = (
    "failed",
    "unknown",
    "queued",
    "sending",
    "submitted",
    "sent",
    "delivered",
    "read",
)

_last_wake = {}


class WhatsAppMessage(models.Model):
    """The ticks on the bubbles, kept up to date on every screen."""

    _inherit = "whatsapp_omni.message"

    def _get_status(self):
        """Return how the bubble of these messages stands, False when it did not leave.

        :return: ``{"state", "code", "reason", "action", "can_retry"}``
        :rtype: dict | bool
        """
        # Plain loops: slices and filters would lose the prefetch of other bubbles.
        by_state = {
            message.state: message
            for message in self
            if message.direction == "outbound"
            and not message.superseded
            and message.kind != "reaction"
        }
        state = next((state for state in _BUBBLE_STATES if state in by_state), False)
        if not state:
            return False
        message = by_state[state]
        return {
            "state": state,
            "code": message.error_code or False,
            "reason": message.error_reason or False,
            "action": message.error_action or False,
            "can_retry": message.can_retry,
        }

    @api.model
    def _push_statuses(self, messages):
        """Show the ticks of these messages on all screens, channel by channel."""
        for channel, of_channel in messages.grouped("channel_id").items():
            store = Store(bus_channel=channel)
            # Plain values: the ORM would read the whole bubble to show its ticks.
            for mail in of_channel.mail_message_id:
                status = mail.whatsapp_omni_message_ids._get_status()
                values = {"id": mail.id, "whatsapp_omni_status": status}
                store.add_model_values("mail.message", values)
            store.bus_send()

    @api.model
    def _wake_statuses(self, registry):
        """Have the ticks shown soon, after a receipt was written down.

        Nothing is to be done while the job is at work, which holds a lock and looks
        once more after it has let it go: to trigger it takes ten times as long.
        """
        now = time.monotonic()
        if now - _last_wake.get(registry.db_name, 0) < WAKE_SECONDS:
            return
        _last_wake[registry.db_name] = now
        with background.background_env(registry) as env:
            env.cr.execute("SELECT pg_try_advisory_xact_lock(%s)", (_TICKS_LOCK,))
            if env.cr.fetchone()[0]:
                env["whatsapp_omni.message"]._trigger_ticks()
                env.cr.commit()

    @api.model
    def _trigger_ticks(self):
        self.env.ref("whatsapp_omni.ir_cron_push_statuses")._trigger()

    @api.model
    def _cron_push_statuses(self):
        """Show changed ticks, collected over a moment, until nothing has changed."""
        with background.background_env(self.env.registry) as env:
            Message, Event = env["whatsapp_omni.message"], env["whatsapp_omni.event"]
            box = background.TimeBox(PUSH_SECONDS)
            while box.open:
                env.cr.execute("SELECT pg_advisory_xact_lock(%s)", (_TICKS_LOCK,))
                # Not waiting for anything: this is the time over which to collect.
                time.sleep(COLLECT_SECONDS)
                Event._settle_known_receipts()
                shown = Message._push_dirty_statuses()
                env.cr.commit()
                if shown:
                    continue
                # A call may have found the lock, and spared those that follow it.
                time.sleep(WAKE_SECONDS)
                if not (Message._is_any_dirty() or Event._find_known_receipts()):
                    return
            Message._trigger_ticks()
            env.cr.commit()

    @api.model
    def _is_any_dirty(self):
        self.env.cr.execute("SELECT FROM whatsapp_omni_message WHERE dirty LIMIT 1")
        return bool(self.env.cr.rowcount)

    @api.model
    def _push_dirty_statuses(self):
        """Show the ticks of what receipts or results changed; return how many."""
        self.flush_model(["dirty"])
        self.env.cr.execute(
            """
            UPDATE whatsapp_omni_message SET dirty = FALSE
             WHERE id IN (SELECT id FROM whatsapp_omni_message WHERE dirty
                           ORDER BY id LIMIT 500 FOR NO KEY UPDATE SKIP LOCKED)
            RETURNING id
            """
        )
        messages = self.browse(row[0] for row in self.env.cr.fetchall())
        messages.invalidate_recordset()
        messages._tell_reasons()
        messages._tell_conversations()
        messages._take_back_failed_reactions()
        self._push_statuses(messages)
        return len(messages)

    def _tell_reasons(self):
        """Let people read what receipts gave as the reason, or do so no longer."""
        concerned = self.filtered(lambda m: m.provider_reason or m.error_reason)
        self.env.add_to_compute(self._fields["error_reason"], concerned)

    def _take_back_failed_reactions(self):
        """Take reactions that did not pass off the bubbles, and tell who put them."""
        for message in self:
            if message.kind != "reaction" or message.state != "failed":
                continue
            # Whoever put it is whoever queued it: an agent's request made the row.
            agent, mail = message.create_uid, message.quoted_id.mail_message_id
            shown = mail.reaction_ids.filtered(
                lambda r, message=message, agent=agent: (
                    r.partner_id == agent.partner_id and r.content == message.text
                )
            )
            if shown:
                mail._whatsapp_omni_react(
                    message.text, "remove", agent.partner_id, self.env["mail.guest"]
                )
            _ = self.with_context(lang=agent.lang).env._
            agent._bus_send(
                "simple_notification",
                {
                    "type": "danger",
                    "message": _(
                        "Your reaction %(emoji)s to %(customer)s did not arrive:"
                        " %(reason)s",
                        emoji=message.text or "",
                        customer=message.customer_id.name,
                        reason=message.error_reason or message.error_code,
                    ),
                },
            )

    def _tell_conversations(self):
        """Note in the conversations what failed, or did so until now."""
        failed = self.filtered(lambda m: m.state == "failed")
        had_failed = self.conversation_id.search(
            Domain("id", "in", self.conversation_id.ids)
            & Domain("failed_count", ">", 0)
        )
        conversations = failed.conversation_id | had_failed
        if not conversations:
            return
        # All at once, in their order: customers may be writing.
        conversations._lock()
        for message in failed.filtered("error_code"):
            error = errors.lookup(message.error_code)
            if error.closes_window:
                message.conversation_id._close_window(message)
            if error.opt_out:
                message._note_opt_out()
        conversations._count_failed()
