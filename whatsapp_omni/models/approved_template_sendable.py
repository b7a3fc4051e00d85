# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

SENDABLE_TYPES = ("TEXT", "IMAGE", "VIDEO", "DOCUMENT", "LOCATION")
#: The others need values of which the provider does not tell where they go.
SENDABLE_BUTTONS = ("QUICK_REPLY", "URL", "PHONE_NUMBER", "OTP")


class WhatsAppApprovedTemplate(models.Model):
    """Which templates may be sent now, by whom, and why not."""

    _inherit = "whatsapp_omni.approved.template"

    is_supported = fields.Boolean(
        compute="_compute_is_supported",
        store=True,
        help="Whether this app can send this kind of template.",
    )
    is_sendable = fields.Boolean(compute="_compute_is_sendable")
    unsendable_reason = fields.Char(compute="_compute_is_sendable")

    # === COMPUTE METHODS === #

    @api.depends("is_complete", "template_type", "button_ids.kind")
    def _compute_is_supported(self):
        for template in self:
            template.is_supported = not template._explain_unsupported()

    @api.depends(
        "active", "is_enabled", "is_supported", "off_code", "provider_ref", "status"
    )
    @api.depends_context("lang")
    def _compute_is_sendable(self):
        for template in self:
            reason = template._explain_unsendable()
            template.unsendable_reason = reason
            template.is_sendable = not reason

    # === WHAT MAY BE SENT === #

    def _check_sendable(self):
        """Refuse to send what must not be sent now.

        :raises UserError: with the reason
        """
        for template in self:
            if refusal := template._refusal():
                raise UserError(refusal)

    def _refusal(self):
        """Return the sentence that refuses to send this, False when it may be sent."""
        reason = self._explain_unsendable()
        return reason and self.env._(
            "The template “%(template)s” cannot be sent. %(reason)s",
            template=self.display_name,
            reason=reason,
        )

    @api.model
    def _visible_to(self, queue, line=None):
        """Return the domain of what the agents of a queue may send now.

        :param queue: the queue of the conversation; without one nothing is hidden
        :param line: the line that will send; without one, any
        :rtype: Domain
        """
        domain = (
            Domain("status", "=", "APPROVED")
            & Domain("active", "=", True)
            & Domain("is_enabled", "=", True)
            & Domain("is_supported", "=", True)
            & Domain("provider_ref", "!=", False)
        )
        if line:
            domain &= Domain("line_id", "=", line.id)
        if queue:
            domain &= Domain("hidden_queue_ids", "not in", queue.ids)
        return domain

    def _explain_unsendable(self):
        """Return why this must not be sent, False when it may."""
        self.ensure_one()
        if not self.active:
            return self.env._("It does not exist at the provider any more.")
        if self.status != "APPROVED":
            return self._explain_status()
        if not self.provider_ref:
            return self.env._("The provider has given it no id yet.")
        if not self.is_enabled:
            return self.off_reason or self.env._("A supervisor has switched it off.")
        return self._explain_unsupported()

    def _explain_rejection(self):
        """Return what Meta's code of the rejection means, "" for one that has none."""
        _ = self.env._
        return {
            "ABUSIVE_CONTENT": _("It breaks WhatsApp's rules on what may be said."),
            "INVALID_FORMAT": _(
                "Its form is not right: look for placeholders that are next to each"
                " other, at the beginning or the end, or numbered with gaps."
            ),
            "PROMOTIONAL": _("It advertises: choose the category Marketing."),
            "INCORRECT_CATEGORY": _("Its text does not fit its category."),
            "TAG_CONTENT_MISMATCH": _(
                "Its text does not fit its category or its language."
            ),
            "SCAM": _("WhatsApp takes it for fraud: say who writes, and why."),
        }.get((self.reason or "").strip().upper().replace(" ", "_"), "")

    def _explain_status(self):
        match self.status:
            case "DRAFT":
                return self.env._("It is a draft: submit it for approval first.")
            case "SUBMITTED" | "PENDING" | "IN_REVIEW":
                return self.env._("WhatsApp has not approved it yet.")
            case "REJECTED":
                return " ".join(
                    filter(
                        None,
                        [
                            self.env._("WhatsApp has rejected it."),
                            self._explain_rejection(),
                        ],
                    )
                )
            case "PAUSED":
                return self.env._(
                    "WhatsApp has paused it, because customers blocked or reported it."
                )
            case "DISABLED":
                return self.env._(
                    "WhatsApp has disabled it, because too many customers blocked or "
                    "reported it."
                )
        labels = dict(self._fields["status"]._description_selection(self.env))
        return self.env._(
            "WhatsApp does not let it be sent: its status is “%s”.",
            labels.get(self.status, self.status),
        )

    def _explain_unsupported(self):
        """Return why this app cannot send such a template, False when it can."""
        self.ensure_one()
        if not self.is_complete:
            return self.env._("The provider does not tell which values it needs.")
        if self.template_type and self.template_type not in SENDABLE_TYPES:
            return self.env._(
                "Templates of the type %s cannot be sent from here.",
                self.template_type.lower(),
            )
        for button in self.button_ids:
            if button.kind not in SENDABLE_BUTTONS:
                return self.env._(
                    "Templates with a button of the kind “%s” cannot be sent from "
                    "here.",
                    button._kind_label(),
                )
        return False
