# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from typing import Any, NamedTuple

from odoo import models


class RecordKind(NamedTuple):
    """Records of a contact that agents want at hand.

    :param name: what they are, for people, in the plural
    :param icon: class of an icon
    :param domain: of those of one contact, as a list
    """

    model: str
    name: Any
    icon: str
    domain: list


class ResPartner(models.Model):
    """What else there is of a contact, in whatever apps are installed."""

    _inherit = "res.partner"

    def _whatsapp_omni_record_kinds(self):
        """Return the kinds of records of this contact, in the order of the panel.

        Addons that know of more extend it; what is not installed is left out by the
        caller.

        :rtype: list[RecordKind]
        """
        self.ensure_one()
        own = ("partner_id", "child_of", self.ids)
        return [
            RecordKind(
                "sale.order",
                self.env._("Sales"),
                "fa-shopping-cart",
                [own, ("state", "!=", "cancel")],
            ),
            RecordKind(
                "account.move",
                self.env._("Invoices"),
                "fa-file-text-o",
                [
                    own,
                    ("move_type", "in", ["out_invoice", "out_refund"]),
                    ("state", "!=", "cancel"),
                ],
            ),
            RecordKind("helpdesk.ticket", self.env._("Tickets"), "fa-life-ring", [own]),
        ]

    def _whatsapp_omni_count_records(self):
        """Return the kinds of which this contact has some that the user may read.

        :return: ``[{"model", "name", "icon", "domain", "count"}]``
        :rtype: list[dict]
        """
        found = []
        for kind in self._whatsapp_omni_record_kinds():
            Model = self.env.get(kind.model)
            if Model is None or not Model.has_access("read"):
                continue
            if count := Model.search_count(kind.domain):
                found.append({**kind._asdict(), "count": count})
        return found
