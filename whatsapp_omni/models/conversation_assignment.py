# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models


class WhatsAppConversation(models.Model):
    """Offers: a conversation rings at one agent, who accepts, declines or is not there."""

    _inherit = "whatsapp_omni.conversation"

    queued_at = fields.Datetime(
        "In Queue since", readonly=True, help="When it came to the queue it is in."
    )
    menu_option_id = fields.Many2one(
        "whatsapp_omni.menu.option",
        "Chosen Option",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        help="What the customer chose last in a menu.",
    )
    assignment_ids = fields.One2many("whatsapp_omni.assignment", "conversation_id")

    def action_accept(self):
        """Take the conversation that rings at the user.

        :raises UserError: when it rings elsewhere, or nowhere any more
        """

    def action_decline(self):
        """Let the conversation that rings at the user ring at somebody else."""

    def action_offer_ended(self):
        """Deal with an offer whose time is over. For the desk, when its countdown ends.

        :return: seconds that are left by the server's clock, 0 when it is settled
        :rtype: float
        """
