# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from functools import lru_cache
from typing import NamedTuple

from odoo import fields, models

from ..gupshup import exceptions, http
from ..gupshup.client import ALL_MODES, Client

#: Callbacks come in this format; the other one is understood as well.
CALLBACK_VERSION = 2


class Outcome(NamedTuple):
    """What a request in the name of a line led to, for people."""

    succeeded: bool
    text: str


@lru_cache(maxsize=64)
def _session(base_url):
    """Return the kept connections to one provider, shared by all lines and threads."""
    return http.new_session()


@lru_cache(maxsize=256)
def _client(base_url, api_key, app_name, app_id, source):
    """Return the client of an app. Changed settings simply are another client."""
    return Client(
        base_url, api_key, app_name, app_id, source, session=_session(base_url)
    )


class WhatsAppLine(models.Model):
    """What a line asks of its provider."""

    _inherit = "whatsapp_omni.line"

    secret_rotated_at = fields.Datetime(
        readonly=True,
        copy=False,
        groups="whatsapp_omni.group_administrator",
        help="Set while the provider may still call the former address.",
    )

    def _get_client(self):
        """Return the protocol client of this line, the same one while nothing changes.

        It keeps its connections and may be used by several threads, without a cursor.

        :rtype: gupshup.client.Client
        """
        self.ensure_one()
        # sudo: whatsapp_omni.line, whatsapp_omni.provider - code sends with keys that
        # its user may not know
        line = self.sudo()
        provider = line.provider_id
        return _client(
            provider.base_url,
            line.api_key or provider.api_key or "",
            line.app_name,
            line.app_id,
            line.number_digits,
        )

    # === TEST === #

    def action_test_connection(self):
        """Ask the provider for something harmless in the name of these lines.

        :return: client action that tells which line was accepted and which was not
        """
        return self._test_connection()

    def _test_connection(self, nothing_to_test=""):
        """Return the client action of :meth:`action_test_connection`.

        :param str nothing_to_test: what to answer when there is no line
        """
        self.check_access("write")
        if not self:
            return self._notify(
                self.env._("Nothing to test yet"), nothing_to_test, "warning"
            )
        outcomes = [(line, line._try_connection()) for line in self]
        succeeded = all(outcome.succeeded for _line, outcome in outcomes)
        return self._notify(
            self.env._("The connection works")
            if succeeded
            else self.env._("The connection does not work"),
            "\n".join(f"{line.name}: {outcome.text}" for line, outcome in outcomes),
            "success" if succeeded else "danger",
        )

    def _try_connection(self):
        """Read a template: it needs address, key and app id, and costs nothing."""
        try:
            next(self._get_client().templates(page_size=1), None)
        except exceptions.GupshupError as error:
            return Outcome(False, self._explain(error))
        return Outcome(True, self.env._("GupShup accepts the API key and the app id."))

    # === CALLBACK === #

    def action_rotate_secret(self):
        """Make a new callback address; the former one is refused from now on."""
        self.check_access("write")
        for line in self:
            line.write(
                {
                    "callback_token": self._new_token(),
                    "secret_rotated_at": fields.Datetime.now(),
                }
            )
        return self._notify(
            self.env._("The callback address has changed"),
            self.env._(
                "Register the callback now. Until then GupShup calls the former "
                "address, which is refused, and messages may be lost."
            ),
            "warning",
        )

    def action_register_callback(self):
        """Tell the provider this line's callback address, and explain what it says.

        The provider calls the address at once as a test.

        :return: client action that tells the outcome
        """
        self.ensure_one()
        self.check_access("write")
        outcome = self._register_callback()
        return self._notify(
            self.env._("The callback is registered")
            if outcome.succeeded
            else self.env._("GupShup did not register the callback"),
            outcome.text,
            "success" if outcome.succeeded else "danger",
        )

    def _register_callback(self):
        try:
            subscription, is_new = self._subscribe(self._get_client())
        except exceptions.Rejected as error:
            return Outcome(False, self._explain_refused_callback(error))
        except exceptions.GupshupError as error:
            return Outcome(False, self._explain(error))
        self.write({"subscription_ref": subscription.id, "secret_rotated_at": False})
        if is_new:
            return Outcome(
                True,
                self.env._(
                    "GupShup called the address and got its answer. From now on "
                    "messages and receipts come here."
                ),
            )
        return Outcome(
            True,
            self.env._(
                "GupShup knew this line already and has been given its present "
                "address. It called the address and got its answer."
            ),
        )

    def _subscribe(self, client):
        """Create or update this line's subscription.

        :return: the subscription, and whether it is new
        :raises GupshupError: when the provider refuses
        """
        settings = {
            "url": self.callback_url,
            "tag": self._subscription_tag(),
            "modes": ALL_MODES,
            "version": CALLBACK_VERSION,
            "check": True,
        }
        known = self._find_subscription(client)
        if known:
            try:
                return client.update_subscription(known, active=True, **settings), False
            except exceptions.Rejected as error:
                if "does not exist" not in error.reason.lower():
                    raise
        return client.create_subscription(**settings), True

    def _find_subscription(self, client):
        """Return the id of the subscription that this line made earlier, if any."""
        try:
            subscriptions = client.subscriptions()
        except exceptions.Rejected:
            # The list is documented for partners only; what we remember must do.
            return self.subscription_ref
        tag = self._subscription_tag()
        return next(
            (
                found.id
                for found in subscriptions
                if found.id == self.subscription_ref or found.tag == tag
            ),
            None,
        )

    def _subscription_tag(self):
        """Return the name of our subscription, which no other database uses."""
        database = self.env["ir.config_parameter"].sudo().get_param("database.uuid")
        return f"odoo-{database[:8]}-{self.id}"

    # === EXPLANATIONS === #

    def _explain_refused_callback(self, error):
        """Tell what to check when the provider refused the callback address."""
        checks = [
            self.env._("Is the address reachable from the internet, with https?"),
            self.env._("Is the app live in GupShup's dashboard?"),
            self.env._("Does the app have fewer than five callback addresses?"),
            self.env._("Is the API key the one of this very app?"),
        ]
        if self.callback_networks:
            checks.append(
                self.env._(
                    "Do the line's allowed networks hold the address that GupShup "
                    "calls from? Odoo's log names who was refused."
                )
            )
        problem = self._callback_problem(self.browse().get_base_url())
        return "\n".join(
            [
                self.env._("GupShup's reason: %(reason)s", reason=error.reason),
                *([problem] if problem else []),
                *(f"• {check}" for check in checks),
            ]
        )

    def _explain(self, error):
        """Return the reason of a failed request, and what to do about it."""
        if isinstance(error, exceptions.Unauthorized):
            advice = self.env._(
                "Check the API key. GupShup makes one per app and shows it once: enter "
                "the app's key on the line, or make a new one in GupShup's dashboard. "
                "An app that is not live yet may be refused as well."
            )
        elif isinstance(error, exceptions.RateLimited):
            advice = self.env._("Wait a minute and try again.")
        elif isinstance(error, exceptions.Rejected):
            advice = self.env._("Check the app id and the provider's address.")
        else:
            advice = self.env._(
                "Check the provider's address and this server's connection to the "
                "internet, then try again."
            )
        return self.env._(
            "%(reason)s. %(advice)s", reason=error.reason.rstrip(". "), advice=advice
        )

    def _notify(self, title, message, kind):
        """Return the client action that shows a message and reloads the form."""
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "title": title,
                "message": message,
                "type": kind,
                "sticky": kind != "success",
                "className": "text-prewrap",
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }
