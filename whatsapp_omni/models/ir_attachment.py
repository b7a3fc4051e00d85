# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import time
from urllib.parse import quote

from odoo import models
from odoo.fields import Domain
from odoo.tools import consteq, hmac

#: GupShup fetches a file seconds after it accepted the message.
LINK_SECONDS = 24 * 3600

_SCOPE = "whatsapp_omni.media"


class IrAttachment(models.Model):
    _inherit = "ir.attachment"

    def _search(self, domain, *args, bypass_access=False, **kwargs):
        """Override of `base`: what one may not read is not found out by searching.

        Odoo looks for files as superuser and sorts out afterwards who may read them.
        A condition on what a file is related to (who made it, their channels, the
        messages there, the key of the provider) would tell secrets one by one.

        All files are concerned, as there is no hook for ours alone. It takes no query
        of its own: what a condition names becomes a part of the one that searches.
        """
        if not (self.env.su or bypass_access):
            domain = Domain(domain).map_conditions(self._whatsapp_omni_as_user)
        return super()._search(domain, *args, bypass_access=bypass_access, **kwargs)

    def _whatsapp_omni_as_user(self, condition):
        """Return a condition on related records with those that the user finds."""
        name, _dot, path = condition.field_expr.partition(".")
        field = self._fields.get(name)
        if not field or not field.relational:
            return condition
        if path:
            wanted, operator = Domain(path, condition.operator, condition.value), "in"
        elif isinstance(condition.value, (Domain, list, tuple)) and (
            condition.operator in ("any", "not any")
        ):
            wanted = condition.value
            operator = "in" if condition.operator == "any" else "not in"
        else:
            return condition
        comodel = self.env[field.comodel_name].with_context(**field.context)
        # as Odoo follows relations: files of who was archived are found by their name
        found = comodel._search(wanted, active_test=field.type != "many2one")
        return Domain(name, operator, found)

    def _whatsapp_omni_public_url(self, base_url):
        """Return an address from which anybody may fetch this file for a day.

        The provider has no session here. The signature cannot be guessed, names one
        content of one file, and expires.
        """
        self.ensure_one()
        expires = int(time.time()) + LINK_SECONDS
        name = quote(self.name or "file", safe="")
        signature = self._whatsapp_omni_signature(expires)
        return f"{base_url}/whatsapp_omni/media/{self.id}/{expires}/{signature}/{name}"

    def _whatsapp_omni_is_signed(self, expires, signature):
        """Tell whether a link with this expiry and signature is ours and valid."""
        return (
            time.time() < expires
            and signature.isascii()  # or consteq raises
            and consteq(signature, self._whatsapp_omni_signature(expires))
        )

    def _whatsapp_omni_signature(self, expires):
        return hmac(self.env(su=True), _SCOPE, (self.id, expires, self.checksum))
