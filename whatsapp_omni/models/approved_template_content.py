# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.exceptions import UserError

from ..gupshup import limits, outgoing, template_text
from .approved_template import MEDIA_HEADERS
from .message_content import Content

#: Characters of a filled-in body and of a complete address.
BODY_LENGTH = limits.INTERACTIVE_BODY_LENGTH
URL_LENGTH = 2000

#: What the preview calls the buttons that are no quick replies.
_PREVIEW_BUTTONS = {
    "URL": "url",
    "PHONE_NUMBER": "phone",
    "OTP": "copy",
    "COPY_CODE": "copy",
}


class WhatsAppApprovedTemplate(models.Model):
    """From values to a message that WhatsApp cannot refuse for its values."""

    _inherit = "whatsapp_omni.approved.template"

    header_file = fields.Binary(
        "File", compute="_compute_header_file", inverse="_inverse_header_file"
    )
    header_file_name = fields.Char(
        compute="_compute_header_file", inverse="_inverse_header_file"
    )
    preview = fields.Json(
        compute="_compute_preview",
        help="The message with its examples, as the screen's preview takes it.",
    )

    @api.depends("header_attachment_id")
    def _compute_header_file(self):
        for template in self:
            attachment = template.header_attachment_id
            template.header_file = attachment.datas
            template.header_file_name = attachment.name

    def _inverse_header_file(self):
        for template in self:
            former = template.header_attachment_id
            if not template.header_file:
                template.header_attachment_id = False
            elif (former.datas, former.name) != (
                template.header_file,
                template.header_file_name,
            ):
                template.header_attachment_id = self.env["ir.attachment"].create(
                    {
                        "name": template.header_file_name or template.name,
                        "datas": template.header_file,
                        "res_model": self._name,
                        "res_id": template.id,
                    }
                )

    @api.depends(
        "header_kind",
        "header",
        "header_attachment_id",
        "header_file_name",
        "media_url",
        "sample_attachment_id",
        "place_name",
        "place_address",
        "body",
        "footer",
        "button_ids.kind",
        "button_ids.text",
        "button_ids.sequence",
        "parameter_ids.sample",
    )
    def _compute_preview(self):
        for template in self:
            template.preview = template._preview(
                {
                    parameter._slot(): parameter.sample
                    for parameter in template.parameter_ids
                }
            )

    def _preview(self, values):
        """Return what the screen's preview of the message takes.

        :param dict values: texts by (place, name)
        """
        file = self.header_attachment_id._origin or self._sample_copy()._origin
        return {
            "headerKind": self.header_kind or "text",
            "header": self._filled("header", values),
            "mediaUrl": f"/web/content/{file.id}" if file else self.media_url or "",
            "fileName": self.header_file_name or "",
            "place": {
                "name": self.place_name or "",
                "address": self.place_address or "",
            },
            "body": self._filled("body", values),
            "footer": self.footer or "",
            "buttons": [
                {
                    "title": button.text or "",
                    "kind": _PREVIEW_BUTTONS.get(button.kind, "reply"),
                }
                for button in self._ordered_buttons()
            ],
        }

    def _filled(self, place, values):
        """Return header or body with the values of its variables."""
        of_place = {name: value for (at, name), value in values.items() if at == place}
        return template_text.filled(self[place], of_place)

    def _template_content(self, params, attachment=None, postbacks=(), location=None):
        """Return the message that sends this template.

        :param params: values of :meth:`_parameters`, in their order
        :param attachment: the file of a media header; without one the template's own
        :param postbacks: what the quick-reply buttons answer, in their order; without
            them what the template says, or their labels
        :param location: ``{"latitude", "longitude", "name", "address"}`` of a location
            header; without it the template's own
        :raises UserError: when it may not be sent, or a value is missing or impossible
        :rtype: Content
        """
        self.ensure_one()
        self._check_sendable()
        values = self._check_values(params)
        header, body = self._filled_texts(values)
        attachment, media = self._header_source(attachment)
        payload = {
            "id": self.provider_ref,
            "params": self._provider_params(list(values.values())),
            "postbacks": self._postbacks(postbacks),
            "header": header,
            "footer": self.footer or "",
            "options": [{"title": button.text} for button in self._ordered_buttons()],
        }
        if media:
            payload["media"] = media
            payload["sample_id"] = self._sample_copy().id
        if self.header_kind == "location":
            payload["location"] = self._header_location(location)
        return Content("template", body, attachment and attachment.id, payload)

    # === VALUES === #

    def _check_values(self, params):
        """Return the values by (place, name), in the provider's order.

        :raises UserError: which of them WhatsApp would refuse, and why
        """
        parameters = self.parameter_ids.sorted("sequence")
        if len(params) != len(parameters):
            raise UserError(
                self.env._(
                    "The template “%(template)s” needs %(expected)s values, %(given)s "
                    "were given.",
                    template=self.display_name,
                    expected=len(parameters),
                    given=len(params),
                )
            )
        values = {}
        for parameter, value in zip(parameters, params, strict=True):
            self._check_value(parameter, value)
            values[parameter._slot()] = value.strip()
        return values

    def _check_value(self, parameter, value):
        label = parameter.display_name
        if not isinstance(value, str) or not value.strip():
            raise UserError(self.env._("“%s” is missing.", label))
        try:
            outgoing.template(self.provider_ref, [value.strip()])
        except limits.LimitError as error:
            raise UserError(
                self.env._(
                    "“%s” must be on one line, without tabs and without more than "
                    "four spaces in a row.",
                    label,
                )
            ) from error
        if parameter.place == "button" and " " in value.strip():
            raise UserError(
                self.env._(
                    "“%s” becomes part of an address: it must not hold spaces.", label
                )
            )

    def _filled_texts(self, values):
        """Return header and body as the customer reads them.

        :raises UserError: when a text gets too long
        """
        header, body = self._filled("header", values), self._filled("body", values)
        try:
            limits.check_length("The header", header, limits.HEADER_LENGTH)
            limits.check_length("The text", body, BODY_LENGTH)
        except limits.LimitError as error:
            explanation = self.env["whatsapp_omni.message"]._explain_limit(error)
            raise UserError(explanation) from error
        if any(len(url) > URL_LENGTH for url in self._filled_urls(values)):
            raise UserError(
                self.env._(
                    "The address of a button gets longer than %s characters.",
                    URL_LENGTH,
                )
            )
        return header, body

    def _filled_urls(self, values):
        for position, button in enumerate(self._ordered_buttons(), start=1):
            if button._is_dynamic():
                value = values["button", str(position)]
                (name,) = template_text.variables(button.url)[:1]
                yield template_text.filled(button.url, {name: value})

    def _provider_params(self, values):
        """Return the values as the provider takes them: a code's button repeats it."""
        codes = self.button_ids.filtered(lambda button: button.kind == "OTP")
        return values + values[:1] * len(codes)

    def _postbacks(self, given):
        """Return what the quick replies answer, nothing where it is their label."""
        buttons = self._ordered_buttons().filtered(lambda b: b.kind == "QUICK_REPLY")
        if given and len(given) != len(buttons):
            raise UserError(
                self.env._(
                    "The template “%(template)s” has %(expected)s quick replies, "
                    "%(given)s answers were given.",
                    template=self.display_name,
                    expected=len(buttons),
                    given=len(given),
                )
            )
        given = given or [button.payload for button in buttons]
        if not any(given):
            return []
        return [
            value or button.text for value, button in zip(given, buttons, strict=True)
        ]

    # === HEADER === #

    def _header_source(self, attachment):
        """Return the file above the text, or where the provider has it.

        :return: the attachment and ``{"kind", "url", "id"}``, one of them or none
        :raises UserError: when it is missing, of another kind, or not wanted
        """
        if self.header_kind not in MEDIA_HEADERS:
            if attachment:
                raise UserError(
                    self.env._(
                        "The template “%s” has no place for a file.", self.display_name
                    )
                )
            return None, None
        attachment = attachment or self.header_attachment_id
        if not attachment:
            return None, self._header_sample()
        # sudo: ir.attachment - the type and size only; whoever sends may read it
        kind = self.env["whatsapp_omni.message"]._attachment_kind(attachment.sudo())
        if kind != self.header_kind:
            kinds = dict(self._fields["header_kind"]._description_selection(self.env))
            raise UserError(
                self.env._(
                    "The template “%(template)s” needs a file of the kind “%(kind)s”; "
                    "“%(file)s” is none.",
                    template=self.display_name,
                    kind=kinds[self.header_kind],
                    file=attachment.sudo().name,
                )
            )
        return attachment, None

    def _header_sample(self):
        """Return the sample that Meta approved, which is sent for want of another."""
        if not (self.media_url or "").startswith(("https://", "http://")):
            raise UserError(
                self.env._(
                    "The template “%s” needs a file above its text: choose one.",
                    self.display_name,
                )
            )
        return {"kind": self.header_kind, "url": self.media_url}

    def _header_location(self, given):
        if given:
            return dict(given)
        if not (self.latitude or self.longitude):
            raise UserError(
                self.env._(
                    "The template “%s” shows a place above its text: enter it on the "
                    "template.",
                    self.display_name,
                )
            )
        return {
            "latitude": self.latitude,
            "longitude": self.longitude,
            "name": self.place_name or "",
            "address": self.place_address or "",
        }
