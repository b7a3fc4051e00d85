# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from collections import Counter
from typing import Any, NamedTuple

from odoo import fields, models
from odoo.exceptions import UserError

from ..gupshup import limits
from ..tools.words import normalize


class Problem(NamedTuple):
    """What is wrong with a menu. An error cannot work, a warning hardly should."""

    menu: Any
    is_error: bool
    text: str


class WhatsAppMenu(models.Model):
    """The check of a whole tree of menus, on saving and by a button."""

    _inherit = "whatsapp_omni.menu"

    problems_text = fields.Text("Problems", compute="_compute_problems_text")

    # Of all menus, lines and queues: it is asked for by forms, and read anew by each.
    def _compute_problems_text(self):
        for menu in self:
            tree = menu._origin._reachable()
            problems = [p for p in tree._find_all_problems() if p.menu in tree]
            menu.problems_text = "\n".join(problem.text for problem in problems)

    def action_check(self):
        """Tell what is wrong with these menus and those that they lead to."""
        problems = self._find_all_problems()
        label = {True: self.env._("Error"), False: self.env._("Warning")}
        text = "\n".join(f"{label[p.is_error]}: {p.text}" for p in problems)
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "title": self.env._("Check of the menus"),
                "message": text or self.env._("Everything leads somewhere."),
                "type": "warning" if problems else "success",
                "sticky": bool(problems),
                "className": "text-prewrap",
            },
        }

    def _find_all_problems(self):
        """Return the problems of these menus' trees, and which menus are in none."""
        return self._find_problems() + self._find_unreachable()

    def _find_problems(self):
        """Return the problems of these menus and of all that they lead to.

        :rtype: list[Problem]
        """
        menus = self._reachable()
        problems = []
        for menu in menus:
            problems += menu._own_problems()
            for option in menu.option_ids:
                problems += option._find_problems()
        return problems + menus._find_loops()

    def _reachable(self):
        """Return these menus and all that they lead to, level by level."""
        menus = level = self.with_context(active_test=False)
        while level:
            level = (
                level.option_ids.filtered(
                    lambda option: option.target_kind == "menu"
                ).target_menu_id
                - menus
            )
            menus |= level
        return menus

    def _own_problems(self):
        count = len(self.option_ids)
        if not count:
            yield self._error(self.env._("“%s” has no options.", self.name))
            return
        if count > limits.LIST_ROWS:
            yield self._error(
                self.env._(
                    "“%(menu)s” has %(count)s options, but WhatsApp shows at most "
                    "%(limit)s.",
                    menu=self.name,
                    count=count,
                    limit=limits.LIST_ROWS,
                )
            )
            return
        yield from self._find_ambiguous()
        try:
            for nested in (False, True):
                self.env["whatsapp_omni.message"]._check_content(self._content(nested))
        except UserError as error:
            yield self._error(f"“{self.name}”: {error}")

    def _find_ambiguous(self):
        """Tell what customers could type for two options."""
        said = Counter()
        for number, option in enumerate(self.option_ids, 1):
            words = {normalize(w) for w in (option.title, option.value)}
            said.update((words | {str(number)}) - {""})
        for word, count in said.items():
            if count > 1:
                yield self._error(
                    self.env._(
                        "“%(menu)s” has two options for the answer “%(answer)s”.",
                        menu=self.name,
                        answer=word,
                    )
                )

    def _find_loops(self):
        """Tell which of these menus have no way out, and which go round."""
        leading_out = self._leading_out()
        problems = [
            menu._error(
                self.env._(
                    "“%s” leads to menus only, round and round: no option ends in a "
                    "queue, a message or an answer.",
                    menu.name,
                )
            )
            for menu in self - leading_out
            if menu.option_ids
        ]
        for menu in leading_out:
            following = menu.option_ids.target_menu_id
            if following and menu in following._reachable():
                problems.append(
                    menu._warning(
                        self.env._("“%s” can be reached again from itself.", menu.name)
                    )
                )
        return problems

    def _leading_out(self):
        """Return those of these menus from which something else can be reached."""
        ends = self.option_ids.filtered(lambda option: option.target_kind != "menu")
        found = ends.menu_id
        above = self.option_ids.filtered(lambda o, f=found: o.target_menu_id in f)
        while above.menu_id - found:
            found |= above.menu_id
            above = self.option_ids.filtered(lambda o, f=found: o.target_menu_id in f)
        return found

    def _find_unreachable(self):
        """Tell which menus of these companies no line leads to."""
        lines = self.env["whatsapp_omni.line"].search(
            [("company_id", "in", self.company_id.ids), ("destination", "=", "menu")]
        )
        menus = self.search([("company_id", "in", self.company_id.ids)])
        return [
            menu._warning(self.env._("No line leads to “%s”.", menu.name))
            for menu in menus - lines.menu_id._reachable()
        ]

    def _error(self, text):
        return Problem(self, True, text)

    def _warning(self, text):
        return Problem(self, False, text)


class WhatsAppMenuOption(models.Model):
    _inherit = "whatsapp_omni.menu.option"

    def _find_problems(self):
        """Return what is wrong with where this option leads."""
        menu, target = self.menu_id, self._get_target()
        if not target:
            return [
                menu._error(
                    self.env._(
                        "“%(option)s” of “%(menu)s” leads nowhere: choose its "
                        "destination.",
                        option=self.title,
                        menu=menu.name,
                    )
                )
            ]
        if "active" in target._fields and not target.active:
            return [
                menu._error(
                    self.env._(
                        "“%(option)s” of “%(menu)s” leads to “%(target)s”, which is "
                        "archived.",
                        option=self.title,
                        menu=menu.name,
                        target=target.display_name,
                    )
                )
            ]
        if self.target_kind == "queue" and not target.agent_ids:
            return [
                menu._warning(
                    self.env._("The queue “%s” has no agents.", target.display_name)
                )
            ]
        return []
