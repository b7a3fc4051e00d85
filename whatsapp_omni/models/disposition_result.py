# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.tools import format_date


class WhatsAppDispositionResult(models.Model):
    """How a conversation ended, in one version: who said so, when, and what.

    A correction adds a version; nothing of an earlier one is lost.
    """

    _name = "whatsapp_omni.disposition.result"
    _description = "WhatsApp Disposition Result"
    _order = "id desc"
    _log_access = False

    conversation_id = fields.Many2one(
        "whatsapp_omni.conversation",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(related="conversation_id.company_id")
    date = fields.Datetime(required=True, readonly=True, default=fields.Datetime.now)
    user_id = fields.Many2one(
        "res.users", "By", required=True, readonly=True, ondelete="restrict"
    )
    disposition_id = fields.Many2one(
        "whatsapp_omni.disposition", readonly=True, index=True, ondelete="restrict"
    )
    note = fields.Text(readonly=True)
    value_ids = fields.One2many("whatsapp_omni.disposition.value", "result_id")
    values_text = fields.Char("Form", compute="_compute_values_text")
    superseded = fields.Boolean(readonly=True, help="It was corrected by another one.")

    _one_current = models.UniqueIndex(
        "(conversation_id) WHERE superseded IS NOT TRUE",
        "This conversation has a result already.",
    )

    @api.depends("value_ids")
    def _compute_values_text(self):
        for result in self:
            result.values_text = " · ".join(
                f"{value.name}: {value.display_name}" for value in result.value_ids
            )

    def _says(self, disposition, note, form):
        """Tell whether this version says this already: a second click."""
        own = {value.field_id.id: value.value for value in self.value_ids}
        return (
            self.disposition_id == disposition
            and (self.note or "") == note
            and own == {entry["field_id"]: entry["value"] for entry in form}
        )

    def _describe(self):
        """Return these versions as the agents' desk shows them.

        :rtype: list[dict]
        """
        return [
            {
                "id": result.id,
                "date": fields.Datetime.to_string(result.date),
                "who": result.user_id.name,
                "disposition_id": result.disposition_id.id,
                "disposition": result.disposition_id.display_name,
                "note": result.note,
                "values": [
                    {
                        "field_id": value.field_id.id,
                        "name": value.name,
                        "value": value.value,
                        "text": value.display_name,
                    }
                    for value in result.value_ids
                ],
            }
            for result in self
        ]


class WhatsAppDispositionValue(models.Model):
    """What was filled in for one field with one version of a result."""

    _name = "whatsapp_omni.disposition.value"
    _description = "WhatsApp Disposition Value"
    _order = "id"
    _rec_names_search = ["value"]
    _log_access = False

    result_id = fields.Many2one(
        "whatsapp_omni.disposition.result",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    conversation_id = fields.Many2one(
        related="result_id.conversation_id", store=True, index=True
    )
    company_id = fields.Many2one(related="result_id.company_id")
    superseded = fields.Boolean(related="result_id.superseded")
    field_id = fields.Many2one(
        "whatsapp_omni.disposition.field",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    name = fields.Char("Label", related="field_id.name")
    value = fields.Char(required=True, readonly=True, index="trigram")
    number = fields.Float(readonly=True, digits=False)
    date = fields.Date(readonly=True)
    # What reports group by.
    disposition_id = fields.Many2one(related="result_id.disposition_id")
    queue_id = fields.Many2one(related="conversation_id.queue_id")
    user_id = fields.Many2one(related="conversation_id.user_id")
    closed_at = fields.Datetime(related="conversation_id.closed_at")

    @api.depends("value", "date")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for value in self:
            value.display_name = (
                format_date(self.env, value.date) if value.date else value.value
            )
