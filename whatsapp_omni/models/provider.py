# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from urllib.parse import urlsplit

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError


class WhatsAppProvider(models.Model):
    """Account at a WhatsApp business solution provider."""

    _name = "whatsapp_omni.provider"
    _description = "WhatsApp Provider"
    _order = "name, id"
    _check_company_auto = True

    name = fields.Char(required=True)
    active = fields.Boolean(default=True)
    kind = fields.Selection(
        [("gupshup", "GupShup")],
        required=True,
        default="gupshup",
    )
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    base_url = fields.Char(
        string="Address",
        required=True,
        default="https://api.gupshup.io",
        help="Where requests are sent to. Change it only to work with an emulator.",
    )
    api_key = fields.Char(
        string="API Key",
        copy=False,
        exportable=False,
        groups="whatsapp_omni.group_administrator",
        help="Key of the account. GupShup gives each app a key of its own and shows "
        "it once: such a key belongs on the line.",
    )
    media_origins = fields.Text(
        default="https://*.gupshup.io",
        help="Where customers' files may be downloaded from: one origin per line, "
        "such as https://*.gupshup.io. Files from anywhere else are refused.",
    )
    rate = fields.Integer(
        string="Messages per Second",
        required=True,
        default=20,
        help="Upper limit of messages that one line sends in a second.",
    )
    media_paused_until = fields.Datetime(
        string="Files Paused Until",
        readonly=True,
        copy=False,
        help="The provider refuses to hand out files until then.",
    )
    line_ids = fields.One2many("whatsapp_omni.line", "provider_id", string="Lines")
    line_count = fields.Integer(compute="_compute_line_count")

    _rate_positive = models.Constraint(
        "CHECK(rate > 0)",
        "A line must be allowed to send at least one message per second.",
    )

    # === COMPUTE METHODS === #

    @api.depends("line_ids")
    def _compute_line_count(self):
        for provider in self:
            provider.line_count = len(provider.line_ids)

    # === CONSTRAINTS === #

    @api.constrains("base_url")
    def _check_base_url(self):
        """Requests carry the API key: they may only go to a web address."""
        for provider in self:
            if not _is_web_origin(provider.base_url, with_path=True):
                raise ValidationError(
                    self.env._(
                        "“%(address)s” is not a web address. Enter the provider's "
                        "address with https://, such as https://api.gupshup.io.",
                        address=provider.base_url,
                    )
                )

    @api.constrains("media_origins")
    def _check_media_origins(self):
        """A mistyped origin would refuse every file: tell at once."""
        for provider in self:
            for origin in provider._media_origin_list():
                if not _is_web_origin(origin):
                    raise ValidationError(
                        self.env._(
                            "“%(origin)s” is not an origin. Write one per line, with "
                            "https:// and without a path, such as "
                            "https://*.gupshup.io.",
                            origin=origin,
                        )
                    )

    @api.constrains("active")
    def _check_archived_without_lines(self):
        """A line cannot work without its account."""
        for provider in self.filtered(lambda provider: not provider.active):
            lines = provider.line_ids.filtered("active")
            if lines:
                raise ValidationError(
                    self.env._(
                        "The provider “%(provider)s” cannot be archived while the "
                        "lines %(lines)s work with it. Archive these lines first.",
                        provider=provider.name,
                        lines=", ".join(lines.mapped("name")),
                    )
                )

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        """Store the address in one spelling."""
        return super().create([self._clean_vals(vals) for vals in vals_list])

    def write(self, vals):
        """Store the address in one spelling."""
        return super().write(self._clean_vals(vals))

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        """Lines, and with them conversations, depend on their provider."""
        for provider in self.with_context(active_test=False):
            if provider.line_ids:
                raise UserError(
                    self.env._(
                        "The provider “%(provider)s” is used by the lines %(lines)s "
                        "and cannot be deleted. Archive these lines and then the "
                        "provider: their conversations stay reachable.",
                        provider=provider.name,
                        lines=", ".join(provider.line_ids.mapped("name")),
                    )
                )

    # === ACTIONS === #

    def action_test_connection(self):
        """Ask the provider something harmless in the name of each active line.

        :return: client action that shows which line answered and which did not
        """
        self.ensure_one()
        return self.line_ids.filtered("active")._test_connection(
            nothing_to_test=self.env._(
                "The provider is asked in the name of an app: add a line with its "
                "app id, then test again."
            )
        )

    def action_view_lines(self):
        """Open the lines of the provider."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "whatsapp_omni.line_action"
        )
        action["domain"] = [("provider_id", "=", self.id)]
        action["context"] = {
            "default_provider_id": self.id,
            "default_company_id": self.company_id.id,
        }
        return action

    # === BUSINESS METHODS === #

    def _media_origin_list(self):
        """Return the origins that media may come from.

        :rtype: list[str]
        """
        self.ensure_one()
        return [
            origin.strip()
            for origin in (self.media_origins or "").splitlines()
            if origin.strip()
        ]

    @api.model
    def _clean_vals(self, vals):
        """Return ``vals`` without blanks around secrets and addresses."""
        vals = dict(vals)
        if vals.get("base_url"):
            vals["base_url"] = vals["base_url"].strip().rstrip("/")
        if vals.get("api_key"):
            vals["api_key"] = vals["api_key"].strip()
        return vals


def _is_web_origin(address, with_path=False):
    """Tell whether ``address`` is an http(s) address, of a bare origin if asked."""
    try:
        parts = urlsplit(address or "")
        port_is_number = parts.port is None or parts.port > 0
    except ValueError:
        return False
    bare = with_path or not (parts.path or parts.query or parts.fragment)
    return (
        parts.scheme in ("http", "https")
        and bool(parts.hostname)
        and not parts.username
        and port_is_number
        and bare
    )
