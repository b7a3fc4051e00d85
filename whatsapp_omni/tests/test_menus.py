# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import re

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged

from .test_routing import RoutingCommon


@tagged("post_install", "-at_install")
class TestCheck(RoutingCommon):
    """What cannot work is refused on saving, what probably does not is told."""

    def assertRefused(self, reason, *options, **values):
        with self.assertRaisesRegex(ValidationError, reason), self.env.cr.savepoint():
            self.make_menu("Broken", *options, **values)

    def report(self, menu):
        return menu.action_check()["params"]["message"]

    def test_ten_options_and_no_more(self):
        options = [(f"Option {number}", self.queue) for number in range(11)]
        self.make_menu("Full", *options[:10])
        self.assertRefused("11 options", *options)

    def test_no_options(self):
        self.assertRefused("no options")

    def test_limits(self):
        self.assertRefused(
            "at most 1024", ("Help", self.queue), body="x" * 1025, show_as="list"
        )

    def test_two_options_for_one_answer(self):
        for title in ("AYUDA", "Ayúda", "ayuda "):
            self.assertRefused(
                "two options", ("Ayuda", self.queue), (title, self.queue2)
            )

    def test_a_title_that_is_the_number_of_another(self):
        self.assertRefused("two options", ("2", self.queue), ("Ayuda", self.queue2))

    def test_an_option_that_leads_nowhere(self):
        with self.assertRaisesRegex(ValidationError, "leads nowhere"):
            self.env["whatsapp_omni.menu"].create(
                {
                    "name": "Broken",
                    "body": "?",
                    "option_ids": [Command.create({"title": "Help"})],
                }
            )

    def test_options_may_exchange_their_titles(self):
        menu = self.make_menu("Main", ("Ayuda", self.queue), ("Ventas", self.queue2))
        first, second = menu.option_ids
        menu.option_ids = [
            Command.update(first.id, {"title": "Ventas"}),
            Command.update(second.id, {"title": "Ayuda"}),
        ]
        self.assertEqual(first.title, "Ventas")

    def test_a_loop_without_exit(self):
        one = self.make_menu("One", ("Help", self.queue))
        two = self.make_menu("Two", ("Back to one", one))
        with self.assertRaisesRegex(ValidationError, "round and round"):
            one.option_ids = [
                Command.clear(),
                Command.create(self.option_values("Go to two", two)),
            ]

    def test_a_loop_with_an_exit_is_a_warning(self):
        one = self.make_menu("One", ("Help", self.queue))
        two = self.make_menu("Two", ("Start", one))
        one.option_ids = [Command.create(self.option_values("More", two))]
        self.assertIn("“One” can be reached again", self.report(one))

    def test_unreachable_and_without_agents(self):
        empty = self.make_queue("Nobody", self.env["res.users"])
        menu = self.make_menu("Lonely", ("Help", empty))
        report = self.report(menu)
        self.assertIn("No line leads to “Lonely”", report)
        self.assertIn("“Nobody” has no agents", report)

    def test_all_is_well(self):
        self.use_menus()
        self.assertEqual(self.report(self.main), "Everything leads somewhere.")
        self.assertFalse(self.main.problems_text)

    def test_what_hardly_works_is_saved_and_told(self):
        """It is on the form as soon as the menu is saved, and goes with its cause."""
        empty = self.make_queue("Nobody", self.env["res.users"])
        self.make_menu("Of no concern", ("Help", self.queue))
        menu = self.make_menu("Lonely", ("Help", empty)).with_user(self.administrator)
        self.assertEqual(
            menu.problems_text,
            "The queue “Nobody” has no agents.\nNo line leads to “Lonely”.",
        )
        empty.agent_ids = self.agent
        self.line.write({"destination": "menu", "menu_id": menu.id})
        self.env.invalidate_all()
        self.assertFalse(menu.problems_text)
        self.assertFalse(self.env["whatsapp_omni.menu"].new().problems_text)

    def test_a_line_needs_its_menu(self):
        with self.assertRaisesRegex(ValidationError, "first menu"):
            self.line.destination = "menu"

    def test_queues_in_menus_stay(self):
        self.use_menus()
        with self.assertRaisesRegex(ValidationError, "Ventas"):
            self.queue2.active = False
        with self.assertRaisesRegex(UserError, "Ventas"):
            self.queue2.unlink()

    def test_menus_in_use_stay(self):
        self.use_menus()
        for menu, use in ((self.main, self.line.name), (self.sales, "Inicio")):
            use = re.escape(use)
            with self.assertRaisesRegex(UserError, use):
                menu.unlink()
            with self.assertRaisesRegex(ValidationError, use), self.env.cr.savepoint():
                menu.active = False

    def test_messages_of_menus_stay(self):
        self.use_menus()
        with self.assertRaisesRegex(UserError, "Ventas"):
            self.hours_info.unlink()

    def test_what_belongs_to_another_company_is_refused(self):
        with self.assertRaises(UserError):
            self.make_menu("Mixed", ("Help", self.other_queue))

    def test_only_code_on_conversations_may_answer(self):
        action = self.env["ir.actions.server"].create(
            {
                "name": "Foreign",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "state": "code",
                "code": "action = 'x'",
            }
        )
        self.assertRefused("no server action", ("Balance", action))

    def test_who_may_change_menus(self):
        self.use_menus()
        self.main.with_user(self.administrator).body = "¿Qué desea?"
        for user in (self.supervisor, self.agent):
            with self.assertRaises(AccessError):
                self.main.with_user(user).body = "No"
        with self.assertRaises(AccessError):
            self.main.with_user(self.agent).read(["body"])

    def test_who_may_change_time_groups(self):
        calendar = self.calendar.with_user(self.administrator)
        calendar.name = "Office"
        calendar.global_leave_ids = [
            Command.create(
                {
                    "name": "Holiday",
                    "date_from": "2026-01-01 00:00:00",
                    "date_to": "2026-01-01 23:59:59",
                }
            )
        ]
        calendar.attendance_ids[0].unlink()
        with self.assertRaises(AccessError):
            self.calendar.with_user(self.supervisor).name = "No"


@tagged("post_install", "-at_install")
class TestOptionForm(RoutingCommon):
    """What a row of a menu has no room for, an administrator sets on its own page."""

    def test_skills_that_an_option_requires(self):
        Skill = self.env["whatsapp_omni.skill"]
        skill = Skill.create({"name": "Invoices", "company_id": self.company.id})
        menu = self.make_menu("Main", ("Help", self.queue), ("Sales", self.queue2))
        first, second = menu.option_ids.with_user(self.administrator)
        with Form(first) as form, form.skill_ids.new() as requirement:
            requirement.skill_id = skill
            requirement.level = "3"
        self.assertEqual(first.skill_ids.skill_id, skill)
        self.assertEqual(first.skill_ids.level, "3")
        self.assertEqual(first.skill_ids.company_id, self.company)
        self.assertFalse(second.skill_ids)

    def test_a_phone_changes_options_there(self):
        menu = self.make_menu("Main", ("Help", self.queue))
        option = menu.option_ids.with_user(self.administrator)
        with Form(option) as form:
            form.title = "Buy"
            form.description = "All our products"
            form.queue_id = self.queue2
        self.assertEqual(option.title, "Buy")
        self.assertEqual(option.description, "All our products")
        self.assertEqual(option.queue_id, self.queue2)


@tagged("post_install", "-at_install")
class TestMenuContent(RoutingCommon):
    """A menu goes out as buttons, a list, or numbered text."""

    def test_up_to_three_short_titles_are_buttons(self):
        menu = self.make_menu("Main", ("Help", self.queue), ("Sales", self.queue2))
        self.assertEqual(menu._content().kind, "quick_reply")

    def test_more_or_longer_ones_or_descriptions_are_a_list(self):
        four = [(f"Option {n}", self.queue) for n in range(4)]
        self.assertEqual(self.make_menu("Four", *four)._content().kind, "list")
        long = self.make_menu("Long", ("A title of 24 characters", self.queue))
        self.assertEqual(long._content().kind, "list")
        described = self.make_menu("Described", ("Help", self.queue))
        described.option_ids.description = "People who help"
        self.assertEqual(described._content().kind, "list")

    def test_numbered_text(self):
        menu = self.make_menu(
            "Main",
            ("Help", self.queue),
            ("Sales", self.queue2),
            show_as="text",
            header="Acme",
            footer="Thanks",
        )
        self.assertEqual(
            menu._content(nested=True).text,
            "*Acme*\n\nMain?\n\n*1.* Help\n*2.* Sales\n*0.* Back\n\n_Thanks_",
        )

    def test_the_way_back_where_there_is_room(self):
        menu = self.make_menu("Sub", ("Help", self.queue))
        titles = [o["title"] for o in menu._content(nested=True).payload["options"]]
        self.assertEqual(titles, ["Help", "Back"])
        full = self.make_menu("Full", *((f"Option {n}", self.queue) for n in range(10)))
        self.assertEqual(len(full._content(nested=True).payload["options"]), 10)
