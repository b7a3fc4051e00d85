# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import dataclasses
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from ..gupshup import exceptions, limits, template_drafts
from ..gupshup.templates import TemplateButton
from ..tools import background
from .approved_template import MEDIA_HEADERS

#: Meta blocks the name of a deleted template for so long.
BLOCKED_DAYS = 30

#: A submission that takes longer than this belongs to a process that died.
LOST_AFTER_SECONDS = 600


class WhatsAppApprovedTemplate(models.Model):
    """Making templates here: write, check, submit to Meta's review, correct, delete.

    The provider offers no change of a submitted template, so a rejected one is
    corrected in a copy under another name.
    """

    _inherit = "whatsapp_omni.approved.template"

    problems = fields.Text(
        "To be corrected",
        compute="_compute_problems",
        help="Rules of WhatsApp that the draft breaks.",
    )

    @api.depends(
        "status",
        "name",
        "language",
        "category",
        "header_kind",
        "header",
        "header_attachment_id",
        "header_file",
        "body",
        "footer",
        "parameter_format",
        "button_ids.kind",
        "button_ids.text",
        "button_ids.url",
        "button_ids.phone",
        "parameter_ids.sample",
    )
    @api.depends_context("lang")
    def _compute_problems(self):
        for template in self:
            found = template._find_problems() if template.status == "DRAFT" else []
            template.problems = "\n".join(found)

    # === ACTIONS === #

    def action_submit(self):
        """Submit this draft to Meta's review.

        :return: client action that tells what came of it
        """
        self.ensure_one()
        self._check_administrator()
        if self.status != "DRAFT":
            raise UserError(self.env._("This template has been submitted already."))
        if problems := self._find_problems():
            raise UserError(
                self.env._(
                    "WhatsApp would reject this template:\n%s",
                    "\n".join(f"• {problem}" for problem in problems),
                )
            )
        with background.own_transactions(self.env) as (env, commit):
            title, text, kind = self.with_env(env)._submit(commit)
        return self.line_id._notify(title, text, kind)

    def action_correct(self):
        """Open a draft with the content of this template, under a name of its own."""
        self.ensure_one()
        self._check_administrator()
        draft = self.copy()
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": draft.id,
            "view_mode": "form",
            "views": [(False, "form")],
        }

    def action_delete_everywhere(self):
        """Ask whether to delete all languages of this template at WhatsApp."""
        self.ensure_one()
        self._check_administrator()
        wizard = self.env["whatsapp_omni.approved.template.delete"].create(
            {"template_id": self.id}
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Delete at WhatsApp"),
            "res_model": wizard._name,
            "res_id": wizard.id,
            "view_mode": "form",
            "target": "new",
        }

    def _check_administrator(self):
        if not self.env.user.has_group("whatsapp_omni.group_administrator"):
            raise AccessError(
                self.env._("Only administrators make and delete templates.")
            )
        self.check_access("write")

    # === CHECKING === #

    def _find_problems(self):
        """Return the rules of Meta that this breaks, as sentences."""
        self.ensure_one()
        problems = [
            self._explain_problem(problem)
            for problem in template_drafts.problems(self._draft())
        ]
        if twin := self._find_twin():
            problems.append(self._explain_twin(twin))
        if self.header_kind in MEDIA_HEADERS and self.header_attachment_id:
            problems += self._find_file_problems()
        return problems

    def _explain_problem(self, problem):
        Message, params = self.env["whatsapp_omni.message"], dict(problem.params)
        if "what" in params:
            params["what"] = Message._translate(params["what"])
        return Message._translate(template_drafts.RULES[problem.code], **params)

    def _find_twin(self):
        """Return a template that keeps this name and language from being taken."""
        blocked_since = fields.Datetime.now() - timedelta(days=BLOCKED_DAYS)
        return self.with_context(active_test=False).search(
            Domain("line_id", "=", self.line_id.id)
            & Domain("name", "=", self.name)
            & Domain("language", "=", self.language)
            & Domain("status", "!=", "DRAFT")
            & (Domain("active", "=", True) | Domain("synced_at", ">", blocked_since)),
            limit=1,
        )

    def _explain_twin(self, twin):
        if twin.active:
            return self.env._(
                "“%s” exists already: take another name or language.", twin.display_name
            )
        return self.env._(
            "“%(template)s” was deleted lately, and WhatsApp blocks its name for "
            "%(days)s days: take another one.",
            template=twin.display_name,
            days=BLOCKED_DAYS,
        )

    def _find_file_problems(self):
        file = self.header_attachment_id
        kind = "file" if self.header_kind == "document" else self.header_kind
        try:
            limits.check_media(
                kind, file.mimetype or "", file.file_size, file.name or ""
            )
        except limits.LimitError as error:
            yield self.env["whatsapp_omni.message"]._explain_limit(error)

    def _draft(self, media_id="", media_url=""):
        """Return this as the protocol package's value."""
        return template_drafts.Draft(
            name=self.name or "",
            language=self.language or "",
            category=self.category or "",
            header_kind=self.header_kind or "",
            header=self.header or "",
            body=self.body or "",
            footer=self.footer or "",
            parameter_format=self.parameter_format,
            buttons=tuple(
                TemplateButton(
                    type=button.kind,
                    text=button.text or "",
                    url=button.url or "",
                    phone=button.phone or "",
                )
                for button in self._ordered_buttons()
            ),
            samples={
                parameter._slot(): parameter.sample or ""
                for parameter in self.parameter_ids
            },
            has_media=bool(self.header_attachment_id or self.header_file),
            media_id=media_id,
            media_url=media_url,
        )

    # === SUBMITTING === #

    def _submit(self, commit):
        """Submit this draft; return title, text and kind of what to tell.

        Before the provider is asked the draft is marked, so that two clicks submit it
        once. If nobody knows whether it arrived, the next synchronisation finds out.
        """
        self._lock()
        if self.status != "DRAFT":
            raise UserError(self.env._("This template has been submitted already."))
        self.write(
            {
                "status": "SUBMITTED",
                "submitted_by_id": self.env.uid,
                "reason": False,
                "read_at": self.line_id._now(),
            }
        )
        client = self.line_id._get_client()
        file = self._header_bytes()
        draft = self._draft()
        line = self.line_id
        commit()
        read_at = line._now()
        commit()
        try:
            media = client.upload_sample(*file) if file else ("", "")
        except exceptions.GupshupError as error:
            return self._back_to_draft(error, commit)
        draft = dataclasses.replace(draft, media_id=media[0], media_url=media[1])
        try:
            found = client.create_template(template_drafts.fields(draft))
        except exceptions.Ambiguous as error:
            return self._await_the_truth(error, commit)
        except exceptions.GupshupError as error:
            return self._back_to_draft(error, commit)
        self.line_id._apply_templates([found], read_at)
        commit()
        self._push_changed()
        commit()
        return (
            self.env._("The template is submitted"),
            self.env._(
                "WhatsApp reviews it, mostly within minutes, at times up to a day. Its "
                "status changes here by itself."
            ),
            "success",
        )

    def _header_bytes(self):
        """Return content, type and name of the sample file, None without one."""
        file = self.header_attachment_id
        if self.header_kind not in MEDIA_HEADERS or not file:
            return None
        mime_type = limits.served_type(file.mimetype or "", file.name or "")
        return file.raw, mime_type, file.name

    def _back_to_draft(self, error, commit):
        """Make it a draft again: surely it did not arrive."""
        explanation = self.line_id._explain_template_error(error)
        self.write({"status": "DRAFT", "reason": explanation})
        commit()
        return self.env._("GupShup did not take the template"), explanation, "danger"

    def _await_the_truth(self, error, commit):
        explanation = self.env._(
            "%s. Nobody knows whether WhatsApp got the template: the next "
            "synchronisation tells.",
            error.reason.rstrip(". "),
        )
        self.reason = explanation
        self._ask_to_synchronise()
        commit()
        return self.env._("No answer"), explanation, "warning"

    def _return_lost_drafts(self, read_at):
        """Make drafts again of what was submitted without answer and never arrived."""
        for template in self:
            is_lost = template.status == "SUBMITTED" and not template.provider_ref
            if is_lost and template.read_at < read_at - LOST_AFTER_SECONDS:
                template.write(
                    {
                        "status": "DRAFT",
                        "reason": self.env._(
                            "It did not arrive at WhatsApp: submit it again."
                        ),
                    }
                )
                template._push_changed()

    # === DELETING === #

    def _all_languages(self):
        """Return all templates of this one's name on its line."""
        return self.search(
            Domain("line_id", "=", self.line_id.id)
            & Domain("name", "=", self.name)
            & Domain("provider_ref", "!=", False)
        )

    def _delete_everywhere(self, commit):
        """Delete all languages of this template at the provider.

        :raises GupshupError: when it refuses
        """
        line, name = self.line_id, self.name
        client, read_at = line._get_client(), line._now()
        commit()
        client.delete_template(name)
        line._lock_templates()
        gone = self._all_languages()
        gone.write({"status": "DELETED"})
        gone._retire(max([read_at, *gone.mapped("read_at")]))
        commit()


class WhatsAppLine(models.Model):
    _inherit = "whatsapp_omni.line"

    def _explain_template_error(self, error):
        """Return why the provider took or deleted no template, and what to do."""
        if isinstance(error, exceptions.Rejected):
            return self.env._(
                "GupShup's reason: %(reason)s. After a deletion WhatsApp blocks a name "
                "for 30 days: then take another one.",
                reason=error.reason.rstrip(". "),
            )
        return self._explain(error)
