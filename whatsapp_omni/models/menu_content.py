# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import re

from odoo import models

from ..gupshup import limits
from ..tools import menu_walk
from ..tools.words import normalize
from .message_content import Content

#: What a tap brings back: the menu, and the option or 0 for the way back.
_POSTBACK = re.compile(r"whatsapp_omni\.menu:(\d{1,9}):(\d{1,9})\Z")


def postback(menu_id, option_id):
    return f"whatsapp_omni.menu:{menu_id}:{option_id}"


def read_postback(payload):
    """Return the ids of menu and option that a tap names, None twice without."""
    found = _POSTBACK.match(payload or "")
    return (int(found[1]), int(found[2])) if found else (None, None)


class WhatsAppMenu(models.Model):
    """What a menu says."""

    _inherit = "whatsapp_omni.menu"

    def _content(self, nested=False):
        """Return the question of this menu, in the language of the context.

        :param bool nested: whether there is a menu to go back to
        :rtype: Content
        """
        self.ensure_one()
        shape = self._shape()
        if shape == "text":
            return Content("text", self._numbered_text(nested))
        room = limits.BUTTONS if shape == "quick_reply" else limits.LIST_ROWS
        options = [
            {
                "title": option.title,
                "value": postback(self.id, option.id),
                "description": option.description or "",
            }
            for option in self.option_ids
        ]
        back = self.env._("Back")
        if nested and len(options) < room and not self._has_title(back):
            options.append({"title": back, "value": postback(self.id, 0)})
        payload = {
            "header": self.header or "",
            "footer": self.footer or "",
            "options": options,
        }
        if shape == "list":
            payload["opener"] = self.opener
        return Content(shape, self.body, payload=payload)

    def _has_title(self, title):
        said = normalize(title)
        return any(said == normalize(o.title) for o in self.option_ids)

    def _shape(self):
        """Return as what the menu is sent: text, quick_reply or list."""
        if self.show_as == "text":
            return "text"
        titles = self.option_ids.mapped("title")
        fits = len(titles) <= limits.BUTTONS and all(
            len(title) <= limits.BUTTON_TITLE_LENGTH for title in titles
        )
        # Buttons have no room for descriptions.
        if (
            self.show_as == "list"
            or not fits
            or any(self.option_ids.mapped("description"))
        ):
            return "list"
        return "quick_reply"

    def _numbered_text(self, nested):
        lines = [f"*{self.header}*", ""] if self.header else []
        lines += [self.body, ""]
        for number, option in enumerate(self.option_ids, 1):
            line = f"*{number}.* {option.title}"
            lines.append(
                f"{line}: {option.description}" if option.description else line
            )
        if nested:
            lines.append(f"*0.* {self.env._('Back')}")
        if self.footer:
            lines += ["", f"_{self.footer}_"]
        return "\n".join(lines)

    def _back_words(self):
        """Return the words that lead back, in the language of the context."""
        words = self.env._("back, return, previous")  # several words, by commas
        return tuple(
            word.strip() for word in f"back, {words}".split(",") if word.strip()
        )


class MenuTree:
    """The menus of a company as :mod:`menu_walk` asks for them, one by one.

    Its cost follows the menus that a step needs, not those that exist.
    """

    def __init__(self, menus, company):
        """:param menus: an empty recordset of menus, in the customer's language"""
        self._menus, self._company = menus, company
        self._known = {}

    def menu(self, menu_id):
        if menu_id not in self._known:
            self._known[menu_id] = self._read(menu_id)
        return self._known[menu_id]

    def record(self, menu_id):
        return self._menus.browse(menu_id)

    def _read(self, menu_id):
        menu = self._menus.browse(menu_id).exists()
        if not menu or not menu.active or menu.company_id != self._company:
            return None
        if not menu.option_ids:
            return None
        return menu._as_walk(menu._back_words())


def read_reply(value, aside=False):
    """Return what a customer's message says to a menu.

    A file or a place says nothing, so it is no answer that could be understood.

    :param value: a ``gupshup.values.Message``
    :rtype: menu_walk.Reply
    """
    if value.kind == "text":
        return menu_walk.Reply(value.content.body, aside=aside)
    if value.kind == "answer":
        menu_id, option_id = read_postback(value.content.payload)
        return menu_walk.Reply(value.content.title, menu_id, option_id, aside)
    return menu_walk.Reply(aside=aside)
