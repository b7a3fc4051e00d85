# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, models

from ..gupshup import errors


class WhatsAppApprovedTemplate(models.Model):
    """What follows when a template may be sent no longer, or may be again."""

    _inherit = "whatsapp_omni.approved.template"

    # === SWITCHING OFF BY ITSELF === #

    def _switch_off(self, message):
        """Take this template out of use, since WhatsApp refuses it as such.

        It comes back by hand, or when the provider tells that it was out of use and is
        approved again.

        :param message: the failed message that told
        """
        self.ensure_one()
        self._lock()
        if not self.is_enabled:
            return
        error = errors.lookup(message.error_code)
        meaning = self.env["whatsapp_omni.message"]._translate(error.meaning)
        self.write(
            {
                "is_enabled": False,
                "off_reason": self.env._(
                    "WhatsApp refused it: %(meaning)s (%(code)s).",
                    meaning=meaning,
                    code=message.error_code,
                ),
            }
        )
        self._tell_supervisors(
            self.env._(
                "The template was switched off after it failed for %(customer)s: "
                "%(reason)s Agents are not offered it any more. Look at its status, "
                "and switch it on again once it is approved.",
                customer=message.customer_id.name,
                reason=self.off_reason,
            )
        )
        self._ask_to_synchronise()

    def _lock(self):
        """Lock these rows and forget what was read of them."""
        self.flush_recordset()
        self.env.cr.execute(
            "SELECT id FROM whatsapp_omni_approved_template WHERE id = ANY(%s)"
            " ORDER BY id FOR NO KEY UPDATE",
            (self.ids,),
        )
        self.invalidate_recordset()

    # === TELLING === #

    def _tell_supervisors(self, text):
        """Give those who look after the line something to do."""
        for user in self._supervisors():
            self.activity_schedule(
                "mail.mail_activity_data_warning",
                summary=self.env._("Approved template"),
                note=text,
                user_id=user.id,
            )
        self.message_post(body=text)

    def _supervisors(self):
        """Return the supervisors of the line's queue, for want of them all."""
        # sudo: whatsapp_omni.line, res.users - whoever sent the message
        line = self.line_id.sudo()
        if line.queue_id.supervisor_ids:
            return line.queue_id.supervisor_ids
        group = self.env.ref("whatsapp_omni.group_supervisor")
        return group.sudo().all_user_ids.filtered(
            lambda user: line.company_id in user.company_ids and not user._is_superuser()
        )

    @api.model
    def _ask_to_synchronise(self):
        """Have the provider asked soon."""
        # sudo: ir.cron - reading templates is part of what led here
        self.env.ref("whatsapp_omni.ir_cron_sync_templates").sudo()._trigger()
