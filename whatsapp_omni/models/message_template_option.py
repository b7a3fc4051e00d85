# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models


class WhatsAppMessageTemplateOption(models.Model):
    """A button or a row of a list, which the customer can tap."""

    _name = "whatsapp_omni.message.template.option"
    _description = "WhatsApp Message Template Option"
    _order = "sequence, id"
    _rec_name = "title"

    template_id = fields.Many2one(
        "whatsapp_omni.message.template", required=True, index=True, ondelete="cascade"
    )
    sequence = fields.Integer(default=10)
    title = fields.Char(required=True, translate=True)
    value = fields.Char(
        help="What comes back when it is tapped, the same in every language. Empty: "
        "the title."
    )
    description = fields.Char(translate=True)

    def write(self, vals):
        """Refuse to move an option to a message that the user may not change.

        Rules look at a record as it was.
        """
        if vals.get("template_id"):
            self.template_id.browse(vals["template_id"]).check_access("write")
        return super().write(vals)

    def update_field_translations(self, field_name, translations, source_lang=""):
        """Check what was translated, too."""
        result = super().update_field_translations(
            field_name, translations, source_lang=source_lang
        )
        self.template_id._check_limits()
        return result

    def _build_option(self, fill, allowed):
        """Return this option as contents take it; see ``_build_content``."""
        option = {
            "title": fill(self.title, allowed["title"]),
            "value": self.value or "",
        }
        if self.template_id.kind == "list":
            option["description"] = fill(self.description, allowed["description"])
        return option
