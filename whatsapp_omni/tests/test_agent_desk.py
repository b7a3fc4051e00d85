# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from odoo.addons.mail.tools.discuss import Store

from .common import WhatsAppOmniCommon


@tagged("post_install", "-at_install")
class TestAgentDesk(WhatsAppOmniCommon):
    """What each page of an agent is told at its start, and supervisors read later."""

    def start_page(self, user):
        """Return what a page of the user loads at its start, as the browser gets it."""
        store = Store()
        self.env["whatsapp_omni.agent"].with_user(user)._add_agent(store)
        return store.get_result()

    def make_offer(self, user, seconds):
        """Have a conversation ring at the user for so many seconds."""
        conversation = self.make_conversation()
        conversation.write(
            {
                "state": "offered",
                "offered_to_id": user.id,
                "offered_until": fields.Datetime.now() + timedelta(seconds=seconds),
            }
        )
        return conversation

    def test_page_is_told_what_rings_at_its_agent_and_how_long(self):
        """A page that is loaded while it rings shows the offer with the time left."""
        conversation = self.make_offer(self.agent, 20)
        result = self.start_page(self.agent)
        [offer] = result["Store"]["whatsapp_omni_agent"]["offers"]
        self.assertEqual(offer["conversation_id"], conversation.id)
        self.assertAlmostEqual(offer["seconds"], 20, delta=2)
        [card] = result["whatsapp_omni.conversation"]
        self.assertEqual((card["id"], card["name"]), (conversation.id, "Lucía"))

    def test_what_rings_at_a_colleague_is_not_told(self):
        """It rings at one agent only, though the other sees the queue as well."""
        self.make_offer(self.agent, 20)
        result = self.start_page(self.agent2)
        self.assertEqual(result["Store"]["whatsapp_omni_agent"]["offers"], [])
        self.assertNotIn("whatsapp_omni.conversation", result)

    def test_time_that_is_over_is_no_time(self):
        """An offer that nobody has settled yet has no seconds left, not less."""
        self.make_offer(self.agent, -30)
        result = self.start_page(self.agent)
        [offer] = result["Store"]["whatsapp_omni_agent"]["offers"]
        self.assertEqual(offer["seconds"], 0)

    def test_who_attends_no_queue_has_no_state_to_show(self):
        """An administrator may be an agent by right, and attend nobody."""
        for user, has_queue in ((self.agent, True), (self.supervisor, False)):
            told = self.start_page(user)["Store"]["whatsapp_omni_agent"]
            self.assertEqual(told["has_queue"], has_queue, user.name)

    def test_why_somebody_was_chosen_can_be_read(self):
        """The names, what they had, and why others were left out, one in each line."""
        assignment = self.env["whatsapp_omni.assignment"].create(
            {
                "conversation_id": self.make_conversation().id,
                "user_id": self.agent.id,
                "candidates": [
                    {
                        "name": "Ana",
                        "load": 1.0,
                        "capacity": 5,
                        "idle_seconds": 190,
                        "skills": {"English": 4},
                    },
                    {"name": "Luis", "load": 2.5, "capacity": 0, "idle_seconds": None},
                ],
                "skipped": [{"name": "Eva", "why": "paused", "text": "paused: Lunch"}],
            }
        )
        self.assertEqual(
            assignment.candidates_text,
            "Ana: 1 of 5, idle for 3 min, English 4\nLuis: 2.5 open",
        )
        self.assertEqual(assignment.skipped_text, "Eva: paused: Lunch")
