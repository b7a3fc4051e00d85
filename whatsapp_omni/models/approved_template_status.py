# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.tools import plaintext2html


class WhatsAppApprovedTemplate(models.Model):
    """What follows when a template may be sent no longer, or may be again."""

    _inherit = "whatsapp_omni.approved.template"

    off_code = fields.Integer(
        "Refused with", readonly=True, copy=False, help="WhatsApp's error code."
    )

    @api.depends("off_code")
    @api.depends_context("lang")
    def _compute_off_reason(self):
        for template in self:
            template.off_reason = template._explain_off()

    def _explain_off(self):
        match self.off_code:
            case 0:
                return False
            case 132001:
                return self.env._(
                    "WhatsApp refused it: it does not exist in this language, or is "
                    "not approved (132001)."
                )
            case 132016:
                return self.env._("WhatsApp refused it: it is disabled (132016).")
        return self.env._("WhatsApp refused it: it is paused (%s).", self.off_code)

    # === WHAT THE PROVIDER TOLD === #

    def _after_change(self, before):
        """Tell people what a change of status means for them.

        :param str before: the former status
        """
        self.ensure_one()
        was_approved = before == "APPROVED"
        is_approved = self.status == "APPROVED" and self.active
        if is_approved and not was_approved:
            if self.off_code:  # it was out of use, and WhatsApp has let it in again
                self.is_enabled = True
            self.activity_unlink(["mail.mail_activity_data_warning"])
        elif was_approved and not is_approved and self.is_enabled:
            self._tell_supervisors(
                lambda template: template.env._(
                    "It cannot be sent any more. %s", template._explain_unsendable()
                )
            )
        elif self.status == "REJECTED" and before != "REJECTED":
            self._tell_submitter()
        self._push_changed()

    def _tell_submitter(self):
        """Give whoever submitted a rejected template the reason."""
        user = self.submitted_by_id
        if not user:
            return
        template = self.with_context(lang=user.lang)
        template.activity_schedule(
            "mail.mail_activity_data_warning",
            summary=template.env._("WhatsApp has rejected “%s”", self.display_name),
            note=plaintext2html(
                template.env._(
                    "Reason: %s. Duplicate the template, correct the copy and submit "
                    "that.",
                    template._tell_reason(),
                )
            ),
            user_id=user.id,
        )

    def _tell_reason(self):
        """Return why it was rejected: Meta's word, and what it means."""
        told = [self.reason, self._explain_rejection().rstrip(".")]
        return ". ".join(filter(None, told)) or self.env._("none given")

    # === WHAT A MESSAGE MET WITH === #

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
        self.write({"is_enabled": False, "off_code": message.error_code})
        customer = message.customer_id.name
        self._tell_supervisors(
            lambda template: template.env._(
                "It failed for %(customer)s and was switched off. %(reason)s Agents "
                "are not offered it any more: look at its status, and switch it on "
                "again once WhatsApp lets it be sent.",
                customer=customer,
                reason=template.off_reason,
            )
        )
        self._push_changed()
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

    def _tell_supervisors(self, explain):
        """Note it in the template's history, and give its supervisors something to do.

        :param explain: returns the text for the template in a reader's language
        """
        self.message_post(body=explain(self))
        for user in self._supervisors():
            # Without an e-mail each: Meta may pause many at once.
            template = self.with_context(
                lang=user.lang, mail_activity_quick_update=True
            )
            template.activity_schedule(
                "mail.mail_activity_data_warning",
                summary=template.env._("A template cannot be sent any more"),
                note=plaintext2html(explain(template)),
                user_id=user.id,
            )

    def _supervisors(self):
        """Return the supervisors of the line's queue, for want of them all."""
        # sudo: whatsapp_omni.line, res.groups - whoever sent the message
        line = self.line_id.sudo()
        if line.queue_id.supervisor_ids:
            return line.queue_id.supervisor_ids
        group = self.env.ref("whatsapp_omni.group_supervisor").sudo()
        return group.all_user_ids.filtered(
            lambda user: line.company_id in user.company_ids and user.active
        )

    def _push_changed(self):
        """Have open lists and forms read these templates again."""
        self.env.ref("whatsapp_omni.group_supervisor")._bus_send(
            "whatsapp_omni.approved_template/changed", {"ids": self.ids}
        )

    @api.model
    def _ask_to_synchronise(self):
        """Have the provider asked soon."""
        # sudo: ir.cron - reading templates is part of what led here
        self.env.ref("whatsapp_omni.ir_cron_sync_templates").sudo()._trigger()
