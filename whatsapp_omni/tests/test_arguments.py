# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What people get who hand anything at all to a public method, over RPC."""

from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import WhatsAppOmniCommon

#: Nothing of the kind, whatever the kind.
NONSENSE = ("\0", 1.5, True, [[3]], [{}], {"a": 1})
NO_ID = ("7", -1, *NONSENSE)
NO_NUMBER = (None, *NO_ID)
NO_LIST = (5, None, *NONSENSE[:3])

LATER = "2090-01-01 10:00:00"


@tagged("post_install", "-at_install")
class TestArguments(WhatsAppOmniCommon):
    def setUp(self):
        super().setUp()
        self.mine = self.capture(self.make_conversation())
        self.template = self.make_template()

    def assert_refused(self, method, values, *args, **kwargs):
        """Every one of these values, as last argument or by its name, is refused."""
        for value in values:
            with (
                self.subTest(method=method.__name__, value=value, **kwargs),
                self.assertRaises(UserError),
            ):
                if kwargs:
                    method(**{name: v or value for name, v in kwargs.items()})
                else:
                    method(*args, value)

    def test_a_transfer_is_of_one_of_two_kinds(self):
        for kind in ("rude", "", None, False, 5, []):
            with self.subTest(kind=kind), self.assertRaises(UserError):
                self.mine.action_transfer(queue_id=self.queue2.id, kind=kind)
        self.assertEqual(self.mine.state, "attended")

    def test_what_is_no_id(self):
        mine, env = self.mine, self.mine.env
        Conversation = env["whatsapp_omni.conversation"]
        Template = env["whatsapp_omni.message.template"]
        Customer = env["whatsapp_omni.customer"]
        customer = Customer.browse(mine.sudo().customer_id.id)
        channel_id = mine.sudo().channel_id.id
        supervised = mine.with_user(self.supervisor)
        for name in ("user_id", "queue_id"):
            self.assert_refused(mine.action_transfer, NO_ID, **{name: None})
            self.assert_refused(mine.action_invite, NO_ID, **{name: None})
        self.assert_refused(supervised.action_take_over, NO_ID)
        self.assert_refused(mine.get_previous, NO_ID)
        self.assert_refused(mine.get_files, NO_ID)
        self.assert_refused(mine.action_close, NO_ID)
        self.assert_refused(mine.action_send_template, NO_ID)
        self.assert_refused(Conversation.get_start_templates, NO_ID, self.queue.id)
        who = {"number": "+34600999888"}
        self.assert_refused(
            Conversation.action_start,
            NO_ID,
            queue_id=self.queue.id,
            template_id=None,
            who=who,
        )
        self.assert_refused(Customer.search_people, NO_ID, "Lucía")
        self.assert_refused(Customer.check_number, NO_ID, "600111222")
        self.assert_refused(customer.action_identify, NO_ID)
        self.assert_refused(Template.get_quick_replies, NO_ID)
        self.assert_refused(Template.send_quick_reply, NO_ID, channel_id)
        self.assert_refused(env["whatsapp_omni.agent"].set_state, NO_ID, "paused")

    def test_what_is_no_text(self):
        mine, env = self.mine, self.mine.env
        Customer = env["whatsapp_omni.customer"]
        customer = Customer.browse(mine.sudo().customer_id.id)
        queue_id, colleague_id = self.queue2.id, self.agent2.id
        self.assert_refused(mine.action_transfer, NONSENSE, queue_id=queue_id, note="")
        self.assert_refused(mine.action_invite, NONSENSE, user_id=colleague_id, note="")
        self.assert_refused(mine.action_close, NONSENSE, self.disposition.id)
        self.assert_refused(mine.action_put_aside, NONSENSE)
        self.assert_refused(mine.action_park, NONSENSE)
        self.assert_refused(mine.action_schedule, NONSENSE, "Hola")
        self.assert_refused(mine.action_schedule, NONSENSE, body="", send_at=LATER)
        self.assert_refused(mine.action_send_built, NONSENSE, "list", {})
        self.assert_refused(mine.search_own_messages, NONSENSE)
        self.assert_refused(mine.find_by_number, NONSENSE)
        self.assert_refused(Customer.check_number, NONSENSE)
        self.assert_refused(customer.search_contacts, NONSENSE)
        self.assert_refused(env["whatsapp_omni.agent"].set_state, NONSENSE)

    def test_what_is_no_list_or_holds_something_else(self):
        mine, env = self.mine, self.mine.env
        Agent = env["whatsapp_omni.agent"]
        people = env["whatsapp_omni.conversation"].get_start_people
        self.assert_refused(mine.action_set_tags, NO_LIST)
        self.assert_refused(mine.action_set_tags, [[value] for value in NO_ID])
        self.assert_refused(mine.action_park, NO_LIST, "Hola")
        self.assert_refused(people, NO_LIST, "res.partner")
        self.assert_refused(people, [[value] for value in NO_ID], "res.partner")
        self.assert_refused(mine.action_send_template, NO_LIST, self.template.id)
        self.assert_refused(Agent.hand_over, NO_LIST)
        self.assert_refused(Agent.hand_over, [[value] for value in NONSENSE])
        self.assert_refused(Agent.hand_over, [[{"conversation_id": "7"}]])
        (told,) = Agent.hand_over([{"conversation_id": mine.id}])
        self.assertIn("choose a colleague", told["error"])

    def test_what_names_nothing(self):
        mine = self.mine
        start = mine.env["whatsapp_omni.conversation"].action_start
        template = (self.queue.id, self.template.id)
        no_dict = (5, "a", True, [1])
        for name in ("values", "follow_up"):
            for value in no_dict:
                with self.subTest(name=name, value=value), self.assertRaises(UserError):
                    mine.action_close(self.disposition.id, **{name: value})
        self.assert_refused(start, no_dict, *template)
        for name in ("customer_id", "partner_id", "country_id", "number"):
            who = [{"number": "600999888", name: value} for value in NONSENSE]
            self.assert_refused(start, who, *template)

    def test_pages_of_lists(self):
        self.assert_refused(self.mine.get_records, NO_NUMBER)
        self.assert_refused(self.mine.get_records, NO_NUMBER, 0)
