# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from typing import NamedTuple

from odoo import Command, api, fields, models
from odoo.tools import ormcache

from ..gupshup import values
from ..tools.words import normalize
from .line_messages import SHARED
from .message_content import Content
from .opt_word import WORD_LENGTH

#: What every new line begins with: word, meaning, language.
_DEFAULT_WORDS = (
    ("STOP", "stop", None),
    ("UNSUBSCRIBE", "stop", "base.lang_en"),
    ("OPT OUT", "stop", "base.lang_en"),
    ("BAJA", "stop", "base.lang_es"),
    ("DARME DE BAJA", "stop", "base.lang_es"),
    ("START", "start", None),
    ("SUBSCRIBE", "start", "base.lang_en"),
    ("ALTA", "start", "base.lang_es"),
    ("DARME DE ALTA", "start", "base.lang_es"),
)


class OptWord(NamedTuple):
    """What a word means: whether it stops marketing, and its language code if known."""

    stops: bool
    lang: str | bool


def text_of(content):
    """Return what of a customer's content may be a word: a text, a button's title."""
    if isinstance(content, values.Text):
        return content.body
    return content.title if isinstance(content, values.Answer) else ""


class WhatsAppLine(models.Model):
    """The words by which customers stop marketing, and what they are answered."""

    _inherit = "whatsapp_omni.line"

    opt_word_ids = fields.One2many(
        "whatsapp_omni.opt.word",
        "line_id",
        "Words",
        copy=True,
        default=lambda self: self._default_opt_words(),
    )
    opt_out_template_id = fields.Many2one(
        "whatsapp_omni.message.template",
        "Confirmation of Stopping",
        check_company=True,
        domain=SHARED,
        index="btree_not_null",
        ondelete="restrict",
        help="What customers are answered who stop marketing by a word. Empty: a "
        "standard text.",
    )
    opt_in_template_id = fields.Many2one(
        "whatsapp_omni.message.template",
        "Confirmation of Allowing",
        check_company=True,
        domain=SHARED,
        index="btree_not_null",
        ondelete="restrict",
        help="What customers are answered who allow marketing again by a word. Empty: "
        "a standard text.",
    )

    @api.model
    def _default_opt_words(self):
        def lang_id(xmlid):
            lang = xmlid and self.env.ref(xmlid, raise_if_not_found=False)
            return lang and lang.id

        return [
            Command.create({"word": word, "meaning": meaning, "lang_id": lang_id(lang)})
            for word, meaning, lang in _DEFAULT_WORDS
        ]

    def action_add_opt_words(self):
        """Give these lines the words that new lines begin with, if they have none."""
        for line in self.filtered(lambda line: not line.opt_word_ids):
            line.opt_word_ids = self._default_opt_words()

    @ormcache("self.id")
    def _opt_words(self):
        """Return the line's words, as a dict of :class:`OptWord` by normalized text.

        Remembered, because each message of a customer is compared with them.
        """
        # sudo: whatsapp_omni.opt.word - whoever applies a message needs them
        words = self.sudo().with_context(active_test=False).opt_word_ids
        return {
            word.key: OptWord(word.meaning == "stop", word.lang_id.code)
            for word in words
        }

    def _find_opt_word(self, content):
        """Return the :class:`OptWord` that a customer's content is, None for others."""
        text = text_of(content)
        if not text or len(text) > WORD_LENGTH:
            return None
        return self._opt_words().get(normalize(text))

    def _opt_confirmation(self, conversation, word):
        """Return what a customer is answered who used a word.

        :param OptWord word:
        :rtype: Content
        """
        lang = self._confirmation_lang(conversation, word)
        line = self.with_context(lang=lang)
        stops = word.stops
        template = line.opt_out_template_id if stops else line.opt_in_template_id
        if template:
            return template._content(conversation, lang=lang)
        company = line.company_id.name
        if not stops:
            text = line.env._(
                "Thank you. You will receive news and offers of %s again.", company
            )
        elif back := line._word_that_allows(word.lang):
            text = line.env._(
                "You will not receive advertising of %(company)s any more. If you"
                " change your mind, write %(word)s.",
                company=company,
                word=back,
            )
        else:
            text = line.env._(
                "You will not receive advertising of %s any more.", company
            )
        return Content("text", text)

    def _confirmation_lang(self, conversation, word):
        """Return the code of a language that is installed, the word's before others."""
        installed = dict(self.env["res.lang"].get_installed())
        candidates = (
            word.lang,
            conversation.customer_id.partner_id.lang,
            self.company_id.partner_id.lang,
        )
        return next((code for code in candidates if code in installed), None)

    def _word_that_allows(self, lang):
        """Return a word that allows marketing again, if possible of the language."""
        allowing = self.opt_word_ids.filtered(lambda word: word.meaning == "start")
        same = allowing.filtered(lambda word: word.lang_id.code == (lang or False))
        return (same or allowing)[:1].word
