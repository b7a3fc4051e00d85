# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from ..gupshup.template_drafts import LANGUAGES

#: As the provider spells them, but the first and the last one, which are ours.
STATUSES = [
    ("DRAFT", "Draft"),
    ("SUBMITTED", "Submitted"),
    ("PENDING", "Pending"),
    ("IN_REVIEW", "In review"),
    ("APPROVED", "Approved"),
    ("REJECTED", "Rejected"),
    ("PAUSED", "Paused"),
    ("DISABLED", "Disabled"),
    ("DEACTIVATED", "Deactivated"),
    ("FLAGGED", "Flagged"),
    ("APPEALED", "In appeal"),
    ("REINSTATED", "Reinstated"),
    ("LOCKED", "Locked"),
    ("FAILED", "Failed"),
    ("ARCHIVED", "Archived by Meta"),
    ("DELETED", "Deleted"),
    ("SANDBOX_REQUESTED", "Sandbox requested"),
    ("OTHER", "Other"),
]

CATEGORIES = [
    ("MARKETING", "Marketing"),
    ("UTILITY", "Utility"),
    ("AUTHENTICATION", "Authentication"),
]

#: What can be above the body. The provider has no other name for plain text.
HEADER_KINDS = [
    ("text", "Text"),
    ("image", "Image"),
    ("video", "Video"),
    ("document", "Document"),
    ("location", "Location"),
]

MEDIA_HEADERS = ("image", "video", "document")

#: What a template says: fixed once Meta has it.
CONTENT_FIELDS = frozenset(
    {
        "line_id",
        "name",
        "language",
        "category",
        "header_kind",
        "header",
        "body",
        "footer",
        "button_ids",
        "parameter_format",
    }
)

#: What only the provider tells, or happens here by itself.
TOLD_FIELDS = frozenset(
    {
        "active",
        "announced_category",
        "is_complete",
        "media_ref",
        "media_url",
        "off_code",
        "old_category",
        "provider_ref",
        "quality",
        "read_at",
        "reason",
        "sample_body",
        "sample_header",
        "status",
        "submitted_by_id",
        "synced_at",
        "template_type",
    }
)

#: What supervisors may change, and what Odoo's discussion of a record writes.
SWITCH_FIELDS = frozenset({"is_enabled", "hidden_queue_ids"})
OTHERS_FIELDS = frozenset(
    {
        "activity_ids",
        "message_follower_ids",
        "message_ids",
        "message_main_attachment_id",
    }
)


class WhatsAppApprovedTemplate(models.Model):
    """One language of a template that Meta approves, on one line.

    Its content and status are the provider's and follow it
    (``approved_template_sync``); the switch, the queues and the sources of values are
    ours and survive each reading. Drafts are made here (``approved_template_editing``).
    What is gone at the provider is archived, never deleted.
    """

    _name = "whatsapp_omni.approved.template"
    _description = "WhatsApp Approved Template"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "name, language, id"
    _rec_names_search = ["name", "body"]
    _check_company_auto = True

    line_id = fields.Many2one(
        "whatsapp_omni.line",
        required=True,
        index=True,
        ondelete="cascade",
        default=lambda self: self._default_line(),
    )
    company_id = fields.Many2one(related="line_id.company_id", store=True, index=True)
    active = fields.Boolean(default=True, tracking=True)
    provider_ref = fields.Char(
        "Provider's id",
        readonly=True,
        copy=False,
        help="What the provider is asked to send. Each language has its own.",
    )
    name = fields.Char(
        required=True,
        help="Lowercase letters, digits and underscores. All languages of a template "
        "share its name.",
    )
    language = fields.Char(
        required=True,
        default=lambda self: self._default_language(),
        help="WhatsApp's code, such as es, es_MX or en_US.",
    )
    category = fields.Selection(CATEGORIES, tracking=True, default="UTILITY")
    old_category = fields.Selection(
        CATEGORIES, "Former category", readonly=True, copy=False
    )
    announced_category = fields.Selection(
        CATEGORIES,
        readonly=True,
        copy=False,
        help="Meta has announced to move the template to this category.",
    )
    is_complete = fields.Boolean(
        default=True,
        readonly=True,
        copy=False,
        help="Whether the provider tells header, body, footer and buttons apart.",
    )
    template_type = fields.Char(
        "Type", readonly=True, copy=False, help="As the provider calls it."
    )
    # content
    header_kind = fields.Selection(HEADER_KINDS, "Header")
    header = fields.Char("Header text")
    body = fields.Text()
    footer = fields.Char()
    button_ids = fields.One2many(
        "whatsapp_omni.approved.template.button", "template_id", "Buttons", copy=True
    )
    parameter_format = fields.Selection(
        [("POSITIONAL", "Numbers"), ("NAMED", "Names")],
        "Variables",
        required=True,
        default="POSITIONAL",
        help="{{1}}, {{2}} … or {{first_name}} …",
    )
    parameter_ids = fields.One2many(
        "whatsapp_omni.approved.template.parameter",
        "template_id",
        "Values",
        copy=True,
    )
    sample_header = fields.Char("Example of the header", readonly=True, copy=False)
    sample_body = fields.Text("Example", readonly=True, copy=False)
    # what goes above the body
    media_url = fields.Char("Sample's address", readonly=True, copy=False)
    media_ref = fields.Char("Sample's id", readonly=True, copy=False)
    header_attachment_id = fields.Many2one(
        "ir.attachment",
        "Header file",
        ondelete="set null",
        copy=False,
        help="Sent above the text where no other file is chosen.",
    )
    latitude = fields.Float(digits=(10, 7))
    longitude = fields.Float(digits=(10, 7))
    place_name = fields.Char("Place")
    place_address = fields.Char("Address")
    # what the provider says of it
    status = fields.Selection(
        STATUSES,
        required=True,
        readonly=True,
        default="DRAFT",
        tracking=True,
        copy=False,
    )
    quality = fields.Selection(
        [
            ("GREEN", "High"),
            ("YELLOW", "Medium"),
            ("RED", "Low"),
            ("UNKNOWN", "Unrated"),
        ],
        readonly=True,
        copy=False,
        tracking=True,
        help="How customers receive it. Meta pauses what many block or report.",
    )
    reason = fields.Text(readonly=True, copy=False)
    synced_at = fields.Datetime("Last synchronised", readonly=True, copy=False)
    read_at = fields.Float(
        readonly=True,
        copy=False,
        help="When the provider was asked for what is here, in seconds since 1970: "
        "an older answer changes nothing.",
    )
    submitted_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    # what we say of it
    is_enabled = fields.Boolean(
        "Enabled",
        default=True,
        copy=False,
        tracking=True,
        help="Switched off, nobody can send it. Synchronising leaves it alone.",
    )
    off_reason = fields.Char("Why it is off", compute="_compute_off_reason")
    hidden_queue_ids = fields.Many2many(
        "whatsapp_omni.queue",
        "whatsapp_omni_approved_template_hidden_queue_rel",
        "template_id",
        "queue_id",
        "Hidden from",
        check_company=True,
        copy=False,
        help="Agents of these queues are not offered it.",
    )
    _provider_ref_unique = models.UniqueIndex(
        "(line_id, provider_ref) WHERE provider_ref IS NOT NULL",
        "This template of the provider is here already.",
    )
    _name_idx = models.Index("(line_id, name, language)")

    # === COMPUTE METHODS === #

    @api.depends("name", "language")
    def _compute_display_name(self):
        for template in self:
            template.display_name = (
                f"{template.name} ({template.language})" if template.name else ""
            )

    @api.model
    def _default_line(self):
        """Return the line, where there is only one."""
        lines = self.env["whatsapp_omni.line"].search([], limit=2)
        return lines if len(lines) == 1 else False

    @api.model
    def _default_language(self):
        """Return WhatsApp's code of the user's language, without country if it can."""
        code = self.env.user.lang or "en_US"
        bare = code.partition("_")[0]
        return bare if bare in LANGUAGES else code

    # === ONCHANGE METHODS === #

    @api.onchange("header_kind", "header", "body", "button_ids", "parameter_format")
    def _onchange_content(self):
        """Show at once which values the text needs."""
        if self.header_kind != "text":
            self.header = False
        self.parameter_ids = self._parameter_commands()

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        """Give the templates their parameters. People make drafts only."""
        if not self.env.su:
            for vals in vals_list:
                self.browse()._check_may_write(vals)
        templates = super().create(vals_list)
        templates.header_attachment_id.check_access("read")
        templates._refresh_parameters()
        return templates

    def write(self, vals):
        """Keep what is the provider's from being changed by anybody else."""
        if not self.env.su:
            self._check_may_write(vals)
        if "is_enabled" in vals and "off_code" not in vals:
            vals = {**vals, "off_code": False}
        result = super().write(vals)
        if vals.get("header_attachment_id"):
            # Who sends the template would send the file, whoever may read it.
            self.header_attachment_id.check_access("read")
        if vals.keys() & CONTENT_FIELDS:
            self._refresh_parameters()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_known(self):
        """What Meta knows stays here as long as messages may tell of it."""
        for template in self:
            if template.provider_ref or template.status != "DRAFT":
                raise UserError(
                    self.env._(
                        "“%s” is known to WhatsApp. Delete it there with the button "
                        "“Delete at WhatsApp”: here it is kept in the archive.",
                        template.display_name,
                    )
                )

    def copy_data(self, default=None):
        """A copy is a draft under a name of its own."""
        vals_list = super().copy_data(default)
        for template, vals in zip(self, vals_list, strict=True):
            if "name" not in (default or {}):
                vals["name"] = template._free_name()
        return vals_list

    def copy(self, default=None):
        """A copy has a header file of its own."""
        copies = super().copy(default)
        for template, copied in zip(self, copies, strict=True):
            file = template.header_attachment_id
            if file:
                copied.header_attachment_id = file.copy({"res_id": copied.id})
        return copies

    def _check_may_write(self, vals):
        """Refuse changes that are not the user's to make, with the reason."""
        is_administrator = self.env.user.has_group("whatsapp_omni.group_administrator")
        if told := vals.keys() & TOLD_FIELDS - {"active"}:
            raise AccessError(
                self.env._(
                    "Only the provider tells: %s",
                    ", ".join(self._fields[name].string for name in sorted(told)),
                )
            )
        if not is_administrator and vals.keys() - SWITCH_FIELDS - OTHERS_FIELDS:
            raise AccessError(
                self.env._(
                    "Supervisors switch approved templates on and off; administrators "
                    "change them."
                )
            )
        if vals.keys() & CONTENT_FIELDS - {"button_ids"}:  # buttons check themselves
            self._check_parts_changeable()
        fixed = self.filtered(lambda template: template.status != "DRAFT")
        if fixed and "active" in vals:
            raise UserError(
                self.env._(
                    "The archive holds what is gone at the provider. To keep “%s” "
                    "from being sent, switch it off.",
                    fixed[0].display_name,
                )
            )

    def _check_parts_changeable(self):
        """Refuse to change what Meta has, unless the provider told so."""
        fixed = self.filtered(lambda template: template.status != "DRAFT")
        if fixed and not self.env.su:
            raise UserError(
                self.env._(
                    "“%s” is with WhatsApp and cannot be changed any more. Duplicate "
                    "it, correct the copy and submit that.",
                    fixed[0].display_name,
                )
            )

    def _free_name(self):
        """Return a name that no template of the line has: ``visit_2`` for ``visit``."""
        self.ensure_one()
        stem, _, number = self.name.rpartition("_")
        if not (stem and number.isdigit()):
            stem, number = self.name, "1"
        taken = set(
            self.with_context(active_test=False)
            .search(
                Domain("line_id", "=", self.line_id.id)
                & Domain("name", "=like", f"{stem}%")
            )
            .mapped("name")
        )
        number = int(number) + 1
        while (name := f"{stem}_{number}") in taken:
            number += 1
        return name
