# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import models
from odoo.http import request


class IrHttp(models.AbstractModel):
    _inherit = "ir.http"

    def color_scheme(self):
        """Return what the browser's cookie asks for, as the web client reads it."""
        if request and request.cookies.get("color_scheme") == "dark":
            return "dark"
        return super().color_scheme()
