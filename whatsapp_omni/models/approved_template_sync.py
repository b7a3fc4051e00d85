# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import zlib

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tools import split_every

from ..gupshup import exceptions, template_text
from ..tools import background
from .approved_template import CATEGORIES, STATUSES
from .approved_template_button import BUTTON_KINDS
from .line_connection import Outcome

#: Templates that are written in one transaction.
BATCH = 100

_SYNC_LOCK = zlib.crc32(b"whatsapp_omni.approved.template") & 0x7FFFFFFF

_STATUS_SPELLINGS = {"DESACTIVATED": "DEACTIVATED", "IN_APPEAL": "APPEALED"}
TOLD_STATUSES = frozenset(status for status, _label in STATUSES) - {"DRAFT"}
KNOWN_CATEGORIES = frozenset(category for category, _label in CATEGORIES)
_BUTTON_KINDS = frozenset(kind for kind, _label in BUTTON_KINDS)
_HEADER_KINDS = {
    "IMAGE": "image",
    "VIDEO": "video",
    "DOCUMENT": "document",
    "LOCATION": "location",
}
KNOWN_QUALITIES = frozenset({"GREEN", "YELLOW", "RED"})


class WhatsAppLine(models.Model):
    """Reading the templates of a line's app.

    The provider is asked outside of any transaction. Each answer carries the time at
    which it was asked for, and changes no template of which a later one is known: two
    synchronisations at once, or one and a callback, end with the latest.
    """

    _inherit = "whatsapp_omni.line"

    approved_template_ids = fields.One2many(
        "whatsapp_omni.approved.template", "line_id"
    )
    approved_template_count = fields.Integer(compute="_compute_approved_template_count")
    templates_synced_at = fields.Datetime(
        "Templates synchronised", readonly=True, copy=False
    )
    templates_error = fields.Text(
        "Why templates could not be synchronised",
        readonly=True,
        copy=False,
        groups="whatsapp_omni.group_supervisor",
    )

    @api.depends("approved_template_ids")
    def _compute_approved_template_count(self):
        counts = dict(
            self.env["whatsapp_omni.approved.template"]._read_group(
                [("line_id", "in", self.ids)], ["line_id"], ["__count"]
            )
        )
        for line in self:
            line.approved_template_count = counts.get(line, 0)

    # === ACTIONS === #

    def action_view_approved_templates(self):
        """Open the templates of the line."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "whatsapp_omni.approved_template_action"
        )
        return {
            **action,
            "domain": [("line_id", "=", self.id)],
            "context": {"default_line_id": self.id},
        }

    def action_sync_templates(self):
        """Ask the provider for the templates of these lines.

        :return: client action that tells what came of each line
        """
        if not self.env.user.has_group("whatsapp_omni.group_supervisor"):
            raise AccessError(self.env._("Only supervisors synchronise templates."))
        self.check_access("read")
        with background.own_transactions(self.env) as (env, commit):
            outcomes = [
                (line.name, line._sync_templates(commit)) for line in self.with_env(env)
            ]
        succeeded = all(outcome.succeeded for _name, outcome in outcomes)
        return self._notify(
            self.env._("The templates are up to date")
            if succeeded
            else self.env._("Templates could not be synchronised"),
            "\n".join(f"{name}: {outcome.text}" for name, outcome in outcomes),
            "success" if succeeded else "danger",
        )

    @api.model
    def _cron_sync_templates(self):
        """Synchronise every line; one that fails tells so, and waits for its turn."""
        with background.background_env(self.env.registry) as env:
            Line = env["whatsapp_omni.line"]
            # The one that waits longest comes first, should the time not be enough.
            lines = Line.search(
                [("active", "=", True)], order="templates_synced_at NULLS FIRST, id"
            )
            for line in lines:
                background.quietly(line._sync_templates, env.cr.commit)
                env.cr.rollback()  # what a failure left behind

    # === SYNCHRONISING === #

    def _sync_templates(self, commit):
        """Make the templates here what they are at the provider.

        A listing that fails half-way changes nothing. What is missing is asked for a
        second time before it is archived: pages shift while one turns them.

        :param commit: called before each request and after each batch
        :rtype: Outcome
        """
        try:
            count = self._sync_or_raise(commit)
        except exceptions.GupshupError as error:
            explanation = self._explain(error)
            self.templates_error = explanation
            commit()
            return Outcome(False, explanation)
        return Outcome(True, self.env._("Templates: %s", count))

    def _sync_or_raise(self, commit):
        """Do what :meth:`_sync_templates` does; return how many templates there are.

        :raises GupshupError: when it cannot be asked; nothing has changed then
        """
        self.ensure_one()
        client, read_at = self._get_client(), self._now()
        commit()
        found = {template.id: template for template in client.templates()}
        if self._missing_templates(found):
            commit()
            found |= {template.id: template for template in client.templates()}
        present = [
            template for template in found.values() if template.status != "DELETED"
        ]
        for batch in split_every(BATCH, present):
            self._apply_templates(batch, read_at)
            commit()
        self._lock_templates()
        self._missing_templates({template.id for template in present})._retire(read_at)
        self.approved_template_ids._return_lost_drafts(read_at)
        self.write(
            {"templates_synced_at": fields.Datetime.now(), "templates_error": False}
        )
        commit()
        self._fetch_samples(commit)
        return len(present)

    def _now(self):
        """Return the database's time in seconds: servers' clocks differ."""
        self.env.cr.execute("SELECT EXTRACT(EPOCH FROM clock_timestamp())")
        return float(self.env.cr.fetchone()[0])

    def _missing_templates(self, present):
        """Return the line's templates whose ids are not among ``present``."""
        return self.env["whatsapp_omni.approved.template"].search(
            Domain("line_id", "=", self.id)
            & Domain("provider_ref", "!=", False)
            & Domain("provider_ref", "not in", list(present))
        )

    def _lock_templates(self):
        """Let nobody else write templates of this line until the commit."""
        self.env.cr.execute(
            "SELECT pg_advisory_xact_lock(%s, %s)", (_SYNC_LOCK, self.id)
        )
        self.approved_template_ids.invalidate_model()

    def _apply_templates(self, templates, read_at):
        """Write down what the provider told of these templates.

        :param templates: list of :class:`gupshup.templates.Template`
        :param float read_at: when it was asked
        """
        self._lock_templates()
        Template = self.env["whatsapp_omni.approved.template"].with_context(
            active_test=False
        )
        known = Template._find_known(self, templates)
        current, missing = Template.browse(), []
        for template in templates:
            record = known.get(template.id)
            if not record:
                missing.append(Template._new_values(self, template))
            elif record.read_at <= read_at:
                record._follow(template)
                current |= record
        quiet = Template.with_context(
            mail_create_nolog=True, mail_create_nosubscribe=True, tracking_disable=True
        )
        current |= quiet.create(missing)
        current.with_env(quiet.env).write(
            {"read_at": read_at, "synced_at": fields.Datetime.now()}
        )
        current._learn_samples()


class WhatsAppApprovedTemplate(models.Model):
    """Following what the provider tells."""

    _inherit = "whatsapp_omni.approved.template"

    def action_sync_all(self):
        """Synchronise the lines of the user's companies."""
        lines = self.env["whatsapp_omni.line"].search([("active", "=", True)])
        if not lines:
            return lines._notify(
                self.env._("There is no line yet"),
                self.env._("Templates belong to a line: add one first."),
                "warning",
            )
        return lines.action_sync_templates()

    @api.model
    def _find_known(self, line, templates):
        """Return the templates that are here already, by the provider's id.

        A draft whose submission got no answer is recognised by name and language.
        """
        records = self.search(
            Domain("line_id", "=", line.id)
            & (
                Domain("provider_ref", "in", [template.id for template in templates])
                | (
                    Domain("provider_ref", "=", False)
                    & Domain("status", "=", "SUBMITTED")
                )
            )
        )
        by_ref = {record.provider_ref: record for record in records}
        by_ref.pop(False, None)
        drafts = {
            (record.name, record.language): record
            for record in records
            if not record.provider_ref
        }
        for template in templates:
            draft = drafts.get((template.name, template.language))
            if draft and template.id not in by_ref:
                by_ref[template.id] = draft
        return by_ref

    @api.model
    def _provider_values(self, template):
        """Return a template of the provider as values of ours, but its buttons."""
        status = self._spelled(template.status)
        kind = template.type or "TEXT"
        return {
            "provider_ref": template.id,
            "name": template.name or template.id,
            "language": template.language or "?",
            "category": template.category
            if template.category in KNOWN_CATEGORIES
            else False,
            "old_category": template.old_category
            if template.old_category in KNOWN_CATEGORIES
            else False,
            "template_type": kind,
            "is_complete": template.is_complete,
            "status": status if status in TOLD_STATUSES else "OTHER",
            "quality": template.quality
            if template.quality in KNOWN_QUALITIES
            else "UNKNOWN",
            "header_kind": _HEADER_KINDS.get(kind)
            or ("text" if template.header else False),
            "header": template.header or False,
            "body": template.body or False,
            "footer": template.footer or False,
            "parameter_format": "NAMED"
            if template.parameter_format == "NAMED"
            else "POSITIONAL",
            "sample_header": template.sample_header or False,
            "sample_body": template.sample or False,
            "media_url": template.media_url or False,
            "media_ref": template.media_id or False,
            "reason": template.reason or False,
        }

    @api.model
    def _button_values(self, template):
        return [
            {
                "sequence": sequence,
                "kind": button.type if button.type in _BUTTON_KINDS else "OTHER",
                "text": button.text or False,
                "url": button.url or False,
                "phone": button.phone or False,
                "example": button.example or False,
            }
            for sequence, button in enumerate(template.buttons, start=1)
        ]

    @api.model
    def _new_values(self, line, template):
        return {
            **self._provider_values(template),
            "line_id": line.id,
            "button_ids": [
                fields.Command.create(vals) for vals in self._button_values(template)
            ],
        }

    def _follow(self, template):
        """Become what the provider tells; write only what has changed."""
        vals = {
            name: value
            for name, value in self._provider_values(template).items()
            if (self[name] or False) != value
        }
        if "status" not in vals and not template.reason:
            # The list does not repeat what the callback explained.
            vals.pop("reason", None)
        if commands := self._button_commands(template):
            vals["button_ids"] = commands
        if not self.active:
            vals["active"] = True
        if self.announced_category and vals.get("category") == self.announced_category:
            vals["announced_category"] = False
        if vals:
            before = self.status
            self.write(vals)
            self._after_change(before)

    def _button_commands(self, template):
        """Return what makes the buttons those of the provider, nothing if they are."""
        told = self._button_values(template)
        buttons = self._ordered_buttons()
        same = len(told) == len(buttons) and all(
            (button[name] or False) == value
            for button, vals in zip(buttons, told, strict=True)
            for name, value in vals.items()
            if name != "sequence"
        )
        if same:
            return []
        payloads = {button.text: button.payload for button in buttons}
        return [
            fields.Command.clear(),
            *(
                fields.Command.create({**vals, "payload": payloads.get(vals["text"])})
                for vals in told
            ),
        ]

    @staticmethod
    def _spelled(status):
        return _STATUS_SPELLINGS.get(status, status)

    def _retire(self, read_at):
        """Put away what the provider has no more, but for what is newer than that."""
        for template in self:
            if template.read_at > read_at:
                continue
            before = template.status
            template.write(
                {
                    "active": False,
                    "read_at": read_at,
                    "synced_at": fields.Datetime.now(),
                }
            )
            template._after_change(before)

    def _learn_samples(self):
        """Take the examples of the values out of the filled-in example."""
        for template in self:
            found = {}
            for place in ("header", "body"):
                example = template[f"sample_{place}"]
                values = template_text.samples(template[place], example)
                found |= {(place, name): value for name, value in values.items()}
            for position, button in enumerate(template._ordered_buttons(), start=1):
                values = template_text.samples(button.url, button.example)
                found |= {("button", str(position)): v for v in values.values()}
            for parameter in template.parameter_ids:
                sample = found.get(parameter._slot())
                if sample and parameter.sample != sample:
                    parameter.sample = sample
