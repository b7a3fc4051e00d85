# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, models


class WhatsAppPhrase(models.AbstractModel):
    """Reasons that are kept as codes and values, and said in the reader's language.

    A reason is a list of parts: names and what people wrote as they are, and phrases as
    ``[code, values]``.
    """

    _name = "whatsapp_omni.phrase"
    _description = "WhatsApp Phrase"

    @api.model
    def _say(self, parts):
        """Return a reason in the language of the environment.

        :param parts: see above, or a text, which is returned as it is
        """
        if not parts or isinstance(parts, str):
            return parts
        texts = self._texts()
        said = []
        for part in parts:
            if isinstance(part, str):
                said.append(part)
            elif part:
                code, values = part
                values = values if isinstance(values, dict) else tuple(values)
                said.append(texts[code] % values if values else texts[code])
        return " · ".join(filter(None, said))

    @api.model
    def _texts(self):
        _ = self.env._
        return {
            # why an agent got a conversation
            "reserved": _("kept for this agent"),
            "last_agent": _("the customer's last agent"),
            "round_robin": _("in turn"),
            "least_busy": _("least busy"),
            "longest_idle": _("longest idle"),
            "skills": _("by skills"),
            "relaxed": _("relaxed after waiting"),
            "free": _("%(free)s of %(all)s agents free"),
            "transferred_by": _("Transferred by %s"),
            # why others did not
            "not_skill": _("lacks %(skill)s, level %(level)s"),
            "not_full": _("full: %(load)g of %(capacity)s"),
            "not_reserved": _("kept for somebody else"),
            "not_paused": _("paused"),
            "not_rona": _("did not answer the last offer"),
            "not_offline": _("offline"),
            "not_disconnected": _("no open browser"),
            "not_wrap_up": _("writes up the last conversation"),
            "not_refused": _("had it already"),
            # why it came to a queue
            "routed_wrong": _("not understood"),
            "routed_timeout": _("no choice in time"),
            "routed_lost": _("the menu is gone"),
            "routed_long": _("went round in the menus"),
            "routed_window": _("window closed"),
            "routed_failed": _("routing failed"),
            "routed_archived": _("line archived"),
            # why it came back
            "gone": _("%s is not there any more"),
            "transfer_withdrawn": _("Transfer to %s taken back"),
            "transfer_refused": _("%s did not want it"),
            "transfer_expired": _("%s did not take it"),
            # why a colleague did not join
            "invitation_refused": _("Refused"),
            "invitation_expired": _("Not answered"),
            # why a colleague left
            "went_offline": _("went offline"),
            # why it was closed
            "closed_menu": _("Ended by the menu"),
            "closed_window": _("Window expired"),
            "closed_inactivity": _("Customer did not answer"),
            "closed_blocked": _("Customer is blocked"),
        }
