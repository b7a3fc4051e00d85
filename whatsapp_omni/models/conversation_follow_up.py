# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models
from odoo.exceptions import UserError


class WhatsAppConversation(models.Model):
    """What an agent means to do after closing: an activity of Odoo.

    It belongs to the contact. A customer whom nobody has identified has none, so that
    the conversation takes it; the mixin's fields are computed and stored nowhere.
    """

    _name = "whatsapp_omni.conversation"
    _inherit = ["whatsapp_omni.conversation", "mail.activity.mixin"]

    def action_close(self, *args, follow_up=None, **kwargs):
        """Override: plan a follow-up for the user, if asked.

        :param dict follow_up: ``{"date", "summary"}``
        """
        self.ensure_one()
        self.check_access("read")
        self._take_turn()
        was_open = self.state != "closed"
        result = super().action_close(*args, **kwargs)
        if follow_up and was_open:
            self._plan_follow_up(follow_up)
        return result

    def _plan_follow_up(self, follow_up):
        summary = (follow_up.get("summary") or "").strip()[:200]
        try:
            date = fields.Date.to_date(follow_up.get("date"))
        except ValueError:
            date = None
        if not date or not summary:
            raise UserError(
                self.env._("A follow-up needs a date and what is to be done.")
            )
        # sudo: mail.activity - agents may neither change contacts nor conversations,
        # but plan what they themselves will do
        conversation = self.sudo()
        document = conversation.partner_id or conversation
        document.activity_schedule(
            "mail.mail_activity_data_todo",
            date_deadline=date,
            summary=summary,
            user_id=self.env.uid,
            automated=False,
        )
        self._log_change(
            "follow_up", "closed", "closed", f"{fields.Date.to_string(date)} · {summary}"
        )
