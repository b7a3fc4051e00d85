# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.tests import HttpCase, tagged

from ..models.message_sending import no_commit
from .test_outgoing import OutgoingCommon


@tagged("post_install", "-at_install")
class TestDeskOutgoing(OutgoingCommon, HttpCase):
    """Templates, new conversations and parked replies in a browser."""

    def setUp(self):
        super().setUp()
        # See TestDesk: the mark of a request gets lost in a browser's test.
        self.patch(
            self.registry["whatsapp_omni.message"],
            "_wake_outbox",
            lambda messages: messages.sudo()._send_round(no_commit),
        )

    def tour(self, name, conversation=None, address="/odoo/whatsapp", **kwargs):
        if conversation:
            address = f"{address}/{conversation.id}"
        self.env.cr.precommit.run()
        self.env["bus.bus"].sudo().search([]).unlink()
        self.start_tour(address, f"whatsapp_omni.{name}", login="wa_agent", **kwargs)

    def test_restart_with_a_parked_reply(self):
        """It is parked, changed, asked for with a template, and leaves by itself."""
        conversation = self.expired()
        self.make_template("other", body="Otra cosa")
        self.tour("restart_with_parked_reply", conversation)
        template, text = self.provider_double.forms
        self.assertIn("again", template["template"])
        self.assertIn("Su pedido sale mañana", text["message"])
        self.assertEqual(conversation.parked_count, 0)

    def test_restart_in_three_clicks(self):
        """A template without variables takes no more than three clicks."""
        self.make_template("other", body="Otra cosa")
        self.tour("restart_in_three_clicks", self.expired())
        self.assertEqual(len(self.provider_double.forms), 1)

    def test_template_with_values_and_an_image(self):
        """It is searched, filled in, seen beforehand, and sent with its image."""
        template = self.make_template(
            "offer",
            template_type="IMAGE",
            header_kind="image",
            body="Hola {{1}}, oferta: {{2}}",
        )
        template.parameter_ids[0].source = "customer_name"
        self.tour("template_with_image", self.expired())
        (form,) = self.provider_double.forms
        self.assertIn('"Lucía", "20 %"', form["template"].replace('","', '", "'))
        self.assertIn("photo.png", form["message"])

    def test_new_conversation(self):
        """A number is validated and written to; a second time leads to the first."""
        self.company.country_id = self.env.ref("base.us")
        self.make_template("other", body="Otra cosa")
        self.tour("new_conversation")
        conversation = self.Conversation.search([("is_outgoing", "=", True)])
        self.assertEqual(conversation.user_id, self.agent)
        self.assertEqual(conversation.customer_id.wa_id, "34600999888")
        self.assertEqual(len(self.provider_double.forms), 1)

    def test_write_to_a_selection_of_contacts(self):
        """One after the other, each with its own values, and what came of it."""
        template = self.make_template("hello", body="Hola {{1}}")
        template.parameter_ids.source = "contact_name"
        self.env["res.partner"].create(
            [
                {"name": "Tour Uno", "phone": "+34 600 77 76 66"},
                {"name": "Tour Dos"},
            ]
        )
        action = self.env["ir.actions.act_window"].create(
            {
                "name": "Tour contacts",
                "res_model": "res.partner",
                "view_mode": "list",
                "domain": "[('name', 'like', 'Tour ')]",
            }
        )
        self.tour("write_to_a_selection", address=f"/odoo/action-{action.id}")
        (form,) = self.provider_double.forms
        self.assertIn("Tour Uno", form["template"])
