# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import Command
from odoo.tests import HttpCase, tagged

from .common import WhatsAppOmniCommon


@tagged("post_install", "-at_install")
class TestDeskIdentify(WhatsAppOmniCommon, HttpCase):
    """Who the customer is, said and corrected in a browser."""

    def setUp(self):
        super().setUp()
        manager = self.env.ref("base.group_partner_manager")
        self.agent.group_ids = [Command.link(manager.id)]

    def tour(self, name, conversation):
        self.env.cr.precommit.run()
        self.env["bus.bus"].sudo().search([]).unlink()
        self.start_tour(
            f"/odoo/whatsapp/{conversation.id}",
            f"whatsapp_omni.{name}",
            login="wa_agent",
        )

    def test_identify_and_edit(self):
        """A known number takes one click, is undone and done again, then edited."""
        partner = self.env["res.partner"].create(
            {"name": "Lucía Gómez", "phone": "600 11 12 22", "city": "Madrid"}
        )
        conversation = self.capture(self.write_in())
        self.tour("identify_and_edit", conversation)
        self.assertEqual(conversation.customer_id.partner_id, partner)
        mail = conversation.sudo().message_ids.mail_message_id
        self.assertEqual(mail.author_id, partner)
        self.assertEqual(
            (partner.name, partner.email), ("Lucía G. Ruiz", "l@example.com")
        )

    def test_create_a_contact(self):
        """What WhatsApp knows is filled in; the agent saves it."""
        self.env["res.lang"]._activate_lang("es_ES")
        conversation = self.capture(self.write_in())
        self.tour("create_contact", conversation)
        partner = conversation.sudo().partner_id
        self.assertEqual(partner.name, "Lucía")
        self.assertEqual(partner.phone, "+34 600 11 12 22")
        self.assertEqual(partner.country_id, self.env.ref("base.es"))
        self.assertEqual(partner.lang, "es_ES")
        self.assertEqual(partner.company_id, self.company)
