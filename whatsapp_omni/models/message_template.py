# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..gupshup import limits
from ..tools import placeholders
from .message import CAPTION_KINDS

QUESTION_KINDS = ("quick_reply", "list")

#: What may mention placeholders.
TEXT_FIELDS = ("body", "header", "footer")


class WhatsAppMessageTemplate(models.Model):
    """Free-form content kept here, for automatic messages and quick replies.

    A private one belongs to a user. Quick replies are those of a queue and the private
    ones; see ``quick_reply.py``.
    """

    _name = "whatsapp_omni.message.template"
    _description = "WhatsApp Message Template"
    _order = "sequence, name, id"
    _check_company_auto = True

    name = fields.Char(required=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    kind = fields.Selection(
        [
            ("text", "Text"),
            ("image", "Image"),
            ("document", "Document"),
            ("audio", "Audio"),
            ("video", "Video"),
            ("sticker", "Sticker"),
            ("location", "Location"),
            ("contact", "Contact"),
            ("quick_reply", "Buttons"),
            ("list", "List"),
        ],
        "Type",
        required=True,
        default="text",
    )
    # text
    body = fields.Text(
        "Text",
        translate=True,
        help="*bold* _italic_ ~struck~ ```monospaced```, and placeholders.",
    )
    header_kind = fields.Selection(
        [
            ("text", "Text or nothing"),
            ("image", "Image"),
            ("video", "Video"),
            ("document", "Document"),
        ],
        "Above the question",
        required=True,
        default="text",
    )
    header = fields.Char(translate=True)
    footer = fields.Char(translate=True)
    opener = fields.Char(
        "List's button", translate=True, help="What the customer taps to see the list."
    )
    option_ids = fields.One2many(
        "whatsapp_omni.message.template.option",
        "template_id",
        "Options",
        copy=True,
        help="What the customer can tap.",
    )
    # file
    attachment_id = fields.Many2one("ir.attachment", ondelete="restrict")
    file = fields.Binary(compute="_compute_file", readonly=False)
    file_name = fields.Char(compute="_compute_file", readonly=False)
    # place
    latitude = fields.Float(digits=(10, 7))
    longitude = fields.Float(digits=(10, 7))
    place_name = fields.Char("Name of the place", translate=True)
    place_address = fields.Char("Address")
    # card
    card_name = fields.Char("Name on the card")
    card_company = fields.Char("Company on the card")
    card_phone = fields.Char("Phone on the card")
    card_email = fields.Char("Email on the card")
    # for those who write it
    guide = fields.Json(
        compute="_compute_guide",
        help="Limits and placeholders, for the form: see _get_guide.",
    )

    # === COMPUTE METHODS === #

    @api.depends("attachment_id")
    def _compute_file(self):
        for template in self:
            template.file = template.attachment_id.datas
            template.file_name = template.attachment_id.name

    @api.depends("kind")
    @api.depends_context("lang")
    def _compute_guide(self):
        for template in self:
            template.guide = template._get_guide()

    def _get_guide(self):
        """Return what the form shows beside the fields.

        :return: ``{"limits": {field: code points}, "placeholders": [{"name", "label",
            "sample"}], "options": how many}``
        :rtype: dict
        """
        return {
            "limits": self._get_limits(),
            "placeholders": self.env["whatsapp_omni.placeholder"]._describe(),
            "options": limits.BUTTONS
            if self.kind == "quick_reply"
            else limits.LIST_ROWS,
        }

    def _get_limits(self):
        """Return how long each text may be, by field; options' fields among them."""
        is_list = self.kind == "list"
        body = limits.TEXT_LENGTH
        if self.kind in CAPTION_KINDS:
            body = limits.CAPTION_LENGTH
        elif self.kind in QUESTION_KINDS:
            body = limits.INTERACTIVE_BODY_LENGTH
        return {
            "body": body,
            "header": limits.HEADER_LENGTH,
            "footer": limits.FOOTER_LENGTH,
            "opener": limits.LIST_OPENER_LENGTH,
            "title": limits.ROW_TITLE_LENGTH if is_list else limits.BUTTON_TITLE_LENGTH,
            "value": limits.ROW_ID_LENGTH if is_list else limits.BUTTON_ID_LENGTH,
            "description": limits.ROW_DESCRIPTION_LENGTH,
        }

    # === CONSTRAINTS === #

    @api.constrains(
        "kind",
        "body",
        "header_kind",
        "header",
        "footer",
        "opener",
        "option_ids",
        "attachment_id",
        "latitude",
        "longitude",
        "card_name",
        "card_phone",
        "card_email",
    )
    def _check_limits(self):
        """Refuse what WhatsApp would not take, in every language."""
        langs = [code for code, _name in self.env["res.lang"].get_installed()]
        for template in self:
            template._check_kind()
            for lang in langs:
                template._check_texts(template.with_context(lang=lang))

    def _check_kind(self):
        """Refuse what no limit of WhatsApp is about."""
        if self.kind == "location" and not (self.latitude or self.longitude):
            raise ValidationError(self.env._("Enter the coordinates of the place."))
        if self.kind == "contact" and not (self.card_phone or self.card_email):
            raise ValidationError(
                self.env._("A contact card needs a phone number or an email address.")
            )
        if self.kind in QUESTION_KINDS:
            values = [option.value for option in self.option_ids if option.value]
            if len(values) != len(set(values)):
                raise ValidationError(
                    self.env._(
                        "Two options have the same value: nobody could tell which one "
                        "the customer chose."
                    )
                )
        self._check_file()

    def _check_file(self):
        """Refuse a missing file, and one of another kind than the template says."""
        wanted = self._get_file_kind()
        if not wanted:
            return
        label = dict(self._fields["kind"]._description_selection(self.env))[wanted]
        if not self.attachment_id:
            raise ValidationError(
                self.env._(
                    "“%(name)s” has no file yet: choose the one to send (%(kind)s).",
                    name=self.name,
                    kind=label,
                )
            )
        try:
            kind = self.env["whatsapp_omni.message"]._attachment_kind(
                self.attachment_id
            )
        except UserError as error:
            raise ValidationError(error.args[0]) from error
        if kind != wanted:
            raise ValidationError(
                self.env._(
                    "WhatsApp does not take “%(file)s” as %(kind)s. %(advice)s",
                    file=self.attachment_id.name,
                    kind=label,
                    advice=self._advise_on_file(wanted),
                )
            )

    @api.model
    def _advise_on_file(self, kind):
        """Return which files WhatsApp takes as this kind."""
        return {
            "image": self.env._("It takes JPEG and PNG up to 5 MB."),
            "video": self.env._("It takes MP4 and 3GPP up to 16 MB."),
            "audio": self.env._(
                "It takes AAC, MP4, MP3, AMR and Ogg Opus up to 16 MB."
            ),
            "sticker": self.env._(
                "It takes WebP of 512 × 512 pixels, up to 100 kB, moving ones up to "
                "500 kB."
            ),
            "document": self.env._("This file goes as its own type: choose that one."),
        }[kind]

    def _check_texts(self, translated):
        """Refuse texts beyond WhatsApp's limits, in the language of who reads that.

        :param translated: this template in the language to check
        """
        Placeholder = self.env["whatsapp_omni.placeholder"]
        for name in TEXT_FIELDS:
            Placeholder._check_text(translated[name])
        self._check_fixed_texts(translated)
        self._check_filled(
            translated,
            Placeholder._sample,
            self.env._("“%(name)s” cannot be sent like this: %(reason)s"),
        )
        self._check_filled(
            translated,
            lambda _name: "",
            self.env._(
                "“%(name)s” cannot be sent to a customer of whom nothing is known: "
                "%(reason)s Give its placeholders a default, such as "
                "{{contact.name|customer}}."
            ),
        )

    def _check_fixed_texts(self, translated):
        """Whatever can be tapped is the same for everybody: it tells the answer."""
        for text in (translated.opener, *translated.option_ids.mapped("title")):
            if placeholders.names(text):
                raise ValidationError(
                    self.env._(
                        "“%s” can be tapped, so it must not have placeholders.", text
                    )
                )

    def _check_filled(self, translated, value_of, refusal):
        content = translated._build_content(
            lambda text, _limit: placeholders.fill(text, value_of),
            self._get_file_kind() and self.attachment_id.id,
        )
        try:
            self.env["whatsapp_omni.message"]._check_content(content)
        except UserError as error:
            raise ValidationError(
                refusal
                % {"name": translated._name_with_lang(), "reason": error.args[0]}
            ) from error

    def _name_with_lang(self):
        """Return the name, with the present language where there are several."""
        langs = dict(self.env["res.lang"].get_installed())
        if len(langs) < 2 or self.env.lang not in langs:
            return self.name
        return f"{self.name} ({langs[self.env.lang]})"

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        """Keep uploaded files as attachments, which have a name."""
        vals_list = [self._keep_file(vals) for vals in vals_list]
        templates = super().create(vals_list)
        templates._own_files()
        return templates

    def write(self, vals):
        """Keep an uploaded file as an attachment, in the place of the former one."""
        vals = self._keep_file(vals)
        if "attachment_id" not in vals:
            return super().write(vals)
        former = self.attachment_id
        result = super().write(vals)
        self._own_files()
        (former - self.attachment_id).filtered(
            lambda file: file.res_model == self._name and file.res_id in self.ids
        ).unlink()
        return result

    def copy_data(self, default=None):
        """Give every copy a file of its own."""
        vals_list = super().copy_data(default)
        for template, vals in zip(self, vals_list, strict=True):
            if template.attachment_id and "attachment_id" not in (default or {}):
                copy = template.attachment_id.copy(
                    {"res_model": False, "res_id": False}
                )
                vals["attachment_id"] = copy.id
            if "name" not in (default or {}):
                vals["name"] = self.env._("%s (copy)", template.name)
        return vals_list

    def update_field_translations(self, field_name, translations, source_lang=""):
        """Check what was translated, too."""
        result = super().update_field_translations(
            field_name, translations, source_lang=source_lang
        )
        self._check_limits()
        return result

    @api.model
    def _keep_file(self, vals):
        """Return the values with an attachment instead of an uploaded file."""
        vals = dict(vals)
        name = vals.pop("file_name", False)
        Attachment = self.env["ir.attachment"]
        if vals.get("attachment_id"):
            # Who sends the template would send the file, whoever may read it.
            Attachment.browse(vals["attachment_id"]).check_access("read")
        if "file" not in vals:
            return vals
        content = vals.pop("file")
        vals["attachment_id"] = content and (
            Attachment.create({"name": name or self.env._("File"), "datas": content}).id
        )
        return vals

    def _own_files(self):
        """Give each template a file of its own, which whoever reads it may read."""
        for template in self:
            attachment = template.attachment_id
            place = {"res_model": self._name, "res_id": template.id}
            if not attachment or all(attachment[key] == place[key] for key in place):
                continue
            if attachment.res_id:
                template.attachment_id = attachment.copy(place)
            else:
                attachment.write(place)
