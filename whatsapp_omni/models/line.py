# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import secrets
from urllib.parse import urlsplit

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import format_datetime, ormcache

from ..tools import journal, networks, phone
from ..tools.log_filter import CALLBACK_PATH


class WhatsAppLine(models.Model):
    """One WhatsApp Business number at one provider."""

    _name = "whatsapp_omni.line"
    _description = "WhatsApp Line"
    _order = "name, id"
    _check_company_auto = True

    # === FIELDS === #

    name = fields.Char(required=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    number = fields.Char(
        required=True,
        help="The line's WhatsApp number with its country prefix.",
    )
    number_display = fields.Char(
        string="International Number", compute="_compute_number_display"
    )
    number_digits = fields.Char(
        string="Number in Digits", compute="_compute_number_digits", store=True
    )
    send_read_receipts = fields.Boolean(
        default=True,
        help="Customers see blue ticks once the agent has the conversation open.",
    )

    # === ACCOUNT AT THE PROVIDER === #

    provider_id = fields.Many2one(
        "whatsapp_omni.provider",
        required=True,
        index=True,
        check_company=True,
        ondelete="restrict",
        groups="whatsapp_omni.group_supervisor",
    )
    app_name = fields.Char(
        required=True,
        groups="whatsapp_omni.group_supervisor",
        help="Name of the app in GupShup's dashboard, exactly as written there.",
    )
    app_id = fields.Char(
        string="App ID",
        required=True,
        groups="whatsapp_omni.group_supervisor",
        help="Id of the app in GupShup's dashboard: 36 letters, digits and hyphens.",
    )
    api_key = fields.Char(
        string="API Key",
        copy=False,
        exportable=False,
        groups="whatsapp_omni.group_administrator",
        help="Key of this app. Leave it empty to use the provider's.",
    )

    # === CALLBACK === #

    callback_token = fields.Char(
        required=True,
        copy=False,
        default=lambda self: self._new_token(),
        exportable=False,
        groups="whatsapp_omni.group_administrator",
    )
    callback_url = fields.Char(
        string="Callback Address",
        compute="_compute_callback_url",
        exportable=False,
        groups="whatsapp_omni.group_administrator",
        help="GupShup sends messages and receipts here. Whoever knows this address can "
        "pretend to be GupShup: keep it secret.",
    )
    callback_url_problem = fields.Char(
        compute="_compute_callback_url",
        groups="whatsapp_omni.group_administrator",
    )
    callback_networks = fields.Text(
        string="Allowed Networks",
        groups="whatsapp_omni.group_administrator",
        help="Who may call the callback address: IP addresses, or networks such as "
        "203.0.113.0/24, one per line or separated by commas. Empty: everybody who "
        "knows it. Others are refused and what they bring is lost, so keep up with "
        "the addresses that GupShup publishes. Behind a proxy Odoo must run with "
        "proxy_mode: without it, every call seems to come from the proxy.",
    )
    subscription_ref = fields.Char(
        string="Subscription",
        readonly=True,
        copy=False,
        groups="whatsapp_omni.group_administrator",
        help="Id under which GupShup knows the callback address.",
    )
    last_callback_at = fields.Datetime(
        string="Last Callback",
        compute="_compute_last_callback_at",
    )
    last_error = fields.Text(
        compute="_compute_last_error",
        groups="whatsapp_omni.group_supervisor",
    )

    # === DESTINATION === #

    queue_id = fields.Many2one(
        "whatsapp_omni.queue",
        required=True,
        index=True,
        check_company=True,
        ondelete="restrict",
        help="New conversations of this line wait in this queue.",
    )

    _number_unique = models.UniqueIndex(
        "(provider_id, number) WHERE active",
        "Another line of this provider already has this number.",
    )
    _app_id_unique = models.UniqueIndex(
        "(app_id) WHERE active",
        "Another line already uses this app id.",
    )
    _callback_token_unique = models.UniqueIndex(
        "(callback_token)",
        "Another line already has this callback address.",
    )

    # === COMPUTE METHODS === #

    @api.depends("number")
    def _compute_number_display(self):
        for line in self:
            line.number_display = phone.international(line.number)

    @api.depends("number")
    def _compute_number_digits(self):
        for line in self:
            line.number_digits = "".join(filter(str.isdigit, line.number or ""))

    @api.depends("callback_token")
    def _compute_callback_url(self):
        base_url = self.browse().get_base_url()
        problem = self._callback_problem(base_url)
        for line in self:
            line.callback_url = f"{base_url}{CALLBACK_PATH}{line.callback_token}"
            line.callback_url_problem = problem

    def _compute_last_callback_at(self):
        """Read the journal instead of writing the line at each callback."""
        for line in self:
            line.last_callback_at = line._newest("whatsapp_omni.event").received_at

    def _compute_last_error(self):
        for line in self:
            moment, text = max(line._last_failures(), default=(None, None))
            line.last_error = moment and f"{format_datetime(self.env, moment)} – {text}"

    # === ONCHANGE METHODS === #

    @api.onchange("number", "company_id")
    def _onchange_number(self):
        """Show at once how the typed number is understood."""
        if not self.number:
            return None
        try:
            self.number = self._normalize_number(self.number, self.company_id)
        except ValidationError as error:
            return {
                "warning": {
                    "title": self.env._("Number not understood"),
                    "message": str(error),
                }
            }
        return None

    # === CONSTRAINTS === #

    @api.constrains("active", "provider_id", "queue_id")
    def _check_active_parts(self):
        """A line in use needs an account and a queue that are in use too."""
        for line in self.filtered("active"):
            for part in (line.provider_id, line.queue_id):
                if part and not part.active:
                    raise ValidationError(
                        self.env._(
                            "The line “%(line)s” needs “%(part)s”, which is archived. "
                            "Restore it or choose another one.",
                            line=line.name,
                            part=part.name,
                        )
                    )

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        """Store numbers as E.164 and ids without surrounding blanks."""
        cleaned = []
        for vals in vals_list:
            company = self.env["res.company"].browse(
                vals.get("company_id") or self.env.company.id
            )
            cleaned.append(self._clean_vals(vals, company))
        return super().create(cleaned)

    def write(self, vals):
        """Store numbers as E.164 and ids without surrounding blanks."""
        company = self.env["res.company"].browse(vals.get("company_id"))
        result = super().write(self._clean_vals(vals, company or self[:1].company_id))
        if "callback_token" in vals or "callback_networks" in vals:
            self.env.registry.clear_cache()
        return result

    def unlink(self):
        """Forget to whom the callback addresses belonged."""
        self.env.registry.clear_cache()
        return super().unlink()

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        """A line that has carried messages keeps their history readable."""
        Conversation = self.env["whatsapp_omni.conversation"].sudo()
        Event = self.env["whatsapp_omni.event"].sudo()
        for line in self:
            conversations = Conversation.search_count([("line_id", "=", line.id)])
            if conversations:
                raise UserError(
                    self.env._(
                        "The line “%(line)s” has %(count)s conversations and cannot be "
                        "deleted. Archive it: its conversations stay reachable.",
                        line=line.name,
                        count=conversations,
                    )
                )
            if Event.search_count([("line_id", "=", line.id)], limit=1):
                raise UserError(
                    self.env._(
                        "The line “%(line)s” has received callbacks, which the event "
                        "journal keeps, and cannot be deleted. Archive it instead.",
                        line=line.name,
                    )
                )

    # === ACTIONS === #

    def action_view_conversations(self):
        """Open the conversations of the line."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "whatsapp_omni.conversation_action"
        )
        return {**action, "domain": [("line_id", "=", self.id)], "context": {}}

    def action_view_events(self):
        """Open the journal of what the provider has sent for the line."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "whatsapp_omni.event_action"
        )
        return {**action, "domain": [("line_id", "=", self.id)], "context": {}}

    # === BUSINESS METHODS === #

    @api.model
    @ormcache("token")
    def _find_by_token(self, token):
        """Return the line whose callback address holds ``token``.

        :return: its id, and the networks from which it takes callbacks, none for all
        :raises KeyError: for any other token; what is raised is not remembered, so that
            guesses fill no memory
        """
        found = journal.find_line(self.env.cr, token)
        if found is None:
            raise KeyError
        line_id, listed = found
        return line_id, networks.parse(listed)

    @api.model
    def _clean_vals(self, vals, company):
        """Return ``vals`` in the spelling in which they are stored.

        :param company: the company whose country completes a number without prefix
        :raises ValidationError: when the number is none, or a network
        """
        vals = dict(vals)
        for name in ("app_name", "app_id", "api_key"):
            if vals.get(name):
                vals[name] = vals[name].strip()
        if vals.get("number"):
            vals["number"] = self._normalize_number(vals["number"], company)
        if vals.get("callback_networks"):
            vals["callback_networks"] = self._spell_networks(vals["callback_networks"])
        return vals

    @api.model
    def _spell_networks(self, text):
        """Return a typed list of networks as it is stored; blanks are no list.

        :raises ValidationError: naming the first that is none
        """
        try:
            return networks.spell(networks.parse(text)) or False
        except networks.NoNetworkError as error:
            raise ValidationError(
                self.env._(
                    "“%(part)s” is no IP address and no network. Write one per line, "
                    "such as 203.0.113.7, 203.0.113.0/24 or 2001:db8::/32; the address "
                    "of a network ends in zeros.",
                    part=error,
                )
            ) from error

    @api.model
    def _normalize_number(self, number, company):
        """Return the number as E.164 (``+34600111222``).

        :param str number: as typed, with or without the country prefix
        :param company: the company whose country completes it
        :raises ValidationError: when it cannot be a phone number
        """
        try:
            return phone.normalize(number, company.country_id)
        except UserError as error:
            raise ValidationError(
                self.env._(
                    "%(problem)s. Enter the number with its country prefix, such as "
                    "+34 600 11 12 22.",
                    problem=str(error).rstrip(". "),
                )
            ) from error

    def _last_failures(self):
        """Return the newest failed message and event as (moment, explanation)."""
        self.ensure_one()
        message = self._newest(
            "whatsapp_omni.message",
            [("state", "=", "failed"), ("superseded", "=", False)],
        )
        if message:
            reason = message.error_reason or str(message.error_code or "?")
            yield (
                message.write_date,
                self.env._("A message was not delivered: %(reason)s", reason=reason),
            )
        event = self._newest("whatsapp_omni.event", [("state", "=", "failed")])
        if event:
            # The last line of a traceback is the error itself.
            error = (event.error or "?").strip().splitlines()[-1]
            yield (
                event.received_at,
                self.env._("A callback could not be applied: %(error)s", error=error),
            )

    def _newest(self, model, domain=()):
        """Return the newest record of ``model`` that belongs to the line.

        One look-up a line at the end of the index (line, id) costs the same however
        many rows there are; grouping all lines at once would read them all.
        """
        # sudo: whatsapp_omni.message, whatsapp_omni.event - for the line's status only
        return (
            self.env[model]
            .sudo()
            .search([("line_id", "=", self.id), *domain], order="id desc", limit=1)
        )

    @api.model
    def _new_token(self):
        """Return a new secret for a callback address."""
        return secrets.token_urlsafe(32)

    def _is_app(self, app):
        """Tell whether an event is for this line's app.

        :param app: a ``gupshup.values.AppRef``; one that names nothing is believed,
            as the callback's secret address has told the line already
        """
        line = self.sudo()
        if app.app_id:
            return app.app_id.lower() == line.app_id.lower()
        return not app.name or app.name == line.app_name

    @api.model
    def _callback_problem(self, base_url):
        """Tell why GupShup could not reach ``base_url``, False when it could."""
        parts = urlsplit(base_url)
        if parts.hostname in ("localhost", "127.0.0.1", "::1"):
            return self.env._(
                "This Odoo calls itself %(address)s, which only this computer can "
                "reach. That is enough for the emulator. For GupShup, open Odoo by "
                "its public address once as an administrator (or set the system "
                "parameter web.base.url).",
                address=base_url,
            )
        if parts.scheme != "https":
            return self.env._(
                "%(address)s is not encrypted. GupShup and your customers need an "
                "https:// address: set up a certificate and open Odoo through it.",
                address=base_url,
            )
        return False
