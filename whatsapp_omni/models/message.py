# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from markupsafe import Markup, escape

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import plaintext2html

from odoo.addons.mail.tools.discuss import Store

from ..gupshup import errors, markup, values
from ..tools import journal
from .conversation import PREVIEW_LENGTH

MEDIA_KINDS = values.MEDIA_KINDS

#: Of several WhatsApp messages that carry one bubble, the one in the first of these
#: states tells how the bubble stands: what went wrong first, then what is slowest.
_BUBBLE_STATES = (
    "failed",
    "unknown",
    "queued",
    "sending",
    "submitted",
    "sent",
    "delivered",
    "read",
)


class WhatsAppMessage(models.Model):
    """One message on WhatsApp, in either direction.

    Outbound rows are the outbox: what is to be sent, and what became of it. Their state
    follows the ranks of ``gupshup.status`` and never goes down.
    """

    _name = "whatsapp_omni.message"
    _description = "WhatsApp Message"
    _order = "id desc"
    _rec_name = "wa_id"

    channel_id = fields.Many2one(
        "discuss.channel", required=True, readonly=True, index=True, ondelete="cascade"
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
    direction = fields.Selection(
        [("inbound", "From the customer"), ("outbound", "From us")],
        required=True,
        readonly=True,
    )
    kind = fields.Char(
        readonly=True, help="Text, image, document … as WhatsApp calls it."
    )
    state = fields.Selection(
        [
            # inbound
            ("received", "Received"),
            ("seen", "Seen by the agent"),
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
    wa_id = fields.Char("WhatsApp id", readonly=True)
    sent_at = fields.Datetime("Sent", readonly=True)
    delivered_at = fields.Datetime("Delivered", readonly=True)
    read_at = fields.Datetime("Read", readonly=True)
    # failure
    error_code = fields.Integer(readonly=True)
    error_reason = fields.Char(readonly=True)
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
    _gs_id_idx = models.Index("(gs_id) WHERE gs_id IS NOT NULL")
    _outbound_wa_id_idx = models.Index(
        "(wa_id) WHERE direction = 'outbound' AND wa_id IS NOT NULL"
    )
    _dirty_idx = models.Index("(id) WHERE dirty")
    _failed_idx = models.Index("(line_id, id) WHERE state = 'failed'")

    # === COMPUTE METHODS === #

    @api.depends("error_code", "state")
    def _compute_error_action(self):
        for message in self:
            message.error_action = (
                errors.lookup(message.error_code).action
                if message.state == "failed" and message.error_code
                else False
            )

    @api.depends("error_code", "state", "superseded")
    def _compute_can_retry(self):
        for message in self:
            message.can_retry = (
                message.direction == "outbound"
                and not message.superseded
                and message.state in ("failed", "unknown")
            )

    # === FROM THE CUSTOMER === #

    @api.model
    def _receive_messages(self, inbound):
        """Store customers' messages, show them, and move their conversations.

        :param inbound: pairs of an event and the :class:`values.Message` it holds, in
            the order in which they are to appear
        """
        for line in self.env["whatsapp_omni.line"].union(
            *(e.line_id for e, _v in inbound)
        ):
            of_line = [
                (event, value) for event, value in inbound if event.line_id == line
            ]
            self._receive_on_line(line, of_line)

    @api.model
    def _receive_on_line(self, line, inbound):
        known = set(
            self.search(
                Domain("line_id", "=", line.id)
                & Domain("direction", "=", "inbound")
                & Domain("wa_id", "in", [value.id for _event, value in inbound])
            ).mapped("wa_id")
        )
        fresh = []
        for event, value in inbound:
            event._finish("applied")
            if value.id not in known:
                known.add(value.id)
                fresh.append(value)
        if not fresh:
            return
        senders = list(dict.fromkeys(value.sender for value in fresh))
        customers = self.env["whatsapp_omni.customer"]._find_or_create(
            line.company_id, senders
        )
        people = self.env["whatsapp_omni.customer"].union(*customers.values())
        channels = self.env["discuss.channel"]._whatsapp_omni_find_or_create(
            line, people
        )
        conversations = self.env["whatsapp_omni.conversation"]._open_for_channels(
            self.env["discuss.channel"].union(*channels.values())
        )
        letters = []
        for value in fresh:
            customer = customers[value.sender]
            conversation = conversations[channels[customer]]
            if value.kind == "reaction":
                self._show_customer_reaction(line, customer, value)
                conversation._extend_window(journal.naive_utc(value.time))
            else:
                letters.append((value, conversation))
        self._deliver(letters)

    @api.model
    def _deliver(self, letters):
        """Create the messages of ``letters``, pairs of a value and its conversation."""
        translated = self.with_context(lang=self.env.company.partner_id.lang)
        quoted = self._find_quoted([value for value, _conversation in letters])
        mails = self._create_mails(
            [
                {
                    **conversation.customer_id._author_values(),
                    "body": translated._format_body(value),
                    "date": journal.naive_utc(value.time),
                    "message_type": "comment",
                    "parent_id": quoted.get(value.id, self.browse()).mail_message_id.id,
                    "res_id": conversation.channel_id.id,
                }
                for value, conversation in letters
            ]
        )
        self.create(
            [
                {
                    "channel_id": conversation.channel_id.id,
                    "conversation_id": conversation.id,
                    "line_id": conversation.line_id.id,
                    "customer_id": conversation.customer_id.id,
                    "company_id": conversation.company_id.id,
                    "mail_message_id": mail.id,
                    "direction": "inbound",
                    "kind": value.kind,
                    "state": "received",
                    "wa_id": value.id,
                    "sent_at": journal.naive_utc(value.time),
                    **self._media_values(value.content),
                }
                for (value, conversation), mail in zip(letters, mails, strict=True)
            ]
        )
        self._advance_conversations(translated, letters)
        for mail, (_value, conversation) in zip(mails, letters, strict=True):
            conversation.channel_id._whatsapp_omni_show(mail, conversation.user_id)

    @api.model
    def _create_mails(self, vals_list):
        """Create messages in channels without all that ``message_post`` would do.

        A customer's text mentions nobody, has no followers and needs no e-mail; above
        all, ``message_post`` writes the channel's row, for which agents who answer at
        the same moment would have to wait and retry.
        """
        common = {
            "model": "discuss.channel",
            "subtype_id": self.env.ref("mail.mt_comment").id,
            "email_from": False,
            "reply_to": False,
            "record_name": False,
        }
        # sudo: mail.message - the background work and a closing agent write transcripts
        return (
            self.env["mail.message"]
            .sudo()
            .create(
                [{**common, "author_guest_id": False, **vals} for vals in vals_list]
            )
        )

    @api.model
    def _advance_conversations(self, translated, letters):
        """Note in each conversation what its customer's messages changed."""
        by_conversation = {}
        for value, conversation in letters:
            by_conversation.setdefault(conversation, []).append(value)
        for conversation, received in by_conversation.items():
            newest = max(received, key=lambda value: value.time)
            for value in received:
                if value.opens_window:
                    conversation._extend_window(journal.naive_utc(value.time))
            conversation.write(
                {
                    "last_message_at": journal.naive_utc(newest.time),
                    "last_text": translated._format_preview(newest),
                    "last_kind": newest.kind,
                    "last_direction": "inbound",
                    "waiting_count": conversation.waiting_count + len(received),
                    "waiting_since": conversation.waiting_since
                    or journal.naive_utc(received[0].time),
                }
            )
            conversation._push()

    @api.model
    def _find_quoted(self, received):
        """Return the message that each of these quotes, as a dict by WhatsApp id."""
        contexts = {
            value.id: value.context
            for value in received
            if value.context and (value.context.gs_id or value.context.wa_id)
        }
        if not contexts:
            return {}
        ids = {c.gs_id for c in contexts.values()} | {
            c.wa_id for c in contexts.values()
        }
        ids |= {c.wamid for c in contexts.values()}
        ids.discard(None)
        found = self.search(Domain("gs_id", "in", ids) | Domain("wa_id", "in", ids))
        by_id = {m.wa_id: m for m in found if m.wa_id}
        by_id.update({m.gs_id: m for m in found if m.gs_id})
        return {
            wa_id: by_id[key]
            for wa_id, context in contexts.items()
            for key in (context.gs_id, context.wa_id, context.wamid)
            if key in by_id
        }

    @api.model
    def _show_customer_reaction(self, line, customer, value):
        reaction = value.content
        ids = [key for key in (reaction.gs_id, reaction.wa_id) if key]
        target = self.search(
            Domain("line_id", "=", line.id)
            & Domain("customer_id", "=", customer.id)
            & (Domain("gs_id", "in", ids) | Domain("wa_id", "in", ids)),
            limit=1,
        )
        if target.mail_message_id:
            target.mail_message_id._whatsapp_omni_show_reaction(
                customer, reaction.emoji
            )

    # === WHAT A MESSAGE LOOKS LIKE === #

    def _format_body(self, value):
        """Return the HTML of a customer's message."""
        content = value.content
        match content:
            case values.Text():
                return Markup(markup.marks_to_html(content.body))
            case values.Media():
                return Markup(markup.marks_to_html(content.caption))
            case values.Location():
                return self._format_location(content)
            case values.ContactCards():
                return Markup("<br/>").join(map(self._format_card, content.cards))
            case values.Answer():
                return self._format_answer(content)
            case values.FlowAnswer():
                return plaintext2html(self._format_flow_answer(content))
            case values.Order():
                return plaintext2html(self._format_order(content))
        return Markup("<em>%s</em>") % self._format_preview(value)

    def _format_location(self, place):
        link = "https://www.openstreetmap.org/?mlat=%s&mlon=%s#map=17/%s/%s" % (
            place.latitude,
            place.longitude,
            place.latitude,
            place.longitude,
        )
        label = place.name or f"{place.latitude:.5f}, {place.longitude:.5f}"
        body = Markup(
            '📍 <a href="%s" target="_blank" rel="noreferrer noopener">%s</a>'
        ) % (
            link,
            label,
        )
        return body + Markup("<br/>") + escape(place.address) if place.address else body

    def _format_card(self, card):
        details = [phone.phone for phone in card.phones] + list(card.emails)
        lines = [Markup("👤 <b>%s</b>") % (card.name or self.env._("Contact"))]
        lines += [escape(detail) for detail in [card.company, *details] if detail]
        return Markup("<br/>").join(lines)

    def _format_answer(self, answer):
        body = Markup("<b>%s</b>") % answer.title
        if answer.description:
            body += Markup("<br/>") + escape(answer.description)
        return body

    def _format_flow_answer(self, answer):
        fields_of_form = [f"{name}: {value}" for name, value in answer.response.items()]
        return "\n".join([answer.name or self.env._("Form"), *fields_of_form])

    def _format_order(self, order):
        lines = [
            f"{item.quantity or 1:g} × {item.product_id} {item.price or ''} {item.currency}"
            for item in order.items
        ]
        return "\n".join([self.env._("Order"), *lines, order.text]).strip()

    def _format_preview(self, value):
        """Return one line of plain text that stands for a message in lists."""
        content = value.content
        match content:
            case values.Text():
                text = content.body
            case values.Media():
                text = content.caption or self._kind_label(value.kind)
            case values.Location():
                text = content.name or self.env._("Location")
            case values.ContactCards():
                text = ", ".join(card.name for card in content.cards)
            case values.Answer():
                text = content.title
            case values.Unsupported():
                text = self.env._(
                    "The customer sent something that WhatsApp does not pass on (%s).",
                    content.type_name or content.reason_code or "?",
                )
            case _:
                text = self._kind_label(value.kind)
        return " ".join(text.split())[:PREVIEW_LENGTH]

    def _kind_label(self, kind):
        return {
            "image": self.env._("Photo"),
            "video": self.env._("Video"),
            "audio": self.env._("Voice message"),
            "sticker": self.env._("Sticker"),
            "document": self.env._("Document"),
            "contact": self.env._("Contact"),
            "order": self.env._("Order"),
            "flow_answer": self.env._("Form"),
        }.get(kind, kind)

    # === TICKS === #

    def _get_status(self):
        """Return how the bubble of these messages stands, False when it did not leave.

        :return: ``{"state", "code", "reason", "action", "can_retry"}``
        :rtype: dict | bool
        """
        # Plain loops: slices and filters would lose the prefetch of other bubbles.
        by_state = {
            message.state: message
            for message in self
            if message.direction == "outbound"
            and not message.superseded
            and message.kind != "reaction"
        }
        state = next((state for state in _BUBBLE_STATES if state in by_state), False)
        if not state:
            return False
        message = by_state[state]
        return {
            "state": state,
            "code": message.error_code or False,
            "reason": message.error_reason or False,
            "action": message.error_action or False,
            "can_retry": message.can_retry,
        }

    @api.model
    def _push_statuses(self, messages):
        """Show the ticks of these messages on all screens, one bus message a channel."""
        for channel, of_channel in messages.grouped("channel_id").items():
            mails = of_channel.mail_message_id
            if mails:
                Store(bus_channel=channel).add(
                    mails, mails._whatsapp_omni_store_fields()[:1]
                ).bus_send()
