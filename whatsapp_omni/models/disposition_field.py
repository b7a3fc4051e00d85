# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import math

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

#: Most characters of a text that is filled in.
TEXT_LENGTH = 1000


class WhatsAppDispositionField(models.Model):
    """Something to fill in with a disposition: an order number, a date, a reason.

    Rows of our own and not `fields.Properties`: these know nothing of required fields,
    have no editor beside the records that they describe, and lose what was filled in
    when a definition changes, while each version of a result must stay readable.
    """

    _name = "whatsapp_omni.disposition.field"
    _description = "WhatsApp Disposition Field"
    _order = "sequence, id"

    disposition_id = fields.Many2one(
        "whatsapp_omni.disposition", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="disposition_id.company_id")
    name = fields.Char("Label", required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    kind = fields.Selection(
        [
            ("text", "Text"),
            ("number", "Number"),
            ("date", "Date"),
            ("choice", "Choice"),
        ],
        required=True,
        default="text",
    )
    is_required = fields.Boolean("Required")
    choices = fields.Text(help="What can be chosen, one per line.")

    @api.constrains("kind", "choices")
    def _check_choices(self):
        for field in self:
            if field.kind == "choice" and not field._choice_list():
                raise ValidationError(
                    self.env._(
                        "“%(field)s” has nothing to choose: write its choices, one "
                        "per line.",
                        field=field.name,
                    )
                )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        """Keep what was filled in."""
        # sudo: whatsapp_omni.disposition.value - whether there is one, not which
        Value = self.env["whatsapp_omni.disposition.value"].sudo()
        used = Value.search([("field_id", "in", self.ids)], limit=1)
        if used:
            raise UserError(
                self.env._(
                    "“%(field)s” has been filled in and cannot be deleted. Archive "
                    "it: agents will no longer be asked for it, and what they wrote "
                    "stays.",
                    field=used.field_id.name,
                )
            )

    def _choice_list(self):
        """Return what can be chosen.

        :rtype: list[str]
        """
        lines = (line.strip() for line in (self.choices or "").splitlines())
        return list(dict.fromkeys(filter(None, lines)))

    def _describe(self):
        return [
            {
                "id": field.id,
                "name": field.name,
                "kind": field.kind,
                "required": field.is_required,
                "choices": field._choice_list() if field.kind == "choice" else [],
            }
            for field in self
        ]

    def _read_form(self, answers):
        """Return what was filled in as values of ``whatsapp_omni.disposition.value``.

        :param dict answers: by id of the field, as a number or its digits (JSON knows
            no other keys); what is not asked for is left out
        :rtype: list[dict]
        :raises UserError: when something is missing or is not what it should be
        """
        given = {str(key): answer for key, answer in (answers or {}).items()}
        missing = self.filtered(
            lambda f: f.is_required and _is_blank(given.get(str(f.id)))
        )
        if missing:
            raise UserError(
                self.env._(
                    "Fill in first: %(fields)s.",
                    fields=", ".join(missing.mapped("name")),
                )
            )
        return [
            {"field_id": field.id, **field._read_answer(given[str(field.id)])}
            for field in self
            if not _is_blank(given.get(str(field.id)))
        ]

    def _read_answer(self, answer):
        try:
            return getattr(self, f"_read_{self.kind}")(answer)
        except (TypeError, ValueError) as error:
            raise UserError(
                self.env._(
                    "“%(answer)s” does not fit into “%(field)s”.",
                    answer=str(answer)[:100],
                    field=self.name,
                )
            ) from error

    def _read_text(self, answer):
        text = str(answer).strip()
        if len(text) > TEXT_LENGTH:
            raise UserError(
                self.env._(
                    "“%(field)s” takes %(limit)s characters, there are %(length)s.",
                    field=self.name,
                    limit=TEXT_LENGTH,
                    length=len(text),
                )
            )
        return {"value": text}

    def _read_number(self, answer):
        number = float(answer)
        if isinstance(answer, bool) or not math.isfinite(number):
            raise ValueError
        return {"value": f"{number:.10g}", "number": number}

    def _read_date(self, answer):
        date = fields.Date.to_date(answer)
        return {"value": fields.Date.to_string(date), "date": date}

    def _read_choice(self, answer):
        if answer not in self._choice_list():
            raise ValueError
        return {"value": answer}


def _is_blank(answer):
    return answer is None or answer is False or not str(answer).strip()
