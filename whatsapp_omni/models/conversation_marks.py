# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Command

from odoo.addons.mail.tools.discuss import Store

from ..tools.arguments import is_id, takes


class WhatsAppConversation(models.Model):
    """Stars and tags. Whoever sees a conversation sees its marks."""

    _inherit = "whatsapp_omni.conversation"

    starred = fields.Boolean(readonly=True)
    tag_ids = fields.Many2many(
        "whatsapp_omni.tag",
        "whatsapp_omni_conversation_tag_rel",
        "conversation_id",
        "tag_id",
        string="Tags",
        readonly=True,
    )
    # Spares each message of a customer the look for tags.
    has_tags = fields.Boolean(compute="_compute_has_tags", store=True)

    @api.depends("tag_ids")
    def _compute_has_tags(self):
        for conversation in self:
            conversation.has_tags = bool(conversation.tag_ids)

    def action_star(self, starred):
        """Put the star on this conversation, or take it off.

        :param bool starred: what it shall be, so that a second click changes nothing
        """
        self._take_turn_to_mark()
        # sudo: whatsapp_omni.conversation - agents change conversations by methods only
        conversation = self.sudo()
        conversation.starred = bool(starred)
        conversation._push()

    @takes(tag_ids=[is_id])
    def action_set_tags(self, tag_ids):
        """Give this conversation these tags and no others.

        :param list[int] tag_ids: tags that the user may see
        """
        self._take_turn_to_mark()
        tags = self.env["whatsapp_omni.tag"].search([("id", "in", list(tag_ids))])
        # sudo: whatsapp_omni.conversation - agents change conversations by methods only
        conversation = self.sudo()
        conversation.tag_ids = [Command.set(tags.ids)]
        conversation._push()

    def _take_turn_to_mark(self):
        """Wait for whoever changes this conversation.

        :raises AccessError: for whom it does not concern
        """
        self.ensure_one()
        self.check_access("read")
        self._take_turn()
        is_supervisor = self.env.user.has_group("whatsapp_omni.group_supervisor")
        if not is_supervisor and self.env.user not in self.sudo()._participants():
            raise AccessError(
                self.env._("Only who attends a conversation may mark it.")
            )

    def _to_store_defaults(self, target):
        return super()._to_store_defaults(target) + [
            "starred",
            "parked_at",
            "parked_until",
            Store.Attr("tags", lambda c: c._get_tags_data()),
        ]

    def _get_tags_data(self):
        """Return the tags for a card: ``[{"id", "name", "color"}]``."""
        if not self.has_tags:
            return []
        return [{"id": t.id, "name": t.name, "color": t.color} for t in self.tag_ids]
