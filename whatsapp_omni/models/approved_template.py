# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models

from .message_content import Content


class WhatsAppApprovedTemplate(models.Model):
    """One language of a template that Meta has approved, as the provider tells it."""

    _name = "whatsapp_omni.approved.template"
    _description = "WhatsApp Approved Template"
    _order = "name, language, id"

    line_id = fields.Many2one(
        "whatsapp_omni.line", required=True, index=True, ondelete="restrict"
    )
    company_id = fields.Many2one(related="line_id.company_id", store=True, index=True)
    active = fields.Boolean(default=True)
    provider_ref = fields.Char(
        "Provider's id", readonly=True, help="What the provider is asked to send."
    )
    name = fields.Char(required=True)
    language = fields.Char(required=True)
    category = fields.Selection(
        [
            ("MARKETING", "Marketing"),
            ("UTILITY", "Utility"),
            ("AUTHENTICATION", "Authentication"),
        ]
    )
    status = fields.Char(default="APPROVED")
    header = fields.Char()
    body = fields.Text()
    footer = fields.Char()

    def _parameters(self):
        """Return what has to be filled in, in the provider's order.

        :return: ``[{"place": "header"|"body"|"button", "name": str, "label": str}]``;
            ``name`` is ``1``, ``2`` … or a word, and unique within its place
        :rtype: list[dict]
        """
        self.ensure_one()
        return []

    def _template_content(self, params, attachment=None, postbacks=()):
        """Return the message that sends this template.

        :param params: values of :meth:`_parameters`, in their order
        :param attachment: the file of a media header
        :param postbacks: what the quick-reply buttons answer, in their order
        :raises UserError: when it may not be sent, or a value is missing or impossible
        :rtype: Content
        """
        self.ensure_one()
        payload = {
            "id": self.provider_ref,
            "params": list(params),
            "postbacks": list(postbacks),
            "header": self.header,
            "footer": self.footer,
        }
        return Content(
            "template", self.body, attachment.id if attachment else False, payload
        )
