# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, models
from odoo.fields import Domain


class WhatsAppMessageTemplate(models.Model):
    _inherit = "whatsapp_omni.message.template"

    def _find_uses(self):
        """Add the menus that say it."""
        # sudo: whatsapp_omni.menu - whoever deletes it must know of every menu
        Menu = self.env["whatsapp_omni.menu"].sudo().with_context(active_test=False)
        menus = Menu.search(
            Domain("wrong_template_id", "=", self.id)
            | Domain("forwarding_template_id", "=", self.id)
            | Domain("option_ids.template_id", "=", self.id)
        )
        return [*super()._find_uses(), menus]


class WhatsAppMenu(models.Model):
    _inherit = "whatsapp_omni.menu"

    @api.constrains("wrong_template_id", "forwarding_template_id")
    def _check_shared_messages(self):
        for menu in self:
            menu.wrong_template_id._check_not_private(menu)
            menu.forwarding_template_id._check_not_private(menu)


class WhatsAppMenuOption(models.Model):
    _inherit = "whatsapp_omni.menu.option"

    @api.constrains("template_id")
    def _check_shared_messages(self):
        for option in self:
            option.template_id._check_not_private(option.menu_id)
