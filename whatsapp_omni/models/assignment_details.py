# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models


class WhatsAppAssignment(models.Model):
    """Who was compared with whom, as a person reads it."""

    _inherit = "whatsapp_omni.assignment"

    candidates_text = fields.Text(
        "Who Could Have It",
        compute="_compute_details",
        help="The chosen one first, then who would have followed, in order.",
    )
    skipped_text = fields.Text("Who Could Not", compute="_compute_details")

    @api.depends("candidates", "skipped")
    @api.depends_context("lang")
    def _compute_details(self):
        for assignment in self:
            assignment.candidates_text = "\n".join(
                self._candidate_text(candidate)
                for candidate in assignment.candidates or []
            )
            assignment.skipped_text = "\n".join(
                f"{skipped['name']}: {self._skipped_text(skipped)}"
                for skipped in assignment.skipped or []
            )

    @api.model
    def _skipped_text(self, skipped):
        if "text" in skipped:  # noted before reasons were kept as phrases
            return skipped["text"]
        part = [f"not_{skipped['why']}", skipped["values"]]
        return self.env["whatsapp_omni.phrase"]._say([part])

    @api.model
    def _candidate_text(self, candidate):
        load, capacity = candidate.get("load") or 0, candidate.get("capacity")
        facts = [
            self.env._("%(load)g of %(capacity)g", load=load, capacity=capacity)
            if capacity
            else self.env._("%(load)g open", load=load)
        ]
        idle = candidate.get("idle_seconds")
        if idle is not None:
            facts.append(self.env._("idle for %(minutes)d min", minutes=idle // 60))
        facts += [
            f"{name} {level}" for name, level in (candidate.get("skills") or {}).items()
        ]
        return f"{candidate['name']}: {', '.join(facts)}"
