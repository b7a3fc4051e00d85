# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from markupsafe import Markup

from odoo import fields, models
from odoo.exceptions import UserError

from ..tools.arguments import is_text, takes


class WhatsAppConversation(models.Model):
    """What an agent means to do after closing: an activity of Odoo.

    It belongs to the contact. For a customer whom nobody has identified it is a to-do
    of the agent's own that leads to the conversation: only threads take activities, and
    a conversation is created far too often to be one.
    """

    _inherit = "whatsapp_omni.conversation"

    @takes(follow_up={"date": is_text, "summary": is_text})
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
        # Colleagues read it on the contact. Before it is cut: half a number is none.
        summary = self._mask((follow_up.get("summary") or "").strip())[:200]
        try:
            date = fields.Date.to_date(follow_up.get("date"))
        except ValueError:
            date = None
        if not date or not summary:
            raise UserError(
                self.env._("A follow-up needs a date and what is to be done.")
            )
        activity = {
            "activity_type_id": self.env.ref("mail.mail_activity_data_todo").id,
            "date_deadline": date,
            "summary": summary,
            "note": Markup('<p><a href="/odoo/whatsapp/%s">%s</a></p>')
            % (self.id, self.display_name),
            "user_id": self.env.uid,
        }
        # sudo: res.partner - agents may not change contacts, but plan for themselves
        if partner := self.sudo().partner_id:
            partner.activity_schedule(automated=False, **activity)
        else:
            self.env["mail.activity"].create(activity)
        self._log_change(
            "follow_up",
            "closed",
            "closed",
            f"{fields.Date.to_string(date)} · {summary}",
        )
