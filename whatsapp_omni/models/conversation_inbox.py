# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from collections import defaultdict

from odoo import api, fields, models
from odoo.fields import Domain

from odoo.addons.mail.tools.discuss import Store


class WhatsAppConversation(models.Model):
    """What the agents' inbox shows: the live list, its counters, the side panel."""

    _inherit = "whatsapp_omni.conversation"

    # === LIVE LIST === #

    @api.model
    def _inbox_queues(self):
        """Return the queues whose conversations the user's inbox shows."""
        # sudo: whatsapp_omni.queue - filtered by user, which is the check of access
        Queue = self.env["whatsapp_omni.queue"].sudo()
        # An archived queue gets nothing new, but what waits in it must be taken.
        return Queue.with_context(active_test=False).search(
            # who lost a company may still be named by its queues
            Domain("company_id", "in", self.env.user.company_ids.ids)
            & (
                Domain("agent_ids", "in", self.env.uid)
                | Domain("supervisor_ids", "in", self.env.uid)
            )
        )

    @api.model
    def _inbox_domain(self):
        """Return what the user's inbox shows: what waits, and what they attend."""
        return Domain("state", "!=", "closed") & (
            Domain("queue_id", "in", self._inbox_queues().ids)
            | Domain("user_id", "=", self.env.uid)
            | Domain("guest_ids", "in", self.env.uid)
            | Domain("offered_to_id", "=", self.env.uid)
            | Domain("reserved_for_id", "=", self.env.uid)
        )

    def _push(self, names=None):
        """Show these conversations, as they are now, in the inboxes.

        A closed one left them; what is still sent of it brings it back to nobody.

        :param names: what to tell of them, where the inboxes know all else already
        """
        heard = defaultdict(list)
        # No filtered(): it would end the common prefetch of conversations in a loop.
        for conversation in self.sudo():
            if conversation.state == "closed":
                continue
            for bus_channel in conversation._inbox_listeners():
                heard[bus_channel].append(conversation.id)
        for bus_channel, ids in heard.items():
            store = Store(bus_channel=bus_channel)
            store.add(self.sudo().browse(ids), names).bus_send()

    def _push_news(self):
        """Show what one more message of the customer changes: a sixth of the card."""
        self._push(self._news_names())

    @api.model
    def _news_names(self):
        """Return the names of what a customer's message changes on a card."""
        return [
            "last_text",
            "last_kind",
            "last_direction",
            "last_message_at",
            "waiting_count",
            "waiting_since",
            "window_end",
            "window_expired",
        ]

    def _push_removal(self, owner=None):
        """Take these conversations off the inboxes."""
        for conversation in self.sudo():
            conversation._take_off(conversation._inbox_listeners(owner))

    def _take_off(self, bus_channels):
        """Take this conversation off the inboxes that listen there."""
        for bus_channel in bus_channels:
            Store(bus_channel=bus_channel).delete(self).bus_send()

    def _inbox_listeners(self, owner=None):
        """Return the bus channels that reach everybody whose inbox shows this one."""
        queue, people = self.queue_id, self._people()
        told = queue._people_ids() if queue else frozenset()
        if owner:
            people |= owner
        return [*queue, *people.filtered(lambda user: user.id not in told)]

    def _to_store(self, store, fields_):
        """Let every value be read as superuser: see :meth:`_to_store_defaults`.

        The ``sudo`` of a single ``Store.Attr`` does not reach its function.
        """
        # sudo: whatsapp_omni.conversation - who sees a card may know the names on it,
        # be they those of queues and contacts that are not theirs
        store.add_records_fields(self.sudo(), fields_)

    def _to_store_defaults(self, target):
        """Return what a card in the list shows. The same for everybody who sees it."""
        return [
            *self._news_names(),
            "state",
            "opened_at",
            "failed_count",
            "opens_at",
            Store.Attr("name", lambda c: c.customer_id.name),
            Store.Attr("number", lambda c: c.customer_id._shared_number()),
            Store.Attr("is_reachable", lambda c: c.customer_id._is_reachable()),
            Store.Attr("customer_id", lambda c: c.customer_id.id),
            Store.Attr("opted_out", lambda c: c.customer_id.opted_out),
            Store.Attr("avatar_url", lambda c: c._get_avatar_url()),
            Store.Attr("line_name", lambda c: c.line_id.name),
            Store.Attr("owner_user_id", lambda c: c.user_id.id),
            Store.Attr(
                "owner_partner_id", lambda c: Store.One(c.user_id.partner_id, ["name"])
            ),
            Store.One("queue_id", ["name", "allow_peek", "answer_minutes", "priority"]),
            Store.One("channel_id", [], as_thread=True),
        ]

    def _get_avatar_url(self):
        person = self.customer_id.partner_id or self.customer_id.guest_id
        if not person:
            return False
        version = int(person.write_date.timestamp())
        return f"/web/image/{person._name}/{person.id}/avatar_128?unique={version}"

    @api.model
    def _add_inbox(self, store):
        """Add to ``store`` all that the inbox of the user needs at its start."""
        user = self.env.user
        queues = self._inbox_queues()
        store.add(self.search(self._inbox_domain()))
        store.add_global_values(
            whatsapp_omni_inbox={
                "is_agent": True,
                "has_queue": bool(queues),
                "is_supervisor": user.has_group("whatsapp_omni.group_supervisor"),
                "is_administrator": user.has_group("whatsapp_omni.group_administrator"),
                "today": self._count_today(queues),
                "setup": self._get_setup(),
                "agent": self.env["whatsapp_omni.agent"].get_mine(),
            }
        )

    @api.model
    def _count_today(self, queues):
        """Return today's numbers of these queues, days counted in UTC."""
        today = fields.Datetime.now().replace(hour=0, minute=0, second=0)
        ours = Domain("queue_id", "in", queues.ids)
        return {
            "opened": self.search_count(ours & Domain("opened_at", ">=", today)),
            "closed": self.search_count(
                ours & Domain("state", "=", "closed") & Domain("closed_at", ">=", today)
            ),
        }

    @api.model
    def _get_setup(self):
        """Return the steps of setting up, done or not; False for non-administrators."""
        if not self.env.user.has_group("whatsapp_omni.group_administrator"):
            return False
        line = self.env["whatsapp_omni.line"].search([], limit=1)
        return {
            "provider": bool(
                self.env["whatsapp_omni.provider"].search_count([], limit=1)
            ),
            "queue": bool(
                self.env["whatsapp_omni.queue"].search_count(
                    [("agent_ids", "!=", False)], limit=1
                )
            ),
            "line": bool(line),
            "callback": bool(line.last_callback_at),
        }

    # === SIDE PANEL === #

    def get_panel(self):
        """Return what the side panel tells about this conversation.

        :return: ``{"customer", "conversation", "changes", "previous",
            "has_more_previous"}``
        :rtype: dict
        """
        self.ensure_one()
        self.check_access("read")
        # sudo: whatsapp_omni.conversation - who reads it may know its customer and past
        conversation = self.sudo()
        change_labels = dict(
            conversation.change_ids._fields["what"]._description_selection(self.env)
        )
        return {
            "customer": conversation._panel_customer(self.env.user),
            "conversation": {
                "name": conversation.name,
                "opened_at": fields.Datetime.to_string(conversation.opened_at),
                "attended_at": fields.Datetime.to_string(conversation.attended_at),
                "window_end": fields.Datetime.to_string(conversation.window_end),
                "queue": conversation.queue_id.name,
                "line": conversation.line_id.name,
                "owner": conversation.user_id.name,
            },
            "changes": [
                {
                    "id": change.id,
                    "date": fields.Datetime.to_string(change.date),
                    "who": change.user_id.name,
                    "what": change_labels[change.what],
                    "reason": change.explanation,
                    "candidates": change.assignment_id.candidates_text,
                    "skipped": change.assignment_id.skipped_text,
                }
                for change in conversation.change_ids
            ],
            **self._panel_previous(),
        }
