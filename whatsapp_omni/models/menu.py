# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..gupshup import limits
from ..tools import menu_walk
from .line_messages import SHARED


class WhatsAppMenu(models.Model):
    """A question with up to ten options that leads a customer on. Menus nest."""

    _name = "whatsapp_omni.menu"
    _description = "WhatsApp Menu"
    _order = "name, id"
    _check_company_auto = True

    name = fields.Char(required=True, help="For colleagues: customers do not see it.")
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    # what customers see
    header = fields.Char(translate=True, size=limits.HEADER_LENGTH)
    body = fields.Text("Question", required=True, translate=True)
    footer = fields.Char(translate=True, size=limits.FOOTER_LENGTH)
    opener = fields.Char(
        "List Button",
        required=True,
        translate=True,
        size=limits.LIST_OPENER_LENGTH,
        default=lambda self: self.env._("Choose"),
        help="Text of the button that opens the list.",
    )
    show_as = fields.Selection(
        [
            ("automatic", "Buttons, or a list if they do not fit"),
            ("list", "List"),
            ("text", "Numbered text"),
        ],
        required=True,
        default="automatic",
        help="Numbered text is understood on every device.",
    )
    option_ids = fields.One2many(
        "whatsapp_omni.menu.option", "menu_id", string="Options", copy=True
    )
    # what else may happen
    wrong_template_id = fields.Many2one(
        "whatsapp_omni.message.template",
        string="Wrong Answer",
        check_company=True,
        domain=SHARED,
        ondelete="restrict",
        index="btree_not_null",
        help="Sent before the question is repeated. Empty: a plain sentence.",
    )
    forwarding_template_id = fields.Many2one(
        "whatsapp_omni.message.template",
        string="Forwarding",
        check_company=True,
        domain=SHARED,
        ondelete="restrict",
        index="btree_not_null",
        help="Sent when an option leads to a queue. Empty: nothing is sent.",
    )
    wait_minutes = fields.Integer(
        string="Wait",
        required=True,
        default=15,
        help="Minutes after which a customer who does not choose goes to the queue of "
        "the line.",
    )
    # where it is used
    line_ids = fields.One2many("whatsapp_omni.line", "menu_id", string="Lines")
    parent_option_ids = fields.One2many(
        "whatsapp_omni.menu.option", "target_menu_id", string="Options That Lead Here"
    )

    _check_wait_minutes = models.Constraint(
        "CHECK (wait_minutes BETWEEN 1 AND 1380)",
        "The wait must be between a minute and 23 hours: afterwards the window closes.",
    )

    # === CONSTRAINTS === #

    @api.constrains(
        "active", "body", "footer", "header", "opener", "option_ids", "show_as"
    )
    def _check_tree(self):
        """Refuse what cannot work, in these menus or wherever they lead.

        :raises ValidationError: with every reason
        """
        errors = [problem.text for problem in self._find_problems() if problem.is_error]
        if errors:
            raise ValidationError("\n".join(errors))

    @api.constrains("active")
    def _check_archived_unused(self):
        for menu in self.filtered(lambda menu: not menu.active):
            if uses := menu._list_uses():
                raise ValidationError(
                    self.env._(
                        "The menu “%(menu)s” cannot be archived while these lead to "
                        "it: %(uses)s.",
                        menu=menu.name,
                        uses=", ".join(uses),
                    )
                )

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        """Check the menu when all its options are there, not one by one."""
        menus = super(WhatsAppMenu, self.with_context(whatsapp_omni_menu_form=True))
        return menus.create(vals_list).with_env(self.env)

    def write(self, vals):
        """Check the menu when all its options are there, not one by one."""
        menus = self.with_context(whatsapp_omni_menu_form=True)
        return super(WhatsAppMenu, menus).write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        """What leads to a menu must not lead nowhere.

        Customers who are in it are taken care of: see ``menu_walk``.
        """
        for menu in self:
            if uses := menu._list_uses(besides=self):
                raise UserError(
                    self.env._(
                        "The menu “%(menu)s” cannot be deleted while these lead to it: "
                        "%(uses)s.",
                        menu=menu.name,
                        uses=", ".join(uses),
                    )
                )

    def copy_data(self, default=None):
        """Tell copies apart."""
        vals_list = super().copy_data(default)
        if default and "name" in default:
            return vals_list
        return [
            {**vals, "name": self.env._("%s (copy)", menu.name)}
            for menu, vals in zip(self, vals_list, strict=True)
        ]

    def _list_uses(self, besides=()):
        """Return what leads to this menu, as texts."""
        self.ensure_one()
        menu = self.sudo().with_context(active_test=False)
        parents = menu.parent_option_ids.menu_id - menu
        parents -= parents.browse(parent.id for parent in besides)
        return [
            *(self.env._("line “%s”", line.name) for line in menu.line_ids),
            *(self.env._("menu “%s”", parent.name) for parent in parents),
        ]

    # === WALKING === #

    def _as_walk(self, back_words=()):
        """Return what :mod:`menu_walk` knows of this menu.

        :rtype: menu_walk.Menu
        """
        self.ensure_one()
        return menu_walk.Menu(
            self.id,
            tuple(option._as_walk() for option in self.option_ids),
            tuple(back_words),
        )
