# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..tools.words import normalize

#: Longest text that may be one of these words; longer ones are not looked at.
WORD_LENGTH = 60


class WhatsAppOptWord(models.Model):
    """A word by which customers of a line stop marketing messages, or allow them."""

    _name = "whatsapp_omni.opt.word"
    _description = "WhatsApp Opt-out Word"
    _order = "meaning desc, id"
    _rec_name = "word"

    line_id = fields.Many2one(
        "whatsapp_omni.line", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="line_id.company_id")
    word = fields.Char(
        required=True,
        help="The whole message, whatever its case and accents. A text that merely "
        "contains it means nothing.",
    )
    key = fields.Char(compute="_compute_key", store=True)
    meaning = fields.Selection(
        [("stop", "Stops marketing"), ("start", "Allows marketing again")],
        required=True,
        default="stop",
    )
    lang_id = fields.Many2one(
        "res.lang",
        "Language",
        context={"active_test": False},
        help="In which the customer gets the confirmation. Empty: the contact's or the "
        "company's language.",
    )

    _key_unique = models.UniqueIndex(
        "(line_id, key)", "The line has this word already."
    )

    @api.depends("word")
    def _compute_key(self):
        for word in self:
            word.key = normalize(word.word or "")

    @api.constrains("word")
    def _check_word(self):
        for word in self:
            if not word.key or len(word.word) > WORD_LENGTH:
                raise ValidationError(
                    self.env._("A word has between 1 and %s characters.", WORD_LENGTH)
                )

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        """Forget what was remembered of the lines' words."""
        words = super().create(vals_list)
        self.env.registry.clear_cache()  # line._opt_words
        return words

    def write(self, vals):
        """Forget what was remembered of the lines' words."""
        result = super().write(vals)
        self.env.registry.clear_cache()
        return result

    def unlink(self):
        """Forget what was remembered of the lines' words."""
        result = super().unlink()
        self.env.registry.clear_cache()
        return result
