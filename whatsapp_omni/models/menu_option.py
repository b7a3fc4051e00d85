# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..gupshup import limits
from ..tools import menu_walk
from .line_messages import SHARED

#: The field that holds each kind of destination.
TARGET_FIELDS = {
    "queue": "queue_id",
    "menu": "target_menu_id",
    "template": "template_id",
    "action": "action_id",
}


class WhatsAppMenuOption(models.Model):
    """One of the choices of a menu, and where it leads."""

    _name = "whatsapp_omni.menu.option"
    _description = "WhatsApp Menu Option"
    _order = "sequence, id"
    _rec_name = "title"
    _check_company_auto = True

    menu_id = fields.Many2one(
        "whatsapp_omni.menu", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="menu_id.company_id", store=True)
    sequence = fields.Integer(default=10)
    title = fields.Char(required=True, translate=True, size=limits.ROW_TITLE_LENGTH)
    description = fields.Char(translate=True, size=limits.ROW_DESCRIPTION_LENGTH)
    value = fields.Char(
        size=limits.ROW_TITLE_LENGTH,
        help="Another word that customers may type for it.",
    )
    target_kind = fields.Selection(
        [
            ("queue", "Queue"),
            ("menu", "Another menu"),
            ("template", "Message, then end"),
            ("action", "Answer of a server action"),
        ],
        string="Leads to",
        required=True,
        default="queue",
    )
    queue_id = fields.Many2one(
        "whatsapp_omni.queue",
        check_company=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    target_menu_id = fields.Many2one(
        "whatsapp_omni.menu",
        string="Next Menu",
        check_company=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    template_id = fields.Many2one(
        "whatsapp_omni.message.template",
        string="Message",
        check_company=True,
        domain=SHARED,
        index="btree_not_null",
        ondelete="restrict",
    )
    action_id = fields.Many2one(
        "ir.actions.server",
        string="Server Action",
        index="btree_not_null",
        ondelete="restrict",
        groups="whatsapp_omni.group_administrator",
        domain="[('model_id.model', '=', 'whatsapp_omni.conversation'),"
        " ('state', '=', 'code')]",
        help="Its code gets the conversation as record and leaves the text to answer "
        "in the variable action. It must not commit.",
    )
    target_name = fields.Char(string="Destination", compute="_compute_target_name")

    @api.depends("target_kind", *TARGET_FIELDS.values())
    def _compute_target_name(self):
        for option in self:
            option.target_name = option._get_target().display_name

    @api.onchange("target_kind")
    def _onchange_target_kind(self):
        """Forget the destination of another kind."""
        for kind, name in TARGET_FIELDS.items():
            if kind != self.target_kind:
                self[name] = False

    @api.constrains("title", "value", "target_kind", *TARGET_FIELDS.values())
    def _check_tree(self):
        if not self.env.context.get("whatsapp_omni_menu_form"):  # it checks itself
            self.menu_id._check_tree()

    @api.constrains("action_id")
    def _check_action(self):
        """A server action runs with every right: only its own kind is taken."""
        for option in self.filtered("action_id"):
            # sudo: ir.actions.server - of a server action only its model is asked
            action = option.action_id.sudo()
            if (
                action.model_id.model != "whatsapp_omni.conversation"
                or action.state != "code"
            ):
                raise ValidationError(
                    self.env._(
                        "“%s” is no server action with code on WhatsApp conversations.",
                        action.name,
                    )
                )

    def _get_target(self):
        """Return the record that this option leads to, whatever its kind."""
        self.ensure_one()
        # sudo: ir.actions.server - its name, for those who may see the menu
        return self.sudo()[TARGET_FIELDS[self.target_kind or "queue"]]

    def _as_walk(self):
        return menu_walk.Option(
            self.id,
            self.title,
            self.value or "",
            menu_walk.Target(self.target_kind, self._get_target().id or 0),
        )


class WhatsAppQueue(models.Model):
    _inherit = "whatsapp_omni.queue"

    menu_option_ids = fields.One2many(
        "whatsapp_omni.menu.option",
        "queue_id",
        string="Menu Options",
        groups="whatsapp_omni.group_supervisor",
    )

    @api.constrains("active")
    def _check_archived_without_menus(self):
        """An archived queue gets no new conversations, so no menu may lead to it."""
        for queue in self.filtered(lambda queue: not queue.active):
            if menus := queue.sudo().menu_option_ids.menu_id.filtered("active"):
                raise ValidationError(
                    self.env._(
                        "The queue “%(queue)s” cannot be archived while the menus "
                        "%(menus)s lead to it.",
                        queue=queue.name,
                        menus=", ".join(menus.mapped("name")),
                    )
                )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_in_menus(self):
        for queue in self:
            if menus := queue.sudo().menu_option_ids.menu_id:
                raise UserError(
                    self.env._(
                        "The queue “%(queue)s” cannot be deleted while the menus "
                        "%(menus)s lead to it.",
                        queue=queue.name,
                        menus=", ".join(menus.mapped("name")),
                    )
                )
