# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models
from odoo.exceptions import UserError

from ..gupshup import exceptions
from ..tools import background


class WhatsAppApprovedTemplateDelete(models.TransientModel):
    """Whether to delete a template at the provider, which takes all its languages."""

    _name = "whatsapp_omni.approved.template.delete"
    _description = "Delete a WhatsApp Template"

    template_id = fields.Many2one(
        "whatsapp_omni.approved.template", required=True, ondelete="cascade"
    )
    name = fields.Char(related="template_id.name")
    line_id = fields.Many2one(related="template_id.line_id")
    languages = fields.Char(compute="_compute_languages")

    def _compute_languages(self):
        for wizard in self:
            found = wizard.template_id._all_languages()
            wizard.languages = ", ".join(found.mapped("language"))

    def action_delete(self):
        """Delete the template in all its languages."""
        self.ensure_one()
        template = self.template_id
        template._check_administrator()
        try:
            with background.own_transactions(self.env) as (env, commit):
                template.with_env(env)._delete_everywhere(commit)
        except exceptions.GupshupError as error:
            raise UserError(template.line_id._explain_template_error(error)) from error
        return template.line_id._notify(
            self.env._("The template is deleted"),
            self.env._(
                "“%s” is kept in the archive. WhatsApp blocks its name for 30 days.",
                template.name,
            ),
            "success",
        )
