# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from odoo.addons.mail.tools.discuss import Store

from ..tools.arguments import is_id, is_text, takes
from .customer_dialling import WHO


class WhatsAppConversation(models.Model):
    """What the dialogs of approved templates and new conversations offer."""

    _inherit = "whatsapp_omni.conversation"

    def _to_store_defaults(self, target):
        """Override: whether the customer's answer is waited for, and what is parked."""
        return super()._to_store_defaults(target) + [
            "is_outgoing",
            "parked_count",
            Store.Attr("awaits_answer", lambda c: c._awaits_answer()),
            Store.Attr("parked_replies", lambda c: c._parked_data()),
        ]

    # === TEMPLATES === #

    def get_templates(self):
        """Return the approved templates that may be sent in this conversation.

        :return: see ``whatsapp_omni.approved.template._describe``
        :rtype: list[dict]
        """
        self.ensure_one()
        self.check_access("read")
        # sudo: whatsapp_omni.conversation - who reads it may know its customer
        conversation = self.sudo()
        return self._offered_templates(
            conversation.queue_id,
            conversation.line_id,
            conversation._template_context(),
        )

    @api.model
    @takes(queue_id=is_id, line_id=is_id, who=WHO)
    def get_start_templates(self, queue_id, line_id, who=None):
        """Return the approved templates for a conversation to be started.

        :param dict who: ``{"partner_id"}`` or ``{"customer_id"}``, whose values are
            proposed
        """
        queue = self._check_agent_of(queue_id)
        # sudo: whatsapp_omni.line - one that the queue uses
        line = self.env["whatsapp_omni.line"].sudo().browse(line_id)
        if not line.exists() or not line._is_used_by(queue):
            return []
        context = self._start_context(queue, who or {})
        return self._offered_templates(queue, line, context)

    @api.model
    def _start_context(self, queue, who):
        """Return whose values are proposed, see ``approved.template._fill``."""
        partner = self.env["res.partner"].browse(who.get("partner_id") or [])
        customer = self.env["whatsapp_omni.customer"].browse(
            who.get("customer_id") or []
        )
        partner.check_access("read")
        customer.check_access("read")
        return {
            # sudo: res.partner, whatsapp_omni.customer - read above by the user
            "partner": partner.sudo() or customer.sudo().partner_id,
            "customer": customer.sudo(),
            "user": self.env.user,
            "queue": queue,
        }

    @api.model
    def _offered_templates(self, queue, line, context):
        # sudo: whatsapp_omni.approved.template - only what the queue is offered
        Template = self.env["whatsapp_omni.approved.template"].sudo()
        offered = Template.search(Template._visible_to(queue, line))
        return [template._describe(context) for template in offered]

    # === NEW CONVERSATION === #

    @api.model
    def get_start_options(self):
        """Return from where the user may start conversations.

        :return: ``{"queues": [{"id", "name", "lines": [{"id", "name"}]}], "countries":
            [{"id", "name", "phone_code"}], "country_id", "can_create_contact"}``
        :rtype: dict
        """
        queues = []
        # sudo: whatsapp_omni.queue, whatsapp_omni.line - filtered by user and company
        for queue in (
            self.env["whatsapp_omni.queue"]
            .sudo()
            .search(
                Domain("agent_ids", "in", self.env.uid)
                & Domain("company_id", "in", self.env.companies.ids)
            )
        ):
            lines = queue._lines_to_write_from()
            if lines:
                queues.append(
                    {
                        "id": queue.id,
                        "name": queue.name,
                        "lines": [{"id": line.id, "name": line.name} for line in lines],
                    }
                )
        countries = self.env["res.country"].search([("phone_code", "!=", 0)])
        return {
            "queues": queues,
            "countries": [
                {"id": c.id, "name": c.name, "phone_code": c.phone_code}
                for c in countries
            ],
            "country_id": self.env.company.country_id.id,
            "can_create_contact": self.env["res.partner"].has_access("create"),
        }

    @api.model
    @takes(model=is_text, ids=[is_id])
    def get_start_people(self, model, ids):
        """Return whom records are about, for a conversation with each.

        :param str model: contacts, or anything that has a contact or a phone number,
            such as leads
        :return: ``[{"partner_id", "customer_id", "name", "number", "detail"}]``
        :rtype: list[dict]
        :raises UserError: when there are no such records
        """
        if model not in self.env:
            raise UserError(self.env._("There is nobody to write to in these records."))
        records = self.env[model].browse(ids).exists()
        records.check_access("read")
        return [self._person_of(record) for record in records]

    @api.model
    def _person_of(self, record):
        if record._name == "res.partner":
            return record._whatsapp_omni_person()
        partner = record["partner_id"] if "partner_id" in record._fields else None
        number = record["phone"] if "phone" in record._fields else ""
        if partner and (partner.phone or not number):
            return {**partner._whatsapp_omni_person(), "name": record.display_name}
        country = record["country_id"] if "country_id" in record._fields else None
        return {
            "partner_id": False,
            "customer_id": False,
            "name": record.display_name,
            "number": number or "",
            "country_id": country.id if country else False,
            "detail": "",
        }


class WhatsAppQueue(models.Model):
    _inherit = "whatsapp_omni.queue"

    def _lines_to_write_from(self):
        """Return the lines from which agents of this queue write."""
        self.ensure_one()
        lines = self.env["whatsapp_omni.line"].search(
            Domain("company_id", "=", self.company_id.id)
        )
        return lines.filtered(lambda line: line._is_used_by(self))


class WhatsAppApprovedTemplate(models.Model):
    _inherit = "whatsapp_omni.approved.template"

    def _describe(self, context):
        """Return what a dialog needs to show, fill in and send this template.

        :param dict context: see :meth:`_fill`
        :return: ``{"id", "name", "language", "category", "header_kind", "header",
            "body", "footer", "buttons": [{"kind", "text"}], "parameters": [{"place",
            "name", "label", "source", "sample", "value"}], "file": {"id", "name",
            "url"} | False}``
        :rtype: dict
        """
        self.ensure_one()
        proposals = self._fill({**context, "is_preview": True})
        return {
            "id": self.id,
            "name": self.name,
            "language": self.language,
            "category": self.category,
            "header_kind": self.header_kind or False,
            "header": self.header or "",
            "body": self.body or "",
            "footer": self.footer or "",
            "buttons": [
                {"kind": button.kind, "text": button.text or ""}
                for button in self._ordered_buttons()
            ],
            "parameters": [
                {**parameter, "value": value}
                for parameter, value in zip(self._parameters(), proposals, strict=True)
            ],
            "file": self._describe_file(),
        }

    def _describe_file(self):
        """Return what goes above the text unless the agent chooses another file."""
        if self.header_attachment_id:
            attachment = self.header_attachment_id
            return {
                "id": attachment.id,
                "name": attachment.name,
                "url": f"/web/content/{attachment.id}",
            }
        if self.media_url:
            copy = self._sample_copy()
            url = f"/web/content/{copy.id}" if copy else self.media_url
            return {"id": False, "name": "", "url": url}
        return False
