# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.tools import format_date

from ..gupshup import template_text

#: Where values come from: nothing else of a record can get into a message.
SOURCES = [
    ("text", "Typed by the agent"),
    ("contact_name", "Contact: name"),
    ("contact_first_name", "Contact: first name"),
    ("contact_company", "Contact: company"),
    ("contact_city", "Contact: city"),
    ("contact_reference", "Contact: reference"),
    ("customer_name", "Customer: name on WhatsApp"),
    ("customer_number", "Customer: number"),
    ("agent_name", "Agent: name"),
    ("agent_first_name", "Agent: first name"),
    ("queue_name", "Queue: name"),
    ("line_name", "Line: name"),
    ("line_number", "Line: number"),
    ("company_name", "Company: name"),
    ("today", "Today's date"),
]


class WhatsAppApprovedTemplateParameter(models.Model):
    """A value that an approved template needs, and where it comes from."""

    _name = "whatsapp_omni.approved.template.parameter"
    _inherit = "whatsapp_omni.approved.template.part"
    _description = "WhatsApp Approved Template Parameter"
    _order = "sequence, id"
    _own_fields = frozenset({"label", "source", "default_value", "sample"})

    sequence = fields.Integer(help="The provider's order.")
    place = fields.Selection(
        [("header", "Header"), ("body", "Body"), ("button", "Button")], required=True
    )
    name = fields.Char("Variable", required=True)
    label = fields.Char(help="What agents read where they fill it in.")
    source = fields.Selection(SOURCES, "Filled with", required=True, default="text")
    default_value = fields.Char(
        "Otherwise", help="Proposed where the source has nothing."
    )
    sample = fields.Char("Example", help="WhatsApp's reviewers see the text with it.")

    _slot_unique = models.UniqueIndex(
        "(template_id, place, name)", "This variable has its line already."
    )

    # === BUSINESS METHODS === #

    def _slot(self):
        return self.place, self.name

    @api.depends("place", "name", "label")
    def _compute_display_name(self):
        for parameter in self:
            parameter.display_name = parameter.label or parameter._generic_label()

    def _generic_label(self):
        """Return a name for people: “Body {{1}}”."""
        if self.place == "button":
            return self.env._("End of the address of button %s", self.name)
        places = dict(self._fields["place"]._description_selection(self.env))
        return f"{places.get(self.place, '')} {{{{{self.name}}}}}"

    def _propose(self, context):
        """Return a value that may be sent as it is, or an empty text.

        :param dict context: see ``whatsapp_omni.approved.template._fill``
        """
        value = ""
        if self.source != "text":
            value = getattr(self, f"_value_{self.source}")(context)
        # On one line: WhatsApp takes no other value.
        return " ".join((value or self.default_value or "").split())

    # === SOURCES === #

    def _partner(self, context):
        customer = context.get("customer")
        return context.get("partner") or (customer and customer.partner_id)

    def _value_contact_name(self, context):
        partner = self._partner(context)
        return partner.name if partner else self._value_customer_name(context)

    def _value_contact_first_name(self, context):
        return self._first_word(self._value_contact_name(context))

    def _value_contact_company(self, context):
        partner = self._partner(context)
        return partner and partner.commercial_company_name

    def _value_contact_city(self, context):
        partner = self._partner(context)
        return partner and partner.city

    def _value_contact_reference(self, context):
        partner = self._partner(context)
        return partner and partner.ref

    def _value_customer_name(self, context):
        customer = context.get("customer")
        return customer and customer.profile_name

    def _value_customer_number(self, context):
        customer = context.get("customer")
        if not customer:
            return ""
        if context.get("is_preview"):
            return customer.number_display
        return customer._full_number()

    def _value_agent_name(self, context):
        return (context.get("user") or self.env.user).name

    def _value_agent_first_name(self, context):
        return self._first_word(self._value_agent_name(context))

    def _value_queue_name(self, context):
        queue = context.get("queue")
        return queue and queue.name

    def _value_line_name(self, _context):
        return self.template_id.line_id.name

    def _value_line_number(self, _context):
        return self.template_id.line_id.number_display

    def _value_company_name(self, _context):
        return self.template_id.company_id.name

    def _value_today(self, _context):
        today = fields.Date.context_today(self)
        return format_date(self.env, today, lang_code=self._lang_code())

    def _lang_code(self):
        """Return the installed language nearest to the template's, None without one.

        Values are in it, whatever the agent's is.
        """
        code = self.template_id.language or ""
        langs = self.env["res.lang"].get_installed()
        return next((c for c, _name in langs if c == code), None) or next(
            (c for c, _name in langs if c[:2] == code[:2]), None
        )

    @staticmethod
    def _first_word(name):
        return next(iter((name or "").split()), "")


class WhatsAppApprovedTemplate(models.Model):
    """The values that a template needs, kept in step with its text."""

    _inherit = "whatsapp_omni.approved.template"

    def _slots(self):
        """Return the variables as (place, name), in the provider's order.

        A button's name is its position among all buttons. The code of an authentication
        template is given once: its button repeats it.
        """
        slots = []
        if self.header_kind == "text":
            slots += [("header", name) for name in template_text.variables(self.header)]
        slots += [("body", name) for name in template_text.variables(self.body)]
        slots += [
            ("button", str(position))
            for position, button in enumerate(self._ordered_buttons(), start=1)
            if button._is_dynamic()
        ]
        return slots

    def _ordered_buttons(self):
        return self.button_ids.sorted(
            lambda button: (button.sequence, button._origin.id)
        )

    def _parameter_commands(self):
        """Return what makes the values fit the text: what still exists is kept."""
        known = {parameter._slot(): parameter for parameter in self.parameter_ids}
        slots = self._slots()
        commands = [
            fields.Command.delete(parameter.id)
            for slot, parameter in known.items()
            if slot not in slots
        ]
        for sequence, slot in enumerate(slots, start=1):
            parameter = known.get(slot)
            if not parameter:
                place, name = slot
                vals = {"place": place, "name": name, "sequence": sequence}
                commands.append(fields.Command.create(vals))
            elif parameter.sequence != sequence:
                vals = {"sequence": sequence}
                commands.append(fields.Command.update(parameter.id, vals))
        return commands

    def _refresh_parameters(self):
        """Make the stored values fit the text, all templates in a few statements."""
        # sudo: whatsapp_omni.approved.template.parameter - follows from the text
        Parameter = self.env["whatsapp_omni.approved.template.parameter"].sudo()
        gone, missing = Parameter.browse(), []
        for template in self.sudo():
            for command, record_id, vals in template._parameter_commands():
                if command == fields.Command.DELETE:
                    gone += Parameter.browse(record_id)
                elif command == fields.Command.UPDATE:
                    Parameter.browse(record_id).write(vals)
                else:
                    missing.append({**vals, "template_id": template.id})
        gone.unlink()
        Parameter.create(missing)

    # === FILLING === #

    def _parameters(self):
        """Return what has to be filled in, in the provider's order.

        :return: ``[{"place": "header"|"body"|"button", "name": str, "label": str,
            "source": str, "sample": str}]``; ``name`` is ``1``, ``2`` … or a word, and
            unique within its place
        :rtype: list[dict]
        """
        self.ensure_one()
        return [
            {
                "place": parameter.place,
                "name": parameter.name,
                "label": parameter.display_name,
                "source": parameter.source,
                "sample": parameter.sample or "",
            }
            for parameter in self.parameter_ids.sorted("sequence")
        ]

    def _fill(self, context):
        """Return a proposal for each of :meth:`_parameters`, empty where there is none.

        :param dict context: what is known, each a single record and optional:
            ``partner``, ``customer``, ``user`` (who sends; the current one otherwise),
            ``queue``; and ``is_preview``, whether the user reads the values
        :rtype: list[str]
        """
        self.ensure_one()
        return [
            parameter._propose(context)
            for parameter in self.parameter_ids.sorted("sequence")
        ]
