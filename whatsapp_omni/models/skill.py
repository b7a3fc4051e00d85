# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models

#: How well somebody knows something, as plain numbers in their order.
LEVELS = [(str(level), str(level)) for level in range(1, 6)]


class WhatsAppSkill(models.Model):
    """Something that some agents know better than others: a language, a product."""

    _name = "whatsapp_omni.skill"
    _description = "WhatsApp Skill"
    _order = "sequence, name, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    color = fields.Integer()
    company_id = fields.Many2one(
        "res.company",
        index=True,
        help="Leave empty to use the skill in every company.",
    )


class WhatsAppAgentSkill(models.Model):
    """How well an agent knows something."""

    _name = "whatsapp_omni.agent.skill"
    _description = "WhatsApp Agent Skill"
    _order = "skill_id, id"
    _rec_name = "skill_id"

    agent_id = fields.Many2one(
        "whatsapp_omni.agent", required=True, index=True, ondelete="cascade"
    )
    skill_id = fields.Many2one(
        "whatsapp_omni.skill", required=True, index=True, ondelete="cascade"
    )
    level = fields.Selection(LEVELS, required=True, default="3")

    _agent_skill_unique = models.UniqueIndex(
        "(agent_id, skill_id)", "An agent has each skill once."
    )


class WhatsAppSkillRequirement(models.Model):
    """What an agent has to know for a queue, or for an option of a menu."""

    _name = "whatsapp_omni.skill.requirement"
    _description = "WhatsApp Required Skill"
    _order = "skill_id, id"
    _rec_name = "skill_id"
    _check_company_auto = True

    queue_id = fields.Many2one("whatsapp_omni.queue", index=True, ondelete="cascade")
    option_id = fields.Many2one(
        "whatsapp_omni.menu.option", index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        "res.company", compute="_compute_company_id", store=True
    )
    skill_id = fields.Many2one(
        "whatsapp_omni.skill",
        required=True,
        index=True,
        check_company=True,
        ondelete="cascade",
    )
    level = fields.Selection(
        LEVELS, "At Least", required=True, default="1", help="1 is the lowest level."
    )

    _one_place = models.Constraint(
        "CHECK ((queue_id IS NULL) != (option_id IS NULL))",
        "A skill is required by a queue or by an option of a menu.",
    )
    _queue_skill_unique = models.UniqueIndex(
        "(queue_id, skill_id) WHERE queue_id IS NOT NULL",
        "A queue requires each skill once.",
    )
    _option_skill_unique = models.UniqueIndex(
        "(option_id, skill_id) WHERE option_id IS NOT NULL",
        "An option requires each skill once.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        """Give out anew by what is required now."""
        requirements = super().create(vals_list)
        self.env["whatsapp_omni.conversation"]._ask_distribution()
        return requirements

    def write(self, vals):
        """Give out anew by what is required now."""
        result = super().write(vals)
        self.env["whatsapp_omni.conversation"]._ask_distribution()
        return result

    def unlink(self):
        """Give out anew by what is required now."""
        result = super().unlink()
        self.env["whatsapp_omni.conversation"]._ask_distribution()
        return result

    @api.depends("queue_id.company_id", "option_id.company_id")
    def _compute_company_id(self):
        for requirement in self:
            requirement.company_id = (
                requirement.queue_id.company_id or requirement.option_id.company_id
            )


class WhatsAppMenuOption(models.Model):
    _inherit = "whatsapp_omni.menu.option"

    skill_ids = fields.One2many(
        "whatsapp_omni.skill.requirement",
        "option_id",
        string="Required Skills",
        help="What an agent has to know who gets the customers of this option, beside "
        "what the queue requires. Queues that give conversations by skills look at it.",
    )
