# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import Command
from odoo.tests import HttpCase, tagged

from ..models.message_sending import no_commit
from .common import WhatsAppOmniCommon


@tagged("post_install", "-at_install")
class TestDesk(WhatsAppOmniCommon, HttpCase):
    """The agent's desk in a browser."""

    def setUp(self):
        super().setUp()
        # In a browser's test every notification runs the hooks of a commit, so that
        # the mark by which a request sends the outbox after its answer gets lost.
        self.patch(
            self.registry["whatsapp_omni.message"],
            "_wake_outbox",
            lambda messages: messages.sudo()._send_round(no_commit),
        )

    def test_first_conversation(self):
        """A customer writes; an agent sees, reads, takes, answers and closes it."""
        self.start_tour(
            "/odoo/whatsapp", "whatsapp_omni.first_conversation", login="wa_agent"
        )
        conversation = self.env["whatsapp_omni.conversation"].search(
            [("line_id", "=", self.line.id)]
        )
        self.assertEqual(conversation.state, "closed")
        self.assertEqual(conversation.user_id, self.agent)
        self.assertEqual(conversation.disposition_id, self.disposition)
        self.assertFalse(conversation.channel_id.channel_member_ids)
        self.assertEqual(
            [sent["text"] for sent in self.provider_double.sent], ["Sí, hasta las 20"]
        )

    def test_targets(self):
        """Answering, going on, transferring: as few clicks and keys as promised."""
        own = self.capture(self.write_in())
        self.write_in(phone="34600333444", name="Pepe")
        self.env.cr.precommit.run()
        self.env["bus.bus"].sudo().search([]).unlink()
        self.start_tour(
            f"/odoo/whatsapp/{own.id}", "whatsapp_omni.targets", login="wa_agent"
        )
        self.assertEqual(own.transfer_ids.to_user_id, self.agent2)

    def test_closed_conversation_by_its_address(self):
        """Its agent can come back to what is closed, by its address."""
        conversation = self.capture(self.write_in())
        conversation.action_close(self.disposition.id)
        # A browser without a past is told again what happened in the last minute.
        self.env.cr.precommit.run()
        self.env["bus.bus"].sudo().search([]).unlink()
        self.start_tour(
            f"/odoo/whatsapp/{conversation.id}",
            "whatsapp_omni.opened_by_address",
            login="wa_agent",
        )

    def test_quick_reply(self):
        """An agent sends a quick reply by its shortcut, with three keys."""
        Template = self.env["whatsapp_omni.message.template"]
        common = {"queue_ids": self.queue.ids}
        hours, shipping = Template.create(
            [
                {
                    "name": "Opening hours",
                    "shortcut": "hours",
                    "body": "We open at 9, {{customer.first_name}}",
                    **common,
                },
                {
                    "name": "How to receive it",
                    "shortcut": "shipping",
                    "kind": "quick_reply",
                    "body": "How would you like to receive it?",
                    "option_ids": [Command.create({"title": "At home"})],
                    **common,
                },
            ]
        )
        conversation = self.capture(self.write_in())
        self.env.cr.precommit.run()
        self.env["bus.bus"].sudo().search([]).unlink()
        self.start_tour(
            f"/odoo/whatsapp/{conversation.id}",
            "whatsapp_omni.quick_reply",
            login="wa_agent",
        )
        text, question = self.provider_double.sent
        self.assertEqual(text["text"], "We open at 9, Lucía")
        self.assertEqual(question["options"][0]["title"], "At home")
        self.assertEqual((hours.use_count, shipping.use_count), (1, 1))
        self.assertFalse(conversation.waiting_count)
