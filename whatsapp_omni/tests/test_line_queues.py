# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import Command
from odoo.tests import tagged

from .test_routing import RoutingCommon


@tagged("post_install", "-at_install")
class TestLineQueues(RoutingCommon):
    """Agents work with the lines whose conversations may come to their queues."""

    def test_direct_line_is_used_by_its_queue(self):
        self.assertEqual(self.line.used_by_queue_ids, self.queue)
        self.line.queue_id = self.queue2
        self.assertEqual(self.line.used_by_queue_ids, self.queue2)

    def test_line_is_used_wherever_its_menus_lead(self):
        inner = self.make_menu("Inner", ("Sales", self.queue2))
        menu = self.make_menu("Main", ("More", inner))
        self.line.write({"destination": "menu", "menu_id": menu.id})
        both = self.queue | self.queue2
        self.assertEqual(self.line.used_by_queue_ids, both)

        third = self.make_queue("Third", self.agent)
        inner.option_ids = [Command.create(self.option_values("Third", third))]
        self.assertEqual(self.line.used_by_queue_ids, both | third)
        inner.option_ids.filtered(lambda o: o.title == "Third").unlink()
        self.assertEqual(self.line.used_by_queue_ids, both)
        inner.option_ids.queue_id = third
        self.assertEqual(self.line.used_by_queue_ids, self.queue | third)
        self.line.destination = "direct"
        self.assertEqual(self.line.used_by_queue_ids, self.queue)

    def test_agents_see_the_templates_of_the_lines_that_they_use(self):
        template = self.env["whatsapp_omni.approved.template"].create(
            {"line_id": self.line.id, "name": "hello", "language": "es", "body": "Hola"}
        )
        newcomer = self._create_user("newcomer", "Newcomer", "group_agent")
        self.queue2.agent_ids = newcomer
        Template = self.env["whatsapp_omni.approved.template"].with_user(newcomer)
        self.assertFalse(Template.search([("id", "=", template.id)]))
        menu = self.make_menu("Main", ("Sales", self.queue2))
        self.line.write({"destination": "menu", "menu_id": menu.id})
        self.env.flush_all()  # rights ask the database
        self.assertEqual(Template.search([("id", "=", template.id)]), template)
