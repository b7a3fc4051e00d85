# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from odoo import api, fields, models
from odoo.fields import Domain

from odoo.addons.mail.tools.discuss import Store

from ..tools import phone
from ..tools.arguments import is_id, takes

#: How many earlier conversations, and how many files, are shown at first and each time.
PREVIOUS_LIMIT = 10
FILES_LIMIT = 24

#: How many other numbers of a contact are shown.
NUMBERS_LIMIT = 5


def _now(zone):
    return datetime.now(UTC).astimezone(ZoneInfo(zone)).utcoffset()


class WhatsAppConversation(models.Model):
    """What the side panel tells beside the conversation itself."""

    _inherit = "whatsapp_omni.conversation"

    def _to_store_defaults(self, target):
        return super()._to_store_defaults(target) + [
            Store.Attr("is_identified", lambda c: bool(c.customer_id.partner_id)),
        ]

    # === CUSTOMER === #

    def _panel_customer(self, user):
        customer = self.customer_id
        partner = customer.partner_id.with_user(user).sudo(False)
        is_readable = bool(partner) and partner.has_access("read")
        return {
            "id": customer.id,
            "name": customer.name,
            "profile_name": customer.profile_name,
            "number": customer.number_display,
            "has_number": bool(customer.wa_id),
            "opted_out": customer.opted_out,
            "opt_out_at": fields.Datetime.to_string(customer.opt_out_at),
            "local_time": customer._local_time(),
            "is_identified": bool(partner),
            "partner": is_readable
            and {
                "id": partner.id,
                "name": partner.name,
                "email": partner.email,
                "phone": partner.whatsapp_omni_phone,
                "company": partner.parent_id.name,
                "numbers": customer.with_user(user).sudo(False)._other_numbers(),
                "view_id": customer._contact_view().id,
            },
        }

    # === RECORDS === #

    def get_panel_records(self):
        """Return the contact's records of other apps, as far as the user may see them.

        :return: ``{"kinds": [{"model", "name", "icon", "domain", "count"}]}``
        :rtype: dict
        """
        self.ensure_one()
        self.check_access("read")
        # sudo: whatsapp_omni.customer - the contact's own rules decide below
        partner = self.sudo().partner_id.with_env(self.env)
        if not partner or not partner.has_access("read"):
            return {"kinds": []}
        return {"kinds": partner._whatsapp_omni_count_records()}

    # === EARLIER CONVERSATIONS === #

    @takes(before_id=is_id)
    def get_previous(self, before_id=False):
        """Return the person's other conversations that the user may see.

        On every line, of every number of the contact, as in :meth:`get_records`.

        :param before_id: the last one that is shown already
        :return: ``{"conversations": [{"id", "opened_at", "closed_at", "disposition",
            "note", "agent", "queue", "channel_id", "may_correct",
            "number" (another one of theirs)}], "has_more"}``
        :rtype: dict
        """
        self.ensure_one()
        self.check_access("read")
        return self._previous_page(before_id)

    def _panel_previous(self):
        page = self._previous_page()
        return {
            "previous": page["conversations"],
            "has_more_previous": page["has_more"],
        }

    def _previous_page(self, before_id=False):
        domain = self._domain_others()
        if before_id:
            domain &= Domain("id", "<", before_id)
        found = self.search(domain, order="id desc", limit=PREVIOUS_LIMIT + 1)
        shown = found[:PREVIOUS_LIMIT]
        return {
            "conversations": [
                {
                    **conversation._describe_past(),
                    "may_correct": conversation._may_correct(),
                    "number": conversation._number_beside(self),
                }
                for conversation in shown
            ],
            "has_more": len(found) > PREVIOUS_LIMIT,
        }

    def _describe_past(self):
        # sudo: whatsapp_omni.conversation - who reads it may know these
        conversation = self.sudo()
        return {
            "id": conversation.id,
            "opened_at": fields.Datetime.to_string(conversation.opened_at),
            "closed_at": fields.Datetime.to_string(conversation.closed_at),
            "disposition": conversation.disposition_id.display_name,
            "note": conversation.disposition_note,
            "agent": conversation.user_id.name,
            "queue": conversation.queue_id.name,
            "channel_id": conversation.channel_id.id,
        }

    def _number_beside(self, other):
        """Return the customer's number where it is not that of ``other``."""
        # sudo: whatsapp_omni.customer - it is hidden from whom it must be
        customer = self.sudo().customer_id
        return customer != other.sudo().customer_id and customer.number_display

    def get_first_message(self):
        """Return the id of the ``mail.message`` that this conversation began with.

        :rtype: int | bool
        """
        self.ensure_one()
        self.check_access("read")
        # sudo: whatsapp_omni.message - an id tells nothing
        Message = self.env["whatsapp_omni.message"].sudo()
        first = Message.search(
            Domain("conversation_id", "=", self.id), order="id", limit=1
        )
        return first.mail_message_id.id

    # === FILES === #

    @takes(before_id=is_id)
    def get_files(self, before_id=False):
        """Return the files that were exchanged with the customer on this line.

        Of all their conversations, the newest first. Those of private notes are among
        them, for colleagues look for them here, but told apart.

        :param before_id: the last one that is shown already
        :return: ``{"store_data", "ids", "note_ids" (of them in notes), "has_more"}``
        :rtype: dict
        """
        self.ensure_one()
        self.check_access("read")
        channel = self.channel_id
        channel.check_access("read")
        domain = Domain("res_model", "=", channel._name) & Domain(
            "res_id", "=", channel.id
        )
        if before_id:
            domain &= Domain("id", "<", before_id)
        # sudo: ir.attachment - who reads the transcript may read its files
        found = (
            self.env["ir.attachment"]
            .sudo()
            .search(domain, order="id desc", limit=FILES_LIMIT + 1)
        )
        shown = found[:FILES_LIMIT]
        return {
            "store_data": Store().add(shown).get_result(),
            "ids": shown.ids,
            "note_ids": (shown & self._files_of_notes(shown)).ids,
            "has_more": len(found) > FILES_LIMIT,
        }

    @api.model
    def _files_of_notes(self, files):
        """Return the files of the private notes that some of these files stand in."""
        # sudo: mail.message - of a transcript that the user may read
        Message = self.env["mail.message"].sudo()
        messages = Message.search([("attachment_ids", "in", files.ids)])
        notes = messages.filtered(lambda message: message._whatsapp_omni_is_note())
        return notes.attachment_ids


class WhatsAppCustomer(models.Model):
    _inherit = "whatsapp_omni.customer"

    def _other_numbers(self):
        """Return the other numbers of the contact's that the user may see."""
        others = self.search(
            Domain("partner_id", "=", self.sudo().partner_id.id)
            & Domain("id", "!=", self.id),
            limit=NUMBERS_LIMIT,
        )
        return [other.number_display for other in others if other.number_display]

    @api.model
    def _contact_view(self):
        """Return the form in which agents edit a contact beside a conversation.

        Another one where numbers are hidden: what a form has, the browser gets.
        """
        hidden = "_hidden" if self._are_numbers_hidden() else ""
        return self.env.ref(f"whatsapp_omni.res_partner_view_panel{hidden}")

    def _local_time(self):
        """Return where the customer's clock may stand.

        A contact's time zone counts unless the number contradicts it: Odoo gives new
        contacts the one of whoever created them.

        :return: ``{"zones", "is_sure"}``; of each offset one zone, the earliest first;
            empty when nothing is known
        :rtype: dict
        """
        by_number = self._zone_of_each_offset(
            phone.time_zones(self.wa_id) if self.wa_id else []
        )
        zone = self.partner_id.tz
        if zone and (not by_number or _now(zone) in map(_now, by_number)):
            return {"zones": [zone], "is_sure": True}
        return {"zones": by_number, "is_sure": len(by_number) == 1 and not zone}

    @api.model
    def _zone_of_each_offset(self, zones):
        by_offset = {_now(zone): zone for zone in reversed(zones)}
        return [zone for _offset, zone in sorted(by_offset.items())]
