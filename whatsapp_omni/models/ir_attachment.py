# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import time
from urllib.parse import quote

from odoo import models
from odoo.tools import consteq, hmac

#: GupShup fetches a file seconds after it accepted the message.
LINK_SECONDS = 24 * 3600

_SCOPE = "whatsapp_omni.media"


class IrAttachment(models.Model):
    _inherit = "ir.attachment"

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
