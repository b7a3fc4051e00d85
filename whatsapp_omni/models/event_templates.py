# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import UTC, timedelta

from odoo import api, fields, models

from ..gupshup import exceptions, values
from ..gupshup.callbacks import CallbackError
from ..tools import background
from .approved_template_sync import (
    KNOWN_CATEGORIES,
    KNOWN_QUALITIES,
    TOLD_STATUSES,
)

#: Events that are dealt with at once, and how many templates are asked for one by one:
#: for more than that the list is cheaper.
CLAIMED = 200
ASKED_ONE_BY_ONE = 5

#: Seconds that the scheduled action goes on taking events.
PATIENCE = 10

#: Nobody else deals with claimed events for as long as this.
LEASE = timedelta(minutes=5)

_CLAIM = """
    SELECT id FROM whatsapp_omni_event
     WHERE state = 'pending' AND kind = 'template'
       AND (next_try_at IS NULL OR next_try_at <= now() AT TIME ZONE 'UTC')
     ORDER BY provider_time, id LIMIT %s
       FOR NO KEY UPDATE SKIP LOCKED
"""


class WhatsAppEvent(models.Model):
    """News about approved templates.

    Callbacks come late, twice and in any order, so they are not believed but taken as a
    reason to ask: the provider is asked what the template is now. Only while it cannot
    be asked the callback's own word counts, if it is newer than what is known.
    """

    _inherit = "whatsapp_omni.event"

    # === WAKING === #

    @api.model
    def _wake_templates(self, at=None):
        self.env.ref("whatsapp_omni.ir_cron_apply_template_events")._trigger(at=at)

    @staticmethod
    def _wake_templates_now(registry):
        with background.background_env(registry) as env:
            env["whatsapp_omni.event"]._wake_templates()
            env.cr.commit()

    def action_replay(self):
        """Override: wake who deals with news about templates as well."""
        result = super().action_replay()
        # sudo: ir.cron - the job does what was asked for
        self.sudo()._wake_templates()
        return result

    @api.model
    def _cron_apply_templates(self):
        """Deal with what is waiting."""
        with background.background_env(self.env.registry) as env:
            Event = env["whatsapp_omni.event"]
            box = background.TimeBox(PATIENCE)
            while Event._apply_templates_round(env.cr.commit):
                if not box.open:
                    Event._wake_templates()
                    env.cr.commit()
                    return

    # === APPLYING === #

    @api.model
    def _apply_templates_round(self, commit):
        """Deal with some pending events; return how many.

        :param commit: called before each request to the provider, and after each line
        """
        claimed = self._claim_template_events()
        commit()
        for line, events in claimed.grouped("line_id").items():
            try:
                events._apply_news(line, commit)
            except Exception as error:  # one line must not hold up the others
                self.env.cr.rollback()
                for event in events:
                    event._retry_or_set_aside(error)
                tries = events.filtered("next_try_at").mapped("next_try_at")
                self._wake_templates(at=tries)
            commit()
        return len(claimed)

    def _apply_news(self, line, commit):
        """Deal with these events of one line."""
        news = self._read_news()
        try:
            line._ask_for_templates([value for _event, value in news], commit)
        except exceptions.GupshupError as error:
            line._believe_news(news, error)
        else:
            self.browse(event.id for event, _value in news)._finish("applied")

    @api.model
    def _claim_template_events(self):
        self.flush_model()
        self.env.cr.execute(_CLAIM, (CLAIMED,))
        claimed = self.browse(row[0] for row in self.env.cr.fetchall())
        claimed.write({"next_try_at": fields.Datetime.now() + LEASE})
        return claimed

    def _read_news(self):
        """Return (event, value) of these events; finish those that are no news."""
        news = []
        for event in self:
            try:
                value = event._parse()
            except (CallbackError, ValueError) as error:
                event._finish("failed", str(error))
                continue
            if not isinstance(value, values.TemplateUpdate):
                event._finish(
                    "ignored", self.env._("It tells of no template any more.")
                )
            elif not event.line_id._is_app(value.app):
                event._finish(
                    "failed", self.env._("It names another app than the line.")
                )
            else:
                news.append((event, value))
        return news

    def _is_newer_than(self, template):
        moment = self.provider_time or self.received_at
        return moment.replace(tzinfo=UTC).timestamp() >= template.read_at


class WhatsAppLine(models.Model):
    _inherit = "whatsapp_omni.line"

    def _ask_for_templates(self, news, commit):
        """Read again what these callbacks tell of.

        :param news: list of :class:`gupshup.values.TemplateUpdate`, oldest first
        :raises GupshupError: when it cannot be asked; nothing has changed then
        """
        refs = {value.template_id for value in news}
        if not news:
            return
        if "" in refs or len(refs) > ASKED_ONE_BY_ONE:
            self._sync_or_raise(commit)
        else:
            self._ask_one_by_one(refs, commit)
        self._lock_templates()
        self._learn_what_only_callbacks_tell(news)

    def _ask_one_by_one(self, refs, commit):
        client, read_at = self._get_client(), self._now()
        commit()
        try:
            found = [client.template(ref) for ref in sorted(refs)]
        except exceptions.Rejected:
            # One of them is gone, or belongs to another app: the list tells.
            self._sync_or_raise(commit)
            return
        if any(template.status == "DELETED" for template in found):
            self._sync_or_raise(commit)
            return
        self._apply_templates(found, read_at)

    def _learn_what_only_callbacks_tell(self, news):
        """Note why a template was paused, and what Meta will do to its category."""
        by_ref = self._templates_by_ref(news)
        for value in news:
            template = by_ref.get(value.template_id)
            if template:
                template._learn(value)

    def _templates_by_ref(self, news):
        templates = (
            self.env["whatsapp_omni.approved.template"]
            .with_context(active_test=False)
            .search(
                [
                    ("line_id", "=", self.id),
                    ("provider_ref", "in", [value.template_id for value in news]),
                ]
            )
        )
        return {template.provider_ref: template for template in templates}

    def _believe_news(self, news, error):
        """Take callbacks at their word while the provider cannot be asked.

        :param news: list of (event, value), oldest first
        """
        self._lock_templates()
        by_ref = self._templates_by_ref([value for _event, value in news])
        for event, value in news:
            template = by_ref.get(value.template_id)
            if template and event._is_newer_than(template):
                template._believe(value)
            event._finish(
                "applied",
                self.env._(
                    "The provider could not be asked: %(reason)s",
                    reason=error.reason,
                ),
            )
        self._learn_what_only_callbacks_tell([value for _event, value in news])
        # Once it can be asked, its list corrects what came in the wrong order.
        cron = self.env.ref("whatsapp_omni.ir_cron_sync_templates")
        cron._trigger(at=fields.Datetime.now() + LEASE)


class WhatsAppApprovedTemplate(models.Model):
    _inherit = "whatsapp_omni.approved.template"

    def _learn(self, news):
        """Note what lists do not tell: reasons of a pause, announced categories."""
        vals = {}
        explanation = news.description or news.reason
        if (
            explanation
            and self._spelled(news.status) == self.status
            and not self.reason
        ):
            vals["reason"] = explanation
        announced = news.correct_category
        if announced in KNOWN_CATEGORIES and announced != self.category:
            vals["announced_category"] = announced
        if vals:
            self.write(vals)
            self._push_changed()

    def _believe(self, news):
        """Become what a callback tells."""
        before, vals = self.status, {}
        status = self._spelled(news.status)
        if status in TOLD_STATUSES:
            vals.update(status=status, reason=news.description or news.reason or False)
        if news.quality in KNOWN_QUALITIES:
            vals["quality"] = news.quality
        if news.category in KNOWN_CATEGORIES and not news.correct_category:
            vals["category"] = news.category
        if status == "DELETED":
            vals["active"] = False
        if vals:
            self.write(vals)
            self._after_change(before)
