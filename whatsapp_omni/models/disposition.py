# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError


class WhatsAppDisposition(models.Model):
    """Result that an agent gives to a conversation when closing it.

    A tree of two levels: an option, or an option with sub-options, which are then what
    is chosen. A sub-option is of the kind and company of its option and asks for what
    that asks for, besides its own.
    """

    _name = "whatsapp_omni.disposition"
    _description = "WhatsApp Disposition"
    _order = "sequence, name, id"
    _rec_names_search = ["name", "parent_id.name"]
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    color = fields.Integer()
    parent_id = fields.Many2one(
        "whatsapp_omni.disposition",
        "Option",
        index="btree_not_null",
        check_company=True,
        ondelete="cascade",
        help="The option that this one is a sub-option of.",
    )
    child_ids = fields.One2many(
        "whatsapp_omni.disposition", "parent_id", string="Sub-options"
    )
    option_id = fields.Many2one(
        "whatsapp_omni.disposition",
        "Main Option",
        compute="_compute_option_id",
        store=True,
        help="The option itself, or the one of a sub-option.",
    )
    kind = fields.Selection(
        [
            ("normal", "Ordinary"),
            ("spam", "Spam"),
            ("wrong_number", "Wrong number"),
        ],
        required=True,
        compute="_compute_kind",
        recursive=True,
        store=True,
        readonly=False,
        precompute=True,
        help="Spam and wrong numbers are closed without knowing who it was, and the "
        "customer can be blocked.",
    )
    company_id = fields.Many2one(
        "res.company",
        index=True,
        compute="_compute_company_id",
        recursive=True,
        store=True,
        readonly=False,
        precompute=True,
        help="Leave empty to offer the disposition in every company.",
    )
    note_required = fields.Boolean(
        "Needs a Note", help="It cannot be chosen without a note."
    )
    field_ids = fields.One2many(
        "whatsapp_omni.disposition.field",
        "disposition_id",
        string="Form",
        help="What agents fill in when they choose it.",
    )
    queue_ids = fields.Many2many(
        "whatsapp_omni.queue",
        "whatsapp_omni_queue_disposition",
        "disposition_id",
        "queue_id",
        string="Queues",
        check_company=True,
        copy=False,
        help="Queues that offer this disposition. A queue without dispositions of "
        "its own offers them all.",
    )

    # === COMPUTE METHODS === #

    @api.depends("parent_id")
    def _compute_option_id(self):
        for disposition in self:
            disposition.option_id = disposition.parent_id or disposition

    @api.depends("parent_id.kind")
    def _compute_kind(self):
        for disposition in self:
            option = disposition.parent_id
            disposition.kind = option.kind or disposition.kind or "normal"

    @api.depends("parent_id.company_id")
    def _compute_company_id(self):
        for disposition in self:
            if disposition.parent_id:
                disposition.company_id = disposition.parent_id.company_id

    @api.depends("name", "parent_id.name")
    @api.depends_context("whatsapp_omni_below_option")
    def _compute_display_name(self):
        """Name sub-options with their option, except below it."""
        is_below = self.env.context.get("whatsapp_omni_below_option")
        for disposition in self:
            names = (not is_below and disposition.parent_id.name, disposition.name)
            disposition.display_name = " › ".join(filter(None, names))

    # === CONSTRAINTS === #

    @api.constrains("parent_id")
    def _check_two_levels(self):
        """More than two questions are too many for somebody who wants to close."""
        for disposition in self.filtered("parent_id"):
            if disposition.parent_id.parent_id or disposition.child_ids:
                raise ValidationError(
                    self.env._(
                        "“%(name)s” cannot be a sub-option of “%(option)s”: there are "
                        "options and sub-options, and nothing below these.",
                        name=disposition.name,
                        option=disposition.parent_id.name,
                    )
                )

    @api.constrains("parent_id", "queue_ids")
    def _check_queues_of_options(self):
        """Queues offer options; the sub-options come with them."""
        for disposition in self:
            if disposition.parent_id and disposition.queue_ids:
                raise ValidationError(
                    self.env._(
                        "“%(name)s” is offered wherever its option “%(option)s” is. "
                        "Choose the queues there.",
                        name=disposition.name,
                        option=disposition.parent_id.name,
                    )
                )

    @api.constrains("parent_id", "kind")
    def _check_kind_of_option(self):
        for disposition in self:
            option = disposition.parent_id
            if option and option.kind != disposition.kind:
                raise ValidationError(
                    self.env._(
                        "The sub-option “%(name)s” must be of the kind of its option "
                        "“%(option)s”.",
                        name=disposition.name,
                        option=option.name,
                    )
                )

    # === CRUD === #

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        """Keep the results of closed conversations readable."""
        # sudo: whatsapp_omni.disposition.result - whether there is one, not which
        Result = self.env["whatsapp_omni.disposition.result"].sudo()
        doomed = (self | self.with_context(active_test=False).child_ids).ids
        used = Result._read_group(
            [("disposition_id", "in", doomed)],
            ["disposition_id"],
            ["conversation_id:count_distinct"],
        )
        if used:
            disposition, count = used[0]
            raise UserError(
                self.env._(
                    "“%(name)s” is the result of %(count)s conversations and cannot "
                    "be deleted. Archive it: agents will no longer see it, and those "
                    "conversations keep their result.",
                    name=disposition.display_name,
                    count=count,
                )
            )

    # === BUSINESS METHODS === #

    def _choices(self):
        """Return what can be chosen of these options, in their order.

        An option that has sub-options cannot be chosen itself.
        """
        return self.browse(
            choice.id for option in self for choice in option.child_ids or option
        )

    def _needs_note(self):
        return self.note_required or self.parent_id.note_required

    def _form(self):
        """Return the fields that are filled in with this disposition, in order."""
        return self.parent_id.field_ids + self.field_ids

    def _describe(self):
        """Return these choices as the agents' desk shows them.

        :rtype: list[dict]
        """
        return [
            {
                "id": disposition.id,
                "name": disposition.name,
                "option": disposition.parent_id.name,
                "option_id": disposition.option_id.id,
                "kind": disposition.kind,
                "note_required": disposition._needs_note(),
                # Not together: a sum of records is no longer read with all the others.
                "fields": [
                    *disposition.parent_id.field_ids._describe(),
                    *disposition.field_ids._describe(),
                ],
            }
            for disposition in self
        ]
