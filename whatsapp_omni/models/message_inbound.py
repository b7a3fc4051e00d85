# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, models
from odoo.fields import Domain

from ..tools import journal


class WhatsAppMessage(models.Model):
    """What customers send: stored once, shown in their channel, counted in its case."""

    _inherit = "whatsapp_omni.message"

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
            # Told the company, nobody asks for the one of the superuser.
            self.with_company(line.company_id)._receive_on_line(line, of_line)

    @api.model
    def _receive_on_line(self, line, inbound):
        known = set(
            self.search(
                Domain("line_id", "=", line.id)
                & Domain("direction", "=", "inbound")
                & Domain("wa_id", "in", [value.id for _event, value in inbound])
            ).mapped("wa_id")
        )
        letters, reactions = [], []
        for event, value in inbound:
            event._finish("applied")
            if value.id in known:
                continue
            known.add(value.id)
            if value.kind == "reaction":
                reactions.append((event, value))
            else:
                letters.append(value)
        if letters:
            self._receive_letters(line, letters)
        for event, value in reactions:
            self._receive_reaction(line, event, value)

    @api.model
    def _receive_letters(self, line, letters):
        """Deliver what customers wrote, to a new conversation where none is open."""
        customers = self.env["whatsapp_omni.customer"]._find_or_create(
            line.company_id, list(dict.fromkeys(value.sender for value in letters))
        )
        people = self.env["whatsapp_omni.customer"].union(*customers.values())
        channels = self.env["discuss.channel"]._whatsapp_omni_find_or_create(
            line, people
        )
        conversations = self.env["whatsapp_omni.conversation"]._open_for_channels(
            self.env["discuss.channel"].union(*channels.values())
        )
        delivered, unheard = [], []
        for value in letters:
            channel = channels[customers[value.sender]]
            if channel in conversations:
                delivered.append((value, conversations[channel]))
            else:
                unheard.append((value, channel))
        if delivered:
            self._deliver(line, delivered)
        self._heed_opt_words(line, delivered)
        if unheard:
            self._keep_unheard(line, unheard)

    @api.model
    def _receive_reaction(self, line, event, value):
        """Show a customer's reaction. It asks for no answer: it begins nothing."""
        customer = self.env["whatsapp_omni.customer"]._find(
            line.company_id, value.sender
        )
        channel = self.env["discuss.channel"].search(
            Domain("whatsapp_omni_line_id", "=", line.id)
            & Domain("whatsapp_omni_customer_id", "in", customer.ids)
        )
        conversation = channel.whatsapp_omni_conversation_id
        if not conversation:
            event._finish(
                "ignored", self.env._("A reaction of somebody who never wrote.")
            )
            return
        self._show_customer_reaction(line, customer, value)
        conversation._lock()
        former = conversation.window_end
        conversation._count_for_window([value])
        if conversation.window_end != former:
            conversation._push()
            conversation._deliver_parked()

    @api.model
    def _deliver(self, line, letters):
        """Create the messages of ``letters``, pairs of a value and its conversation."""
        received = [value for value, _conversation in letters]
        unrouted = dict.fromkeys(c for _v, c in letters if c._is_unrouted())
        translated = self._in_language_of(line.company_id, received)
        mails = self._store_letters(line, translated, letters)
        self._advance_conversations(translated, letters)
        agents = self.env["res.users"].union(*(c._participants() for _v, c in letters))
        on_the_move = agents._whatsapp_omni_with_push_device()
        for mail, (_value, conversation) in zip(mails, letters, strict=True):
            owner = conversation._participants() & on_the_move
            conversation.channel_id._whatsapp_omni_show(mail, owner)
        for _value, conversation in letters:
            conversation._heed_answer()
        for conversation in unrouted:
            conversation._route_letters([v for v, c in letters if c == conversation])
        if any(conversation.state == "new" for _value, conversation in letters):
            # Whoever gave them out just now has left them to this message.
            self.env["whatsapp_omni.conversation"]._ask_distribution()

    @api.model
    def _store_letters(self, line, translated, letters):
        """Put letters into the transcripts; return their ``mail.message`` records."""
        quoted = self._find_quoted(line, [value for value, _conversation in letters])
        mails = self._create_mails(
            [
                {
                    # The lock has shown the contact, should an agent have just
                    # identified the customer.
                    **conversation.customer_id._author_values(conversation.partner_id),
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
        return mails

    @api.model
    def _in_language_of(self, company, received):
        """Return ``self`` ready to show these values; a plain text needs no words."""
        if all(value.kind == "text" for value in received):
            return self
        return self.with_context(lang=company.partner_id.lang)

    @api.model
    def _create_mails(self, vals_list):
        """Create messages in channels without all that ``message_post`` would do.

        A customer's text mentions nobody, has no followers and needs no e-mail; above
        all, ``message_post`` writes the channel's row, for which agents who answer at
        the same moment would have to wait and retry.
        """
        common = {
            "model": "discuss.channel",
            "subtype_id": self.env["ir.model.data"]._xmlid_to_res_id("mail.mt_comment"),
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
        answered = waiting = self.env["whatsapp_omni.conversation"]
        for conversation, received in by_conversation.items():
            if conversation.waiting_count:
                waiting |= conversation
            conversation._count_for_window(received)
            # Whatever it is older than, nobody has seen it yet: it waits.
            news = {
                "waiting_count": conversation.waiting_count + len(received),
                "waiting_since": conversation.waiting_since
                or journal.naive_utc(received[0].time),
                **conversation._end_silence(),
                **translated._note_last(conversation, received),
            }
            if answer := conversation._answer_values(
                journal.naive_utc(received[0].time)
            ):
                answered |= conversation
            conversation.write(news | answer)
            conversation._come_back_from_parking()
        # One more message of who waits anyway: all else on their card was told then.
        more = waiting - answered
        more._push_news()
        (self.env["whatsapp_omni.conversation"].union(*by_conversation) - more)._push()
        for conversation in answered:
            conversation._tell_answered()

    @api.model
    def _note_last(self, conversation, received):
        """Return what the list shows last: not what came late and is older."""
        newest = max(received, key=lambda value: value.time)
        moment = journal.naive_utc(newest.time)
        if conversation.last_message_at and moment < conversation.last_message_at:
            return {}
        # Before it is cut: half a number is not recognised.
        text = conversation._mask(self._words_of(newest))
        return {
            "last_message_at": moment,
            "last_text": text and self._one_line(text),
            "last_kind": newest.kind,
            "last_direction": "inbound",
        }

    @api.model
    def _find_quoted(self, line, received):
        """Return the message that each of these quotes, as a dict by WhatsApp id."""
        contexts = {value.id: value.context for value in received if value.context}
        keys = {
            wa_id: [key for key in (c.gs_id, c.wa_id, c.wamid) if key]
            for wa_id, c in contexts.items()
        }
        by_key = self._find_by_keys(line, sum(keys.values(), []))
        return {
            wa_id: next(by_key[key] for key in candidates if key in by_key)
            for wa_id, candidates in keys.items()
            if by_key.keys() & candidates
        }

    @api.model
    def _find_by_keys(self, line, keys):
        """Return the messages that have these ids, of GupShup or WhatsApp, by id."""
        if not keys:
            return {}
        # Two questions: each has an index that answers it at once.
        ours = self.search(
            Domain("direction", "=", "outbound")
            & Domain("line_id", "=", line.id)
            & (Domain("gs_id", "in", keys) | Domain("wa_id", "in", keys))
        )
        theirs = self.search(
            Domain("direction", "=", "inbound")
            & Domain("line_id", "=", line.id)
            & Domain("wa_id", "in", keys)
        )
        by_key = {message.wa_id: message for message in ours | theirs if message.wa_id}
        by_key.update({message.gs_id: message for message in ours if message.gs_id})
        return by_key

    @api.model
    def _show_customer_reaction(self, line, customer, value):
        reaction = value.content
        keys = [key for key in (reaction.gs_id, reaction.wa_id) if key]
        by_key = self._find_by_keys(line, keys)
        target = next((by_key[key] for key in keys if key in by_key), self.browse())
        if target.mail_message_id and target.customer_id == customer:
            target.mail_message_id._whatsapp_omni_show_reaction(
                customer, reaction.emoji
            )
