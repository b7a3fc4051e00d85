# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..tools import journal, menu_walk
from ..tools.background import TimeBox, background_env
from .conversation_expiry import PATIENCE, POSTPONED
from .menu_content import MenuTree, read_reply
from .message_content import Content

_logger = logging.getLogger(__name__)

#: Conversations that one transaction of the scheduled action routes.
BATCH = 20

#: Milliseconds that a statement of a server action may take: the customers behind it
#: wait.
ACTION_TIMEOUT_MS = 5000

_CLAIM_OPENED = """
    SELECT id FROM whatsapp_omni_conversation
     WHERE state = 'waiting' AND line_id = ANY(%s)
     ORDER BY opened_at, id LIMIT %s
       FOR NO KEY UPDATE SKIP LOCKED
"""

_CLAIM_UNDECIDED = """
    SELECT id FROM whatsapp_omni_conversation
     WHERE state = 'menu' AND menu_due_at <= %s
     ORDER BY menu_due_at, id LIMIT %s
       FOR NO KEY UPDATE SKIP LOCKED
"""


class WhatsAppConversation(models.Model):
    """Who gets a conversation is decided here alone.

    It runs where a customer's message is applied, in the same transaction, so that
    each message has its automatic answers once, whatever crashes or comes twice.
    ``menu_walk`` says what follows, this carries it out. When that fails, the message
    is there all the same, and the conversation goes to the queue of its line.
    """

    _inherit = "whatsapp_omni.conversation"

    menu_id = fields.Many2one(
        "whatsapp_omni.menu",
        string="In the Menu",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    menu_position = fields.Json(
        readonly=True, help="``menu_walk.Position`` as plain data."
    )
    menu_asked_at = fields.Datetime(readonly=True)
    menu_due_at = fields.Datetime(
        "Choice until", readonly=True, help="Then it goes to the queue of the line."
    )
    opens_at = fields.Datetime(
        "Line Opens", readonly=True, help="When it will be routed."
    )
    told_closed_at = fields.Datetime(
        readonly=True, help="When this customer last got the after-hours message."
    )
    expires_before_opening = fields.Boolean(
        compute="_compute_expires_before_opening",
        search="_search_expires_before_opening",
        help="The 24 hours of the window will be over when the line opens.",
    )

    _waiting_idx = models.Index("(line_id, opened_at) WHERE state = 'waiting'")
    _menu_due_idx = models.Index("(menu_due_at) WHERE state = 'menu'")
    _unmanaged_idx = models.Index(
        "(last_message_at DESC, id DESC) WHERE attended_at IS NULL"
        " AND (state = 'menu' OR state = 'waiting' AND queue_id IS NULL"
        " OR close_reason IN ('menu', 'window'))"
    )

    @api.depends("opens_at", "window_end", "state")
    def _compute_expires_before_opening(self):
        for conversation in self:
            opens_at, end = conversation.opens_at, conversation.window_end
            conversation.expires_before_opening = (
                conversation.state == "waiting"
                and bool(end)
                and (not opens_at or end < opens_at)
            )

    def _search_expires_before_opening(self, operator, value):
        if operator != "in":
            return NotImplemented
        # Few wait at a time, and no domain compares two fields.
        waiting = self.search([("state", "=", "waiting")])
        return [("id", "in", waiting.filtered("expires_before_opening").ids)]

    # === AT A CUSTOMER'S MESSAGE === #

    @api.model
    def _routing_values(self, channel):
        """Return how a conversation of a channel begins, before it is routed."""
        line, former = (
            channel.whatsapp_omni_line_id,
            channel.whatsapp_omni_conversation_id,
        )
        routing = {"told_closed_at": former.told_closed_at}
        if line.destination == "menu":
            return {**routing, "state": "menu", "queue_id": False}
        return {**routing, "queue_id": line.queue_id.id}

    def _is_unrouted(self):
        """Tell whether the customer's next message has to be routed."""
        return self.state in ("menu", "waiting") or (
            self.state == "new" and not self.last_message_at
        )

    def _route_letters(self, received):
        """Route this conversation, which is locked, after its customer wrote.

        :param received: the ``gupshup.values.Message`` of its customer, in their order
        """
        self.ensure_one()
        self._safely(lambda: self._route(received, fields.Datetime.now()))

    def _safely(self, route):
        """Call ``route``; if it fails, have a person help instead."""
        try:
            with self.env.cr.savepoint():
                route()
        except Exception:
            _logger.exception("Routing of conversation %s failed", self.id)
            self._enter_queue(self.line_id.queue_id, "failed")

    def _route(self, received, now):
        line = self.line_id
        tree = self._menu_tree()
        is_open = line._is_open(now)
        fresh = self.state != "menu" or not self.menu_asked_at
        if fresh or not is_open:
            self._begin_routing(tree, is_open, now)
        # What came with the first message did not answer a question yet.
        early = fresh
        for index, value in enumerate(received):
            if self.state != "menu" or (fresh and index == 0):
                continue
            aside = (
                early
                or journal.naive_utc(value.time) < self.menu_asked_at
                or line._find_opt_word(value.content)
            )
            reply = read_reply(value, bool(aside))
            position, effects = menu_walk.answer(
                tree, self._get_position(), reply, line.max_wrong_answers
            )
            is_last = index == len(received) - 1
            self._carry_out(tree, position, effects, now, is_last)
            early = early or any(isinstance(e, menu_walk.Ask) for e in effects)

    def _begin_routing(self, tree, is_open, now):
        line = self.line_id
        menu_id = line.menu_id.id if line.destination == "menu" else None
        position, effects = menu_walk.begin(
            tree, self._get_position(), menu_id, is_open, self._has_window(now)
        )
        self._carry_out(tree, position, effects, now)

    def _has_window(self, now):
        return bool(self.window_end and self.window_end > now)

    def _menu_tree(self):
        lang = self.env["whatsapp_omni.placeholder"]._lang(self)
        menus = self.env["whatsapp_omni.menu"].with_context(lang=lang)
        return MenuTree(menus, self.company_id)

    def _get_position(self):
        plain = self.menu_position or {}
        return menu_walk.Position(**{**plain, "path": tuple(plain.get("path", ()))})

    # === CARRYING OUT === #

    def _carry_out(self, tree, position, effects, now, is_last=True):
        """Do what was decided.

        :param bool is_last: whether nothing else of the customer waits behind it
        """
        self.menu_position = position._asdict() if position.path else False
        for effect in effects:
            match effect:
                case menu_walk.Ask(menu_id):
                    self._ask(tree.record(menu_id), position, now)
                case menu_walk.Say(what, menu_id):
                    self._say(what, tree.record(menu_id), now)
                case menu_walk.Enter(queue_id, why):
                    queue = self.env["whatsapp_omni.queue"].browse(queue_id or [])
                    self._enter_queue(queue, why)
                case menu_walk.End(template_id):
                    self._end(template_id, is_last)
                case menu_walk.Run(action_id):
                    self._run_action(action_id)
                    if self.state != "menu":  # it decided itself what follows
                        return
                case menu_walk.Wait():
                    self._wait_for_opening(now)
                case menu_walk.Count(menu_id, option_id, what):
                    self._count_visit(menu_id, option_id, what)

    def _ask(self, menu, position, now):
        due = now + timedelta(minutes=menu.wait_minutes)
        if self.queue_id:  # the line went directly there when it began
            self._push_removal()
        self.write(
            {
                "state": "menu",
                "queue_id": False,
                "menu_id": menu.id,
                "menu_asked_at": now,
                "menu_due_at": due,
                "opens_at": False,
            }
        )
        self._send_automatic([menu._content(nested=len(position.path) > 1)])
        self._wake_routing(due)

    def _say(self, what, menu, now):
        """Send an automatic message, if there is one."""
        if what == "after_hours":
            if self._knows_closed(now):
                return
            self.told_closed_at = now
        record, field = {
            "wrong": (menu, "wrong_template_id"),
            "forwarding": (menu, "forwarding_template_id"),
            "welcome": (self.line_id, "welcome_template_id"),
            "after_hours": (self.line_id, "after_hours_template_id"),
        }[what]
        if template := record[field]:
            self._say_template(template)
        elif what == "wrong":
            sentence = menu.env._("Sorry, I did not understand that.")
            self._send_automatic([Content("text", sentence)])

    def _knows_closed(self, now):
        """Tell whether the customer was told in this same period without attention."""
        told, line = self.told_closed_at, self.line_id
        if not told or line._is_open(told):
            return False
        return line._next_opening(told) == line._next_opening(now)

    def _say_template(self, template):
        """Send a message template. One that cannot be sent holds nothing up."""
        try:
            with self.env.cr.savepoint():
                self._send_automatic([template._content(self)])
        except UserError as error:
            _logger.warning("Message template %s was not sent: %s", template.id, error)
        except Exception:
            _logger.exception("Message template %s was not sent", template.id)

    def _send_automatic(self, contents):
        if self.window_open:
            self.env["whatsapp_omni.message"]._queue_contents(self, contents)

    def _enter_queue(self, queue, why):
        """Let this conversation wait for the agents of a queue.

        :param queue: empty or archived: that of the line
        """
        queue = queue.exists()
        if not queue.active:
            queue = self.line_id.queue_id
        if self.state != "new" or self.queue_id != queue:
            self._put_into(queue, self._explain_routing(queue, why))

    def _put_into(self, queue, parts, what="routed", said=None, **values):
        """Let this conversation wait in a queue, and in no other any more.

        :param parts: why, for the timeline, and for the transcript unless ``said`` is
            given
        :param said: what :meth:`_announce` takes
        :param what: for the timeline
        :param values: what else changes
        """
        former = self.state
        self._hand_over(
            {"state": "new", "queue_id": queue.id, **self._no_menu(), **values}
        )
        self._log_change(what, former, "new", parts)
        self._announce(said or (lambda c: c.env["whatsapp_omni.phrase"]._say(parts)))

    @api.model
    def _no_menu(self):
        return {
            "menu_id": False,
            "menu_position": False,
            "menu_asked_at": False,
            "menu_due_at": False,
            "opens_at": False,
        }

    @api.model
    def _explain_routing(self, queue, why):
        """Return as parts where it goes, and why if that is no matter of course."""
        code = f"routed_{why}"
        is_said = code in self.env["whatsapp_omni.phrase"]._texts()
        return [queue.name or "", *([[code, []]] if is_said else [])]

    def _end(self, template_id, is_last):
        template = self.env["whatsapp_omni.message.template"].browse(template_id)
        if template := template.exists():
            self._say_template(template)
        if not template or not is_last:  # what else they wrote would be seen by nobody
            self._enter_queue(self.line_id.queue_id, "lost" if not template else "long")
            return
        self.write(self._no_menu())
        self._close(reason="menu")

    def _run_action(self, action_id):
        """Have a server action answer; what it raises is for :meth:`_safely`.

        It runs as the superuser on this conversation, in the savepoint of the routing.
        Its result, a text or ``{"text": …}``, goes to the customer.
        """
        # sudo: ir.actions.server - administrators chose it for everybody who writes
        action = self.env["ir.actions.server"].sudo().browse(action_id)
        self.env.flush_all()
        self.env.cr.execute("SET LOCAL statement_timeout = %s", (ACTION_TIMEOUT_MS,))
        result = action.with_context(
            active_model=self._name, active_id=self.id, active_ids=self.ids
        ).run()
        self.env.flush_all()
        self.env.cr.execute("SET LOCAL statement_timeout TO DEFAULT")
        text = result.get("text") if isinstance(result, dict) else result
        if isinstance(text, str) and text.strip():
            self._send_automatic([Content("text", text.strip())])

    def _wait_for_opening(self, now):
        former = self.state
        opens_at = self.line_id._next_opening(now)
        if former == "waiting" and self.opens_at == opens_at:
            return
        self.write(
            {
                "state": "waiting",
                "opens_at": opens_at,
                "menu_due_at": False,
                "menu_asked_at": False,
            }
        )
        if former != "waiting":
            self._log_change("waiting", former, "waiting")
        self._push()
        if opens_at:
            self._wake_routing(opens_at)

    def _count_visit(self, menu_id, option_id, what):
        if option_id:
            self.menu_option_id = option_id
        # sudo: whatsapp_omni.menu.visit - written by code only
        self.env["whatsapp_omni.menu.visit"].sudo().create(
            {
                "menu_id": menu_id,
                "option_id": option_id,
                "what": what,
                "conversation_id": self.id,
                "company_id": self.company_id.id,
            }
        )

    # === WHEN TIME COMES === #

    @api.model
    def _wake_routing(self, moment):
        """Have the scheduled action look at ``moment``, in the minute after it."""
        cron = self.env.ref("whatsapp_omni.ir_cron_route_conversations")
        minute = moment.replace(second=0, microsecond=0)
        if minute < moment:
            minute += timedelta(minutes=1)
        # sudo: ir.cron.trigger - one for all who wait for the same minute
        known = (
            self.env["ir.cron.trigger"]
            .sudo()
            .search_count(
                [("cron_id", "=", cron.id), ("call_at", "=", minute)], limit=1
            )
        )
        if not known:
            cron._trigger(at=minute)

    @api.model
    def _cron_route(self):
        """Route what waited for opening or did not choose in time."""
        with background_env(self.env.registry) as env:
            Conversation, box = env["whatsapp_omni.conversation"], TimeBox(PATIENCE)
            while Conversation._route_due(fields.Datetime.now()):
                env.cr.commit()
                if not box.open:  # others need the worker too
                    env.ref("whatsapp_omni.ir_cron_route_conversations")._trigger()
                    break
            Conversation._renew_openings(fields.Datetime.now())
            env.cr.commit()
        self._distribute_if_asked(self.env.registry)

    @api.model
    def _route_due(self, now):
        """Route some conversations whose time has come, oldest first.

        :return: their number
        """
        opened, undecided = self._claim_opened(now), self._claim_undecided(now)
        for conversation in opened:
            conversation._safely(conversation._open)
        for conversation in undecided:
            conversation._safely(conversation._stop_waiting)
        return len(opened) + len(undecided)

    def _open(self):
        self._begin_routing(self._menu_tree(), True, fields.Datetime.now())

    def _stop_waiting(self):
        """Give up on a customer who did not choose in time."""
        if self._is_customer_writing():
            self.menu_due_at = fields.Datetime.now() + POSTPONED
            return
        position, effects = menu_walk.give_up(self._get_position(), "timeout")
        self._carry_out(self._menu_tree(), position, effects, fields.Datetime.now())

    @api.model
    def _claim_opened(self, now):
        self.flush_model()
        lines = self._waiting_lines().filtered(lambda line: line._is_open(now))
        if not lines:
            return self.browse()
        self.env.cr.execute(_CLAIM_OPENED, (lines.ids, BATCH))
        return self._claimed()

    @api.model
    def _claim_undecided(self, now):
        self.flush_model()
        self.env.cr.execute(_CLAIM_UNDECIDED, (now, BATCH))
        return self._claimed()

    def _claimed(self):
        found = self.browse(row[0] for row in self.env.cr.fetchall())
        found.invalidate_recordset()
        return found

    @api.model
    def _waiting_lines(self):
        groups = self._read_group([("state", "=", "waiting")], ["line_id"])
        return self.env["whatsapp_omni.line"].union(*(line for (line,) in groups))

    @api.model
    def _renew_openings(self, now):
        """Note a changed opening where the time group changed meanwhile."""
        for line in self._waiting_lines():
            opens_at = line._next_opening(now)
            outdated = self.search(
                [
                    ("state", "=", "waiting"),
                    ("line_id", "=", line.id),
                    ("opens_at", "!=", opens_at),
                ]
            )
            outdated._lock()
            for conversation in outdated.filtered(lambda c: c.state == "waiting"):
                conversation.opens_at = opens_at
                conversation._push()

    # === BY HAND === #

    def _begin_again(self):
        newest = self.channel_id.whatsapp_omni_conversation_id
        if newest.state != "closed":
            raise UserError(
                self.env._("This customer has an open conversation already.")
            )
        again = self._begin(self.channel_id)
        again.write(
            {
                # What is said already is not the beginning that routing waits for.
                "last_message_at": self.last_message_at or fields.Datetime.now(),
                "last_text": self.last_text,
                "last_kind": self.last_kind,
                "last_direction": self.last_direction,
            }
        )
        return again
