# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..tools.arguments import is_id, is_text, takes

#: Days in which agents may correct a result where no queue says otherwise.
CORRECTION_DAYS = 7


class WhatsAppConversation(models.Model):
    """How a conversation ended: what may be chosen, what is kept, what is corrected."""

    _inherit = "whatsapp_omni.conversation"

    disposition_option_id = fields.Many2one(
        related="disposition_id.option_id", string="Main Option"
    )
    disposition_kind = fields.Selection(
        related="disposition_id.kind", string="Kind of Disposition"
    )
    result_ids = fields.One2many(
        "whatsapp_omni.disposition.result", "conversation_id", string="Results"
    )
    disposition_value_ids = fields.One2many(
        "whatsapp_omni.disposition.value",
        "conversation_id",
        string="Filled in",
        domain=[("superseded", "=", False)],
    )
    may_correct = fields.Boolean(compute="_compute_may_correct")

    def _compute_may_correct(self):
        for conversation in self:
            conversation.may_correct = conversation._may_correct()

    # === WHAT CAN BE CHOSEN === #

    def _get_dispositions(self):
        """Return what this conversation can be closed with, in the queue's order."""
        # sudo: whatsapp_omni.queue - an agent of another queue may own it
        options = self.sudo().queue_id._offered_options()
        return (options or self._all_options())._choices()

    def _all_options(self):
        return self.env["whatsapp_omni.disposition"].search(
            Domain("company_id", "in", [False, self.company_id.id])
            & Domain("parent_id", "=", False)
        )

    def get_closing(self):
        """Return what the dialog that closes or corrects this conversation needs.

        :return: ``{"dispositions", "must_identify", "may_correct", "result"}``
        :rtype: dict
        """
        self.ensure_one()
        self.check_access("read")
        # sudo: whatsapp_omni.conversation - who reads it may know how it ended
        conversation = self.sudo()
        # An archived one stays what it was: it can be kept, with another note.
        choices = conversation._get_dispositions() | conversation.disposition_id
        current = conversation._current_result()
        return {
            "dispositions": choices._describe(),
            "must_identify": conversation._must_identify(),
            "may_correct": self._may_correct(),
            "result": current._describe()[0] if current else False,
        }

    def _must_identify(self):
        return self.queue_id.requires_identification and not self.partner_id

    def _check_identified(self, disposition):
        """Refuse to close a stranger where the queue wants to know who it was."""
        # sudo: whatsapp_omni.conversation - read whatever queue it is in
        if self.sudo()._must_identify() and disposition.kind in (False, "normal"):
            raise UserError(
                self.env._(
                    "This queue wants to know who it was: link the customer to a "
                    "contact first, or close it as spam or wrong number."
                )
            )

    def _read_result(self, disposition, note, values):
        """Return what the user says at the end, checked and as it may be kept.

        Here it is masked, once: a version, the conversation, the timeline and lists
        are all made of what this returns.

        :return: the note, and what was filled in: see :meth:`_read_form` of the fields
        :rtype: tuple[str, list[dict]]
        :raises UserError: what is missing
        """
        # sudo: whatsapp_omni.disposition - what it asks for
        disposition = disposition.sudo()
        note = (note or "").strip()
        if disposition._needs_note() and not note:
            raise UserError(
                self.env._(
                    "“%(disposition)s” needs a note. Write what happened.",
                    disposition=disposition.display_name,
                )
            )
        asked = disposition._form()
        form = asked._read_form(values)
        # Numbers, dates and choices are no words of the user's.
        texts = asked.filtered(lambda field: field.kind == "text").ids
        for entry in form:
            if entry["field_id"] in texts:
                entry["value"] = self._mask(entry["value"])
        return self._mask(note), form

    # === KEEPING IT === #

    def _current_result(self):
        return self.result_ids.filtered(lambda result: not result.superseded)

    def _keep_result(self, disposition, note, form):
        """Add a version of the result, in the user's name."""
        # sudo: whatsapp_omni.disposition.result - results are written by code only
        conversation = self.sudo()
        former = conversation._current_result()
        former.superseded = True
        former.flush_recordset(["superseded"])  # the database allows one current
        self.env["whatsapp_omni.disposition.result"].sudo().create(
            {
                "conversation_id": self.id,
                "user_id": self.env.uid,
                "disposition_id": disposition.id,
                "note": note or False,
                "value_ids": [fields.Command.create(entry) for entry in form],
            }
        )

    # === CORRECTING IT === #

    def _may_correct(self):
        """Tell whether the user may change how this conversation ended."""
        if self.state != "closed":
            return False
        if self.env.user.has_group("whatsapp_omni.group_supervisor"):
            return True
        # sudo: whatsapp_omni.queue - an agent of another queue may have had it
        queue = self.sudo().queue_id
        days = queue.correction_days if queue else CORRECTION_DAYS
        is_recent = self.closed_at > fields.Datetime.now() - timedelta(days=days)
        return self.user_id == self.env.user and (
            is_recent or self._is_being_wrapped_up()
        )

    @takes(disposition_id=is_id, note=is_text, values={})
    def action_correct(self, disposition_id=False, note="", values=None):
        """Correct the result of this closed conversation. Earlier ones are kept.

        For its agent, as long as the queue says, and for supervisors.

        :param dict values: see :meth:`action_close`
        :raises UserError: why it is not corrected
        """
        self.ensure_one()
        self.check_access("read")
        self._take_turn()
        if self.state != "closed":
            raise UserError(self.env._("This conversation is not closed yet."))
        if not self._may_correct():
            raise UserError(
                self.env._(
                    "How this conversation ended can be corrected by its agent for "
                    "some days, as its queue allows, and by supervisors."
                )
            )
        disposition = self.env["whatsapp_omni.disposition"].browse(disposition_id or [])
        if disposition not in self._get_dispositions() | self.disposition_id:
            raise UserError(self.env._("This queue does not offer that disposition."))
        note, form = self._read_result(disposition, note, values)
        self._correct(disposition, note, form)

    def _correct(self, disposition, note, form):
        # sudo: whatsapp_omni.conversation - agents change conversations by methods only
        conversation = self.sudo()
        if conversation._current_result()._says(disposition, note, form):
            return  # a double click
        former = conversation._result_label()
        conversation._keep_result(disposition, note, form)
        conversation.write(
            {"disposition_id": disposition.id, "disposition_note": note or False}
        )
        names = filter(None, (former, disposition.sudo().display_name))
        conversation._log_change(
            "corrected", "closed", "closed", " → ".join(dict.fromkeys(names))
        )

    def action_open_correction(self):
        """Open the dialog that corrects how this conversation ended."""
        self.ensure_one()
        return {
            "type": "ir.actions.client",
            "tag": "whatsapp_omni.correct_result",
            "params": {"conversation_id": self.id},
        }
