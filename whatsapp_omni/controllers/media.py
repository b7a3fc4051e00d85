# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from werkzeug.exceptions import NotFound

from odoo import http
from odoo.http import request

from ..gupshup import limits


class MediaController(http.Controller):
    @http.route(
        "/whatsapp_omni/media/<int:attachment_id>/<int:expires>"
        "/<string:signature>/<string:name>",
        type="http",
        auth="public",
        methods=["GET", "HEAD"],
        readonly=True,
        save_session=False,
    )
    def media(self, attachment_id, expires, signature, name):
        """Serve a file of an answer to the provider, who has no session here."""
        # sudo: ir.attachment - the signature in the address is the permission
        attachment = request.env["ir.attachment"].sudo().browse(attachment_id).exists()
        if not attachment or not attachment._whatsapp_omni_is_signed(
            expires, signature
        ):
            raise NotFound()
        stream = request.env["ir.binary"]._get_stream_from(attachment)
        # WhatsApp takes a file by the type that it is served with
        stream.mimetype = limits.served_type(
            attachment.mimetype or "", attachment.name or ""
        )
        return stream.get_response(as_attachment=True, immutable=False)
