# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from odoo.addons.mail.tools.discuss import Store

from ..tools.arguments import is_id, is_text, takes


class WhatsAppConversation(models.Model):
    """Conference: colleagues who write to the customer besides the agent.

    Guests take no place of anybody's capacity. They go when the conversation closes or
    gets another agent, whichever way that happens.
    """

    _inherit = "whatsapp_omni.conversation"

    invitation_count = fields.Integer(
        "Invitations",
        readonly=True,
        default=0,
        help="Those not answered yet, counted here so that nothing looks for them.",
    )

    # === ASKING === #

    @takes(user_id=is_id, queue_id=is_id, note=is_text)
    def action_invite(self, user_id=False, queue_id=False, note=""):
        """Ask a colleague, or anybody of a queue, to join. For its agent.

        :return: the id of the invitation
        :raises UserError: why nobody is asked
        """
        self.ensure_one()
        self.check_access("read")
        note = self.sudo()._mask(self._check_note(note))
        self._take_turn()
        self._check_owned()
        # sudo: whatsapp_omni.conversation, whatsapp_omni.invitation,
        # whatsapp_omni.queue - changed by methods only; colleagues may be of any queue
        conversation = self.sudo()
        queue = self.env["whatsapp_omni.queue"].sudo().browse(queue_id or []).exists()
        queue = queue.filtered(lambda queue: queue.company_id == self.company_id)
        asked = conversation._colleagues_to_ask(user_id, queue)
        if not asked:
            raise UserError(
                self.env._("Nobody can be asked: they take part or are asked already.")
            )
        Invitation = self.env["whatsapp_omni.invitation"].sudo()
        return Invitation._invite(conversation, asked, queue, note).id

    def _colleagues_to_ask(self, user_id, queue):
        """Return who would be asked: agents of the company who take no part yet."""
        if queue:
            users = queue.agent_ids if queue.active else queue.agent_ids.browse()
            users = users._whatsapp_omni_free()
        else:
            users = self.env["res.users"].sudo().browse(user_id or []).exists()
        # one who is asked already is not asked twice
        pending = self._find_invitations().asked_ids
        return users.filtered(
            lambda user: (
                user.active
                and self.company_id in user.company_ids
                and user.has_group("whatsapp_omni.group_agent")
            )
        ) - (self._participants() | pending)

    def get_colleagues(self):
        """Return whom the agent may ask to join.

        :return: ``{"users": [{"id", "name", "state", "queues"}], "queues": [{"id",
            "name", "agents"}]}``, those who can answer first
        :rtype: dict
        """
        self.ensure_one()
        self.check_access("read")
        # sudo: whatsapp_omni.conversation, whatsapp_omni.queue - names of colleagues
        conversation = self.sudo()
        queues = (
            self.env["whatsapp_omni.queue"]
            .sudo()
            .search([("company_id", "=", conversation.company_id.id)])
        )
        not_asked = conversation._participants() | (
            conversation._find_invitations().asked_ids
        )
        colleagues = queues.agent_ids - not_asked
        work = colleagues._whatsapp_omni_work()
        users = [
            {
                "id": user.id,
                "name": user.name,
                "state": work[user]["state"],
                "queues": ", ".join(
                    queues.filtered(lambda q, u=user: u in q.agent_ids).mapped("name")
                ),
            }
            for user in colleagues.sorted("name")
        ]
        return {
            "users": sorted(users, key=lambda user: user["state"] != "available"),
            "queues": [
                {"id": queue.id, "name": queue.name, "agents": count}
                for queue in queues
                if (count := len(queue.agent_ids._whatsapp_omni_free() - not_asked))
            ],
        }

    def _find_invitations(self):
        if not self.invitation_count:
            return self.env["whatsapp_omni.invitation"]
        return self.env["whatsapp_omni.invitation"].search(
            Domain("conversation_id", "=", self.id) & Domain("state", "=", "pending")
        )

    def _count_invitations(self):
        self.invitation_count = self.env["whatsapp_omni.invitation"].search_count(
            Domain("conversation_id", "=", self.id) & Domain("state", "=", "pending")
        )

    # === COMING AND GOING === #

    def _add_guest(self, user, what):
        """Let ``user`` take part. The conversation is locked."""
        self.guest_ids |= user
        self.channel_id._whatsapp_omni_join(user)
        self._log_change(what, self.state, self.state, user.name)
        self._announce(lambda c: c.env._("%s joined the conversation", user.name))
        self._push()
        for colleague in self._participants() - user:
            _ = colleague.with_context(lang=colleague.lang).env._
            text = _("%(name)s joined the conversation", name=user.name)
            self._notify_colleague(colleague, text)

    def action_leave(self):
        """Take part no longer. For a guest."""
        self.ensure_one()
        self.check_access("read")
        self._take_turn()
        # sudo: whatsapp_omni.conversation - changed by methods only
        conversation = self.sudo()
        if self.env.user in conversation.guest_ids:
            conversation._remove_guests(self.env.user)

    def action_end_conference(self):
        """Go on alone: guests leave, and nobody is asked any more. For its agent."""
        self.ensure_one()
        self.check_access("read")
        self._take_turn()
        self._check_owned()
        self._dismiss_guests()

    def _dismiss_guests(self, keep=None):
        """Have guests leave and withdraw invitations. The conversation is locked.

        :param keep: a user who stays a member, being its next agent
        """
        # sudo: whatsapp_omni.conversation - changed by methods only
        for conversation in self.sudo():
            for invitation in conversation._find_invitations():
                invitation._settle("withdrawn")
            if conversation.has_guests:
                conversation._remove_guests(conversation.guest_ids, keep)

    @api.model
    def _lock_conferences_of(self, users):
        """Return the conversations, locked, in which these users are guests."""
        conferences = self.search(
            Domain("state", "=", "attended") & Domain("guest_ids", "in", users.ids)
        )
        conferences._lock()
        return conferences

    def _part_with_offline(self, users):
        """Have these users, who went offline, leave where they are guests.

        What they attend they keep. The conversations are locked.
        """
        for conversation in self.filtered(lambda c: c.state == "attended"):
            guests = conversation.guest_ids & users
            if not guests:
                continue
            conversation._remove_guests(guests, why=[["went_offline", []]])
            owner = conversation.user_id
            _ = owner.with_context(lang=owner.lang).env._
            for guest in guests:
                text = _("%(name)s went offline and left", name=guest.name)
                conversation._notify_colleague(owner, text)

    def _remove_guests(self, guests, keep=None, why=()):
        """Have guests leave. The conversation is locked.

        :param keep: a user who stays a member, being its next agent
        :param why: parts of a phrase that the timeline adds
        """
        self.guest_ids -= guests
        for guest in guests.filtered(lambda guest: guest != keep):
            self._log_change("left", self.state, self.state, [guest.name, *why])
            self._announce(
                lambda c, guest=guest: c.env._("%s left the conversation", guest.name)
            )
            self.channel_id._whatsapp_omni_leave(guest)
            if guest != self.env.user:
                _ = guest.with_context(lang=guest.lang).env._
                self._notify_colleague(guest, _("You take part no longer"))
        self._push_departure(guests)

    def _push_departure(self, users):
        """Take this off the inboxes of users whom it concerns no longer."""
        concerned = self._people().ids
        if self.queue_id:
            concerned = {*concerned, *self.queue_id._people_ids()}
        for user in users.filtered(lambda user: user.id not in concerned):
            Store(bus_channel=user).delete(self).bus_send()
        self._push()

    def _notify_colleague(self, user, title, text="", kind="info"):
        """Tell a user something about this conversation, which they can then open."""
        user._bus_send(
            "whatsapp_omni.notice",
            {
                "conversation_id": self.id,
                "customer_name": self.customer_id.name,
                "title": title,
                "text": text,
                "kind": kind,
            },
        )

    # === WHERE GUESTS GO BY THEMSELVES === #

    def write(self, vals):
        """Override: who gets a conversation does not get the guests of another."""
        if "user_id" in vals:
            owner = self.env["res.users"].browse(vals["user_id"] or [])
            for conversation in self.filtered(lambda c: c.user_id != owner):
                conversation._dismiss_guests(keep=owner)
        return super().write(vals)

    def _close(self, *args, **kwargs):
        """Override: nobody takes part in what is closed."""
        self._dismiss_guests()
        return super()._close(*args, **kwargs)

    # === STORE === #

    def _to_store_defaults(self, target):
        """Override: who takes part, and who is asked to."""
        return super()._to_store_defaults(target) + [
            Store.Attr("guests", lambda c: c._guests_data()),
            Store.Attr("invitations", lambda c: c._invitations_data()),
        ]

    def _guests_data(self):
        if not self.has_guests:
            return []
        return [{"id": user.id, "name": user.name} for user in self.guest_ids]

    def _invitations_data(self):
        return [
            {"id": invitation.id, "whom": invitation._whom()}
            for invitation in self._find_invitations()
        ]

    @api.model
    def _add_inbox(self, store):
        """Override: what colleagues ask the user for."""
        result = super()._add_inbox(store)
        store.add(self.env["whatsapp_omni.invitation"]._pending_of_user())
        return result


class WhatsAppQueue(models.Model):
    _inherit = "whatsapp_omni.queue"

    sign_in_conference = fields.Boolean(
        "Sign in Conferences",
        default=True,
        help="Where several colleagues write to a customer, each text begins with the "
        "name of who wrote it.",
    )
