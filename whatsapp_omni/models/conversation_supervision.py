# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models
from odoo.exceptions import AccessError, UserError

from ..tools.arguments import is_id, takes


class WhatsAppConversation(models.Model):
    """What supervisors do in the conversations of others.

    To watch leaves no trace: supervisors read without being members, so no colleague
    sees it and the customer gets no receipt. To whisper is to write a note.
    """

    _inherit = "whatsapp_omni.conversation"

    def action_barge_in(self):
        """Take part without being asked. For supervisors.

        :raises UserError: when nobody attends it
        """
        conversation = self._take_turn_as_supervisor()
        if self.env.user in conversation._participants():
            return  # a double click
        for invitation in conversation._find_invitations():
            if self.env.user in invitation.asked_ids:
                invitation._settle("joined", self.env.user)
        conversation._add_guest(self.env.user, "barged_in")

    @takes(from_user_id=is_id)
    def action_take_over(self, from_user_id):
        """Become the agent of this conversation. For supervisors.

        :param int from_user_id: from whom, as the supervisor saw it
        :raises UserError: when nobody or somebody else attends it now
        """
        conversation = self._take_turn_as_supervisor()
        former, supervisor = conversation.user_id, self.env.user
        if former == supervisor:
            return  # a double click
        if former.id != from_user_id:
            raise UserError(
                self.env._("%s attends this conversation by now.", former.name)
            )
        conversation.write(
            {
                "user_id": supervisor.id,
                "attended_at": fields.Datetime.now(),
                **self._no_parking(),
            }
        )
        conversation.channel_id._whatsapp_omni_leave(former)
        conversation.channel_id._whatsapp_omni_join(supervisor)
        conversation._log_change("taken_over", "attended", "attended", former.name)
        conversation._announce(
            lambda c: c.env._(
                "%(supervisor)s took over from %(agent)s",
                supervisor=supervisor.name,
                agent=former.name,
            )
        )
        _ = former.with_context(lang=former.lang).env._
        conversation._notify_colleague(
            former,
            _("%(name)s took over this conversation", name=supervisor.name),
            kind="warning",
        )
        conversation._push_departure(former)

    def _take_turn_as_supervisor(self):
        """Return this conversation as superuser, locked, which somebody attends."""
        self.ensure_one()
        self.check_access("read")
        if not self.env.user.has_group("whatsapp_omni.group_supervisor"):
            raise AccessError(self.env._("Only supervisors may do that."))
        self._take_turn()
        if self.state != "attended":
            raise UserError(self.env._("Nobody attends this conversation now."))
        # sudo: whatsapp_omni.conversation - changed by methods only
        return self.sudo()
