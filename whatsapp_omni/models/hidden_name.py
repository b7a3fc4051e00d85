# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models


class WhatsAppHiddenName(models.Model):
    """The name of a file that hides something, as the customer wrote or gets it.

    Nobody has rights here; our own code sends and reveals it. It is no field of
    ``ir.attachment``, since that searches as superuser, and filters afterwards: a
    field that nobody may read could be found out there digit by digit.
    """

    _name = "whatsapp_omni.hidden.name"
    _description = "WhatsApp Hidden File Name"
    _log_access = False

    attachment_id = fields.Many2one(
        "ir.attachment", required=True, readonly=True, ondelete="cascade"
    )
    name = fields.Char(required=True, readonly=True)

    _once = models.UniqueIndex("(attachment_id)", "This name is kept already.")


class IrAttachment(models.Model):
    _inherit = "ir.attachment"

    def _whatsapp_omni_hide_names(self, conversation):
        """Mask the names of files that are shown in a conversation from now on."""
        policy = conversation._masking()
        hidden = self._whatsapp_omni_hidden_names()
        # sudo: ir.attachment, whatsapp_omni.hidden.name - whose files they are was
        # checked when they were sent
        for file in self.sudo():
            shown = policy.mask(file.name or "")
            if not shown.found:
                continue
            if file.id not in hidden:
                self.env["whatsapp_omni.hidden.name"].sudo().create(
                    {"attachment_id": file.id, "name": file.name}
                )
            file.name = shown.text

    def _whatsapp_omni_hidden_names(self):
        """Return the names that are hidden, by the id of the file.

        :rtype: dict[int, str]
        """
        # sudo: whatsapp_omni.hidden.name - to send them, and to reveal them
        hidden = self.env["whatsapp_omni.hidden.name"].sudo()
        found = hidden.search([("attachment_id", "in", self.ids)])
        return {row.attachment_id.id: row.name for row in found}

    def _whatsapp_omni_real_name(self):
        """Return the name for the customer."""
        return self._whatsapp_omni_hidden_names().get(self.id, self.name)
