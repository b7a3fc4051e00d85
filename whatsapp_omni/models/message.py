# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.orm.models import NO_ACCESS

from ..gupshup import errors

#: What can be captioned, and what is a file and nothing without it.
CAPTION_KINDS = ("image", "video", "document")
FILE_KINDS = (*CAPTION_KINDS, "audio", "sticker")

#: What the agent can do about a failed message, where that is to send it again.
RETRY_ACTIONS = ("retry", "retry_slowly", "retry_once")


class WhatsAppMessage(models.Model):
    """One message on WhatsApp, in either direction.

    Outbound rows are the outbox: what is to be sent, and what became of it. Their state
    follows the ranks of ``gupshup.status`` and never goes down.
    """

    _name = "whatsapp_omni.message"
    _description = "WhatsApp Message"
    _order = "id desc"
    _rec_name = "gs_id"

    channel_id = fields.Many2one(
        "discuss.channel", required=True, readonly=True, ondelete="cascade"
    )
    conversation_id = fields.Many2one(
        "whatsapp_omni.conversation", readonly=True, index=True, ondelete="cascade"
    )
    line_id = fields.Many2one(
        "whatsapp_omni.line", required=True, readonly=True, ondelete="restrict"
    )
    customer_id = fields.Many2one(
        "whatsapp_omni.customer", required=True, readonly=True, index=True
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True)
    mail_message_id = fields.Many2one(
        "mail.message", readonly=True, index="btree_not_null", ondelete="cascade"
    )
    preview = fields.Char("Preview", related="mail_message_id.preview")
    direction = fields.Selection(
        [("inbound", "From the customer"), ("outbound", "From us")],
        required=True,
        readonly=True,
    )
    kind = fields.Char(
        "Kind at WhatsApp",
        readonly=True,
        help="Text, image, document … as WhatsApp calls it.",
    )
    state = fields.Selection(
        [
            # inbound
            ("received", "Received"),
            # outbound
            ("queued", "Queued"),
            ("sending", "Being sent"),
            ("unknown", "Unknown"),
            ("submitted", "Submitted"),
            ("sent", "Sent"),
            ("failed", "Failed"),
            ("delivered", "Delivered"),
            ("read", "Read"),
        ],
        required=True,
        readonly=True,
    )
    rank = fields.Integer(readonly=True, help="Orders the states: see gupshup.status.")
    gs_id = fields.Char("GupShup id", readonly=True)
    # WhatsApp makes it of the customer's number, which may be hidden from agents.
    wa_id = fields.Char(
        "WhatsApp id", readonly=True, groups="whatsapp_omni.group_supervisor"
    )
    sent_at = fields.Datetime("Sent", readonly=True)
    delivered_at = fields.Datetime("Delivered", readonly=True)
    read_at = fields.Datetime("Read", readonly=True)
    # failure
    error_code = fields.Integer(readonly=True)
    # As it came, for our code only; people read it with sensitive data hidden. Receipts
    # write it during the acknowledgement, hence not yet what is read.
    provider_reason = fields.Char(readonly=True, groups=NO_ACCESS)
    error_reason = fields.Char(compute="_compute_error_reason", store=True)
    error_action = fields.Char("What to do", compute="_compute_error_action")
    can_retry = fields.Boolean(compute="_compute_can_retry")
    superseded = fields.Boolean(readonly=True, help="It was sent again as another one.")
    dirty = fields.Boolean(
        readonly=True, help="Its ticks on the screen are out of date."
    )

    _inbound_unique = models.UniqueIndex(
        "(line_id, wa_id) WHERE direction = 'inbound'",
        "This message was received already.",
    )
    # Receipts are matched by these two, during the acknowledgement.
    _gs_id_unique = models.UniqueIndex(
        "(line_id, gs_id) WHERE gs_id IS NOT NULL",
        "Another message of this line has this id already.",
    )
    _outbound_wa_id_idx = models.Index(
        "(wa_id) WHERE direction = 'outbound' AND wa_id IS NOT NULL"
    )
    _channel_idx = models.Index("(channel_id, id)")
    # However long the history, these hold little: what is to be done in a line or a
    # channel, and what screens do not show yet. They are few because each receipt
    # updates them all.
    _line_open_idx = models.Index(
        "(line_id, state, id) WHERE state IN ('queued', 'unknown', 'failed')"
    )
    _channel_open_idx = models.Index(
        "(channel_id, id) WHERE state IN ('queued', 'sending', 'received')"
    )
    _dirty_idx = models.Index("(id) WHERE dirty")

    # === COMPUTE METHODS === #

    @api.depends("customer_id", "kind", "preview")
    def _compute_display_name(self):
        for message in self:
            content = message.preview or message.kind or ""
            message.display_name = f"{message.customer_id.display_name}: {content}"

    @api.depends("provider_reason")
    def _compute_error_reason(self):
        for message in self:
            reason = message.provider_reason
            message.error_reason = message.conversation_id._mask(reason)

    @api.depends("error_code", "state")
    def _compute_error_action(self):
        for message in self:
            failed = message.state == "failed" and message.error_code
            message.error_action = failed and self._translate(
                errors.lookup(message.error_code).action
            )

    @api.model
    def _translate(self, text, **params):
        """Translate a text of the protocol package, which marks its texts for it."""
        return self.env._(text, **params)

    @api.depends(
        "attachment_id", "direction", "error_code", "kind", "state", "superseded"
    )
    def _compute_can_retry(self):
        for message in self:
            message.can_retry = (
                message.direction == "outbound"
                and not message.superseded
                and (message.state == "unknown" or message._may_arrive_next_time())
                and not message._lacks_file()
            )

    def _may_arrive_next_time(self):
        """Tell whether this failed, but the same sent again may arrive."""
        if self.state != "failed":
            return False
        if not self.error_code:  # WhatsApp never had it
            return True
        error = errors.lookup(self.error_code)
        return error.klass == "transient" or error.action_key in RETRY_ACTIONS

    def _lacks_file(self):
        return self.kind in FILE_KINDS and not self.attachment_id
