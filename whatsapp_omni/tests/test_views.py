# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from lxml import etree

from odoo.tests import tagged

from ..gupshup.values import WINDOW_OPENING_KINDS
from .common import WhatsAppOmniCommon, inbound

#: How many columns of a list a phone shows without cutting their words.
PHONE_COLUMNS = 2


@tagged("post_install", "-at_install")
class TestViews(WhatsAppOmniCommon):
    """What lists, columns and the path of pages tell."""

    def test_messages_are_named_after_who_says_what(self):
        """An id in the path of pages would tell nobody anything."""
        text = inbound(text="Hola, ¿abrís hoy?", name="Lucía Gómez")
        sticker = inbound(
            "sticker", name="Lucía Gómez", url="https://filemanager.gupshup.test/1"
        )
        self.receive(text, sticker)
        for body, expected in (
            (text, "Lucía Gómez: Hola, ¿abrís hoy?"),
            (sticker, "Lucía Gómez: sticker"),
        ):
            with self.subTest(expected):
                message = self.message_of(body).with_user(self.supervisor)
                self.assertEqual(message.display_name, expected)

    def test_kinds_of_messages_have_names(self):
        """Nobody has to read “quick_reply”."""
        text = inbound(text="Hola")
        self.receive(text)
        message = self.message_of(text)
        self.assertEqual(message.kind_name, "Text")
        for kind in WINDOW_OPENING_KINDS | {"quick_reply", "list", "template"}:
            with self.subTest(kind):
                self.assertNotEqual(message._kind_label(kind), kind)

    def test_every_list_is_searched_and_explains_itself_when_empty(self):
        """Wherever one of our menus leads to."""
        for action in self.list_actions():
            with self.subTest(action.name):
                self.assertTrue(action.help, "no help text")
                views = self.env[action.res_model].get_views([(False, "search")])
                arch = views["views"]["search"]["arch"]
                self.assertIn("<field", arch)
                # Of a tag there is nothing but its name to find it by.
                if action.res_model != "whatsapp_omni.tag":
                    self.assertIn("<filter", arch)

    def list_actions(self):
        """Return the actions of our menus that open a list."""
        menus = self.env["ir.ui.menu"].search(
            [("id", "child_of", self.env.ref("whatsapp_omni.menu_root").id)]
        )
        found = [
            menu.action
            for menu in menus
            if menu.action and menu.action._name == "ir.actions.act_window"
        ]
        return [action for action in found if "list" in action.view_mode]

    def test_what_is_wider_than_a_phone_has_cards(self):
        """Lists of more columns would have to be moved sideways with a finger."""
        for action in self.list_actions():
            with self.subTest(action.name):
                views = {kind: view_id for view_id, kind in action.views}
                if "kanban" in views:
                    self.assertEqual(action.mobile_view_mode, "kanban")
                    arch = self.arch_of(action.res_model, "kanban", views["kanban"])
                    self.assertTrue(arch.xpath("//t[@t-name='card']//field"))
                else:
                    self.assertEqual(next(iter(views)), "list")
                    arch = self.arch_of(action.res_model, "list", views["list"])
                    self.assert_fits_phone(arch)

    def test_lists_in_forms_that_are_wider_than_a_phone_have_cards(self):
        """Their records are cards there, which open in a window."""
        for action in self.list_actions():
            views = {kind: view_id for view_id, kind in action.views}
            if "form" not in views:
                continue
            form = self.arch_of(action.res_model, "form", views["form"])
            for field in form.xpath("//field[list][not(kanban)]"):
                with self.subTest(f"{action.name}: {field.get('name')}"):
                    self.assert_fits_phone(field.find("list"))

    def arch_of(self, model, kind, view_id):
        """Return a view as a phone gets it."""
        Model = self.env[model].with_user(self.administrator)
        return etree.fromstring(Model.get_view(view_id, kind, mobile=True)["arch"])

    def assert_fits_phone(self, arch):
        """Assert that a list begins with no more columns than a phone has room for."""
        columns = [
            column.get("name")
            for column in arch.xpath("./field | ./button")
            if column.get("optional") != "hide"
            and column.get("widget") != "handle"
            and column.get("column_invisible") not in ("1", "True")
        ]
        self.assertLessEqual(len(columns), PHONE_COLUMNS, columns)

    def test_no_two_fields_of_a_record_have_one_name(self):
        """Filters and exports offer fields by their labels."""
        models = self.env["ir.model"].search([("model", "=like", "whatsapp_omni.%")])
        for model in models.filtered(lambda m: not m.abstract):
            labels = model.field_id.mapped("field_description")
            doubled = {label for label in labels if labels.count(label) > 1}
            with self.subTest(model.model):
                self.assertFalse(doubled)

    def test_conversations_are_grouped_in_the_order_of_their_life(self):
        """Columns stand from the menu to closed, empty ones among them."""
        self.write_in()
        Conversation = (
            self.env["whatsapp_omni.conversation"]
            .with_user(self.supervisor)
            .with_context(read_group_expand=True)  # as a kanban view asks
        )
        groups = Conversation.web_read_group([], ["state"], ["__count"])["groups"]
        states = [group["state"] for group in groups]
        self.assertEqual(
            states,
            [
                "menu",
                "waiting",
                "new",
                "offered",
                "attended",
                "closed",
            ],
        )

    def test_cards_of_agents_say_their_names(self):
        """In a card the widget of users shows no name: that stands beside it."""
        Agent = self.env["whatsapp_omni.agent"].with_user(self.supervisor)
        card = etree.fromstring(Agent.get_view(view_type="kanban")["arch"])
        self.assertTrue(card.xpath(".//field[@name='user_id'][not(@widget)]"))
