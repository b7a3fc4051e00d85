# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import ormcache


class WhatsAppQueue(models.Model):
    """Place where conversations wait for its agents.

    A queue is a bus channel as well: its agents' screens listen to it.
    """

    _name = "whatsapp_omni.queue"
    _description = "WhatsApp Queue"
    _inherit = ["bus.listener.mixin"]
    _order = "sequence, name, id"
    _check_company_auto = True

    name = fields.Char(required=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    color = fields.Integer()
    allow_peek = fields.Boolean(
        string="Read Before Taking",
        default=True,
        help="Agents may read a new conversation before they take it.",
    )
    answer_minutes = fields.Integer(
        "Answer Within (Minutes)",
        default=5,
        help="Who waits longer stands out in the inbox. 0: nobody does.",
    )
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    # The domains are part of reading and searching, too: who loses the group is no
    # agent any more, for record rules and the bus alike.
    agent_ids = fields.Many2many(
        "res.users",
        "whatsapp_omni_queue_agent_rel",
        "queue_id",
        "user_id",
        string="Agents",
        check_company=True,
        domain=lambda self: self._domain_users("whatsapp_omni.group_agent"),
        help="Users who see the conversations of this queue and may take them.",
    )
    supervisor_ids = fields.Many2many(
        "res.users",
        "whatsapp_omni_queue_supervisor_rel",
        "queue_id",
        "user_id",
        string="Supervisors",
        check_company=True,
        domain=lambda self: self._domain_users("whatsapp_omni.group_supervisor"),
        help="Supervisors who follow this queue in their own inbox.",
    )
    disposition_ids = fields.Many2many(
        "whatsapp_omni.disposition",
        "whatsapp_omni_queue_disposition",
        "queue_id",
        "disposition_id",
        string="Dispositions",
        check_company=True,
        depends=["disposition_order_ids"],
        help="Results that agents may choose when closing. Empty: every disposition "
        "of the company.",
    )
    line_ids = fields.One2many(
        "whatsapp_omni.line",
        "queue_id",
        string="Lines",
        help="Lines whose new conversations come straight to this queue.",
    )

    # === CONSTRAINTS === #

    @api.constrains("active")
    def _check_archived_without_lines(self):
        """An archived queue gets no new conversations, so no line may lead to it."""
        for queue in self.filtered(lambda queue: not queue.active):
            lines = queue.line_ids.filtered("active")
            if lines:
                raise ValidationError(
                    self.env._(
                        "The queue “%(queue)s” cannot be archived while the lines "
                        "%(lines)s send their conversations to it. Choose another "
                        "queue on these lines first.",
                        queue=queue.name,
                        lines=", ".join(lines.mapped("name")),
                    )
                )

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        """Tell the people of the new queues that they have one more."""
        queues = super().create(vals_list)
        (queues.agent_ids | queues.supervisor_ids)._whatsapp_omni_queues_changed()
        return queues

    def write(self, vals):
        """Tell people who joined or left: the bus checks rights only on subscribing."""
        if not vals.keys() & {"agent_ids", "supervisor_ids", "active"}:
            return super().write(vals)
        before = {queue: queue._people() for queue in self}
        result = super().write(vals)
        self.env.registry.clear_cache()  # _people_ids
        changed = self.env["res.users"]
        for queue, people in before.items():
            changed |= (people | queue._people()) - (people & queue._people())
        if "active" in vals:
            changed |= self.agent_ids | self.supervisor_ids
        changed._whatsapp_omni_queues_changed()
        return result

    def unlink(self):
        """Tell the people of the deleted queues that they have one less."""
        people = self.agent_ids | self.supervisor_ids
        result = super().unlink()
        people._whatsapp_omni_queues_changed()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        """Conversations and lines must not lose their queue."""
        for queue in self.with_context(active_test=False):
            if queue.line_ids:
                raise UserError(
                    self.env._(
                        "The queue “%(queue)s” is the destination of the lines "
                        "%(lines)s and cannot be deleted. Choose another queue on "
                        "these lines, then archive this one.",
                        queue=queue.name,
                        lines=", ".join(queue.line_ids.mapped("name")),
                    )
                )
            count = (
                self.env["whatsapp_omni.conversation"]
                .sudo()
                .search_count([("queue_id", "=", queue.id)])
            )
            if count:
                raise UserError(
                    self.env._(
                        "The queue “%(queue)s” holds %(count)s conversations and "
                        "cannot be deleted. Archive it: its conversations stay "
                        "reachable.",
                        queue=queue.name,
                        count=count,
                    )
                )

    # === ACTIONS === #

    def action_view_conversations(self):
        """Open the conversations of the queue."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "whatsapp_omni.conversation_action"
        )
        action["domain"] = [("queue_id", "=", self.id)]
        action["context"] = {"default_queue_id": self.id}
        return action

    # === BUSINESS METHODS === #

    def _people(self):
        """Return the users whose inbox shows the queue."""
        return self.agent_ids | self.supervisor_ids

    @ormcache("self.id")
    def _people_ids(self):
        """Return the ids of :meth:`_people`, which each message of a customer needs.

        Odoo forgets it when somebody's groups change.
        """
        return frozenset(self.sudo()._people().ids)

    @api.model
    def _domain_users(self, group_xmlid):
        """Return the domain of the users who hold the group."""
        group = self.env.ref(group_xmlid, raise_if_not_found=False)
        return [
            ("share", "=", False),
            ("all_group_ids", "in", group.ids if group else []),
        ]
