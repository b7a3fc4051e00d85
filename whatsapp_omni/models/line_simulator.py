# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models
from odoo.exceptions import UserError

from ..gupshup import markup, values
from ..tools import menu_walk
from .menu_content import MenuTree, read_postback
from .message_content import Content

#: Answers that one simulation takes.
MAX_REPLIES = 200


class WhatsAppLine(models.Model):
    """What a line would do, without sending or storing anything.

    The same decisions as for a customer, with their effects told instead of carried
    out.
    """

    _inherit = "whatsapp_omni.line"

    def simulate(self, moment, replies):
        """Return what this line would say to a customer.

        :param str moment: when, UTC
        :param list replies: what the customer writes, in order: ``{"text": str}``, or
            ``{"text": title, "payload": str}`` for a tap
        :return: ``{"hours": str, "is_over": bool, "entries": [{"who", "text", "html",
            "header", "footer", "opener", "options"}]}``; ``who`` is customer, line or
            note
        :rtype: dict
        :raises UserError: when ``moment`` is none
        """
        self.ensure_one()
        self.check_access("read")
        try:
            now = fields.Datetime.to_datetime(moment) or fields.Datetime.now()
        except (TypeError, ValueError) as error:
            raise UserError(self.env._("This is no date and time.")) from error
        # sudo: whatsapp_omni.line - texts and destinations, for those who see the line
        simulation = Simulation(self.sudo(), now)
        for reply in replies[:MAX_REPLIES]:
            simulation.receive(str(reply.get("text") or ""), reply.get("payload"))
        return {
            "hours": self._tell_hours(now),
            "is_over": simulation.is_over,
            "entries": simulation.entries,
        }

    def _simulated_conversation(self):
        """Return a conversation with nobody, which exists in memory only."""
        company = self.company_id
        customer = self.env["whatsapp_omni.customer"].new(
            {"profile_name": self.env._("Customer"), "company_id": company.id}
        )
        return self.env["whatsapp_omni.conversation"].new(
            {
                "line_id": self.id,
                "customer_id": customer,
                "company_id": company.id,
                "queue_id": self.queue_id.id,
            }
        )


class Simulation:
    """A customer's walk through a line, as it goes."""

    def __init__(self, line, now):
        self.line, self.now, self.env = line, now, line.env
        self.conversation = line._simulated_conversation()
        lang = self.env["whatsapp_omni.placeholder"]._lang(self.conversation)
        menus = self.env["whatsapp_omni.menu"].with_context(lang=lang)
        self.tree = MenuTree(menus, line.company_id)
        self.position = menu_walk.Position()
        self.entries, self.is_over, self.has_begun = [], False, False

    def receive(self, text, payload=None):
        self.entries.append({"who": "customer", "text": text})
        if self.is_over:
            return
        is_opt_word = bool(self.line._find_opt_word(values.Text(body=text)))
        if not self.has_begun:
            self._begin()
        else:
            self._answer(menu_walk.Reply(text, *read_postback(payload), is_opt_word))
        if is_opt_word:
            self._note(
                self.env._("The choice about marketing is noted, and confirmed.")
            )

    def _answer(self, reply):
        self.position, effects = menu_walk.answer(
            self.tree, self.position, reply, self.line.max_wrong_answers
        )
        self._tell(effects)

    def _begin(self):
        self.has_begun = True
        line = self.line
        self.position, effects = menu_walk.begin(
            self.tree,
            self.position,
            line.menu_id.id if line.destination == "menu" else None,
            line._is_open(self.now),
            True,
        )
        self._tell(effects)

    def _tell(self, effects):
        for effect in effects:
            match effect:
                case menu_walk.Ask(menu_id):
                    nested = len(self.position.path) > 1
                    self._show(self.tree.record(menu_id)._content(nested))
                case menu_walk.Say(what, menu_id):
                    self._say(what, self.tree.record(menu_id))
                case menu_walk.Enter(queue_id, why):
                    self._enter(queue_id, why)
                case menu_walk.End(template_id):
                    self._show_template(self._template(template_id))
                    self._stop(self.env._("The conversation ends here."))
                case menu_walk.Run(action_id):
                    # sudo: ir.actions.server - its name
                    action = self.env["ir.actions.server"].sudo().browse(action_id)
                    self._note(
                        self.env._("Here the action “%s” would answer.", action.name)
                    )
                case menu_walk.Wait():
                    self._wait()

    def _say(self, what, menu):
        template = {
            "wrong": menu.wrong_template_id,
            "forwarding": menu.forwarding_template_id,
            "welcome": self.line.welcome_template_id,
            "after_hours": self.line.after_hours_template_id,
        }[what]
        if template:
            self._show_template(template)
        elif what == "wrong":
            sentence = menu.env._("Sorry, I did not understand that.")
            self._show(Content("text", sentence))

    def _enter(self, queue_id, why):
        queue = self.env["whatsapp_omni.queue"].browse(queue_id or [])
        if not queue.active:
            queue = self.line.queue_id
        parts = self.conversation._explain_routing(queue, why)
        label = self.conversation.env["whatsapp_omni.phrase"]._say(parts)
        self._stop(self.env._("Waits for an agent: %s", label))

    def _wait(self):
        opens_at = self.line._next_opening(self.now)
        if not opens_at:
            self._stop(self.env._("Waits for opening, which never comes."))
            return
        tz = self.line.calendar_id.tz
        when = self.line._tell_moment(opens_at, self.now, tz)
        self._stop(self.env._("Waits for opening: %s", when))

    def _template(self, template_id):
        return self.env["whatsapp_omni.message.template"].browse(template_id)

    def _show_template(self, template):
        # Not _content: it would copy the file.
        shown = template._for_conversation(self.conversation)
        fill = shown._filler(self.conversation)
        self._show(shown._build_content(fill, shown.attachment_id.id))

    def _show(self, content):
        payload = content.payload or {}
        self.entries.append(
            {
                "who": "line",
                "text": content.text or "",
                "html": markup.marks_to_html(content.text or ""),
                "kind": content.kind,
                "header": payload.get("header") or "",
                "footer": payload.get("footer") or "",
                "opener": payload.get("opener") or "",
                "options": payload.get("options") or [],
            }
        )

    def _note(self, text):
        self.entries.append({"who": "note", "text": text})

    def _stop(self, text):
        self._note(text)
        self.is_over = True
