# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models

from .discuss_channel import is_whatsapp


class MailMessage(models.Model):
    _inherit = "mail.message"

    whatsapp_omni_token = fields.Char(
        "Name before it was posted",
        readonly=True,
        help="What the page called the message that posted it.",
    )

    # However many messages there are, this holds those of agents.
    _whatsapp_omni_token_unique = models.UniqueIndex(
        "(res_id, whatsapp_omni_token) WHERE whatsapp_omni_token IS NOT NULL",
        "This message was sent already.",
    )


class DiscussChannel(models.Model):
    """A page that lost the connection cannot know whether its message was posted.

    It posts it again under the same name, and so it is posted once.
    """

    _inherit = "discuss.channel"

    def _get_allowed_message_params(self):
        """Override of `mail`: take the name that the page gave to the message."""
        return super()._get_allowed_message_params() | {"whatsapp_omni_token"}

    def _get_message_create_valid_field_names(self):
        """Override of `mail`."""
        names = super()._get_message_create_valid_field_names()
        return names | {"whatsapp_omni_token"}

    def message_post(self, *, whatsapp_omni_token=None, **kwargs):
        """Override of `mail`: return what was posted already under this name."""
        if not is_whatsapp(self) or not whatsapp_omni_token:
            return super().message_post(**kwargs)
        return self._whatsapp_omni_find_posted(
            whatsapp_omni_token
        ) or super().message_post(whatsapp_omni_token=whatsapp_omni_token, **kwargs)

    def _whatsapp_omni_find_posted(self, token):
        return self.env["mail.message"].search(
            [
                ("whatsapp_omni_token", "=", token),
                ("model", "=", "discuss.channel"),
                ("res_id", "=", self.id),
                ("author_id", "=", self.env.user.partner_id.id),
            ]
        )
