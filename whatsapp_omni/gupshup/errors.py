# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What the codes of failed messages mean (partner-docs.gupshup.io/docs/error-codes).

``transient``: sending the same again later, as a new message, may work. ``permanent``:
this message will never arrive. ``stop``: nothing from this number will, until somebody
repairs the account.
"""

from dataclasses import dataclass

from .texts import _lt

#: What the agent can do, by ``action_key``; the addon translates these sentences.
ACTIONS = {
    "retry": _lt("Send it again in a moment."),
    "retry_slowly": _lt("Wait a few minutes before you send it again."),
    "retry_once": _lt("Send it once more; if it fails again, send it in another form."),
    "use_template": _lt(
        "The customer has not written for 24 hours: send an approved template."
    ),
    "check_number": _lt("Check the customer's number, or reach them another way."),
    "check_media": _lt("Check the file: its type, its size, and that it opens."),
    "check_content": _lt("Change the message: WhatsApp refused something in it."),
    "check_template": _lt("Check the template and its values, or choose another one."),
    "other_template": _lt("This template cannot be sent now: choose another one."),
    "marketing_stop": _lt("The customer does not want marketing messages: send none."),
    "marketing_wait": _lt("Do not send marketing to this customer for at least a day."),
    "tell_administrator": _lt(
        "Tell your administrator: the WhatsApp account needs care."
    ),
    "fill_wallet": _lt("Tell your administrator: the balance at GupShup is too low."),
    "other_channel": _lt("WhatsApp does not deliver this here: use another channel."),
    "none": _lt("Nothing can be done about this message."),
}

CLASSES = ("transient", "permanent", "stop")


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorCode:
    """One code.

    ``klass`` is one of :data:`CLASSES`. ``closes_window``: the 24-hour window is over,
    whatever we believed. ``bad_number``: mark the number as doubtful. ``opt_out``: the
    customer refused marketing. ``disable_template``: stop offering the template.
    ``may_recover``: a *delivered* may follow within seconds.
    """

    code: int | None
    meaning: str
    klass: str
    action_key: str
    closes_window: bool = False
    bad_number: bool = False
    opt_out: bool = False
    disable_template: bool = False
    may_recover: bool = False

    @property
    def action(self) -> str:
        """What the agent can do, in English."""
        return ACTIONS[self.action_key]


def lookup(code: int | None) -> ErrorCode:
    """The entry of a code; one that nobody knows is permanent."""
    if code in CODES:
        return CODES[code]
    if code is not None and 200 <= code <= 299:
        return ErrorCode(
            code=code,
            meaning="A permission is missing",
            klass="stop",
            action_key="tell_administrator",
        )
    return ErrorCode(
        code=code,
        meaning="WhatsApp did not deliver the message",
        klass="permanent",
        action_key="check_content",
    )


def _transient(code: int, meaning: str, action: str = "retry") -> ErrorCode:
    return ErrorCode(code=code, meaning=meaning, klass="transient", action_key=action)


def _permanent(code: int, meaning: str, action: str, **flags: bool) -> ErrorCode:
    return ErrorCode(
        code=code, meaning=meaning, klass="permanent", action_key=action, **flags
    )


def _stop(code: int, meaning: str, action: str = "tell_administrator") -> ErrorCode:
    return ErrorCode(code=code, meaning=meaning, klass="stop", action_key=action)


def _window(code: int, meaning: str) -> ErrorCode:
    return _permanent(code, meaning, "use_template", closes_window=True)


_GUPSHUP = (
    _transient(500, "Internal error at GupShup"),
    _transient(503, "GupShup could not connect"),
    _permanent(1000, "The file's format is not supported", "check_media"),
    _permanent(1001, "The number is not connected to this app", "tell_administrator"),
    _permanent(1002, "The number is not on WhatsApp", "check_number", bad_number=True),
    _stop(1003, "The balance at GupShup is too low", "fill_wallet"),
    _window(1004, "The customer is inactive and templates are switched off"),
    _window(1005, "The customer is inactive: the 24-hour window is closed"),
    _window(1006, "The customer is inactive and did not opt in"),
    _window(1007, "The customer is inactive and did not opt in"),
    _window(1008, "The customer is inactive and did not opt in"),
    _permanent(1009, "A required value is missing", "check_content"),
    _permanent(1010, "The file's address is not valid", "check_media"),
    _permanent(1011, "The file's size is not accepted", "check_media"),
    _permanent(1012, "The customer opted out", "marketing_stop", opt_out=True),
    _permanent(1013, "The customer does not exist", "check_number", bad_number=True),
    _permanent(1014, "GupShup could not fetch the file", "retry_once"),
    _transient(4001, "GupShup's rate limit is reached", "retry_slowly"),
    _transient(4002, "WhatsApp's answer was not understood"),
    _permanent(4003, "No template matches the text", "check_template"),
    _permanent(4004, "The app lacks a feature of the Cloud API", "tell_administrator"),
    _permanent(4005, "The template is paused", "other_template", disable_template=True),
)

_ON_PREMISES = (
    _permanent(408, "The message waited too long for the customer", "check_number"),
    _window(470, "More than 24 hours since the customer's last message"),
    _stop(471, "Too many messages of this number were reported as spam"),
    _permanent(472, "The customer is in an experiment of WhatsApp", "other_channel"),
    _permanent(1026, "The customer's app cannot receive this", "other_channel"),
    _permanent(2000, "The number of the template's values is wrong", "check_template"),
    _permanent(2001, "The template does not exist", "check_template"),
    _permanent(2002, "The template could not be loaded", "check_template"),
    _permanent(2003, "The template's values make it too long", "check_template"),
    _permanent(2004, "The template's values break a rule", "check_template"),
    _permanent(2005, "The template's text breaks a rule", "check_template"),
    _permanent(2017, "The template's values are not valid", "check_template"),
)

_CLOUD = (
    _stop(0, "The account's authentication failed"),
    _transient(1, "Unknown error at WhatsApp"),
    _transient(2, "WhatsApp is overloaded"),
    _stop(3, "A permission is missing"),
    _transient(4, "WhatsApp's call limit is reached", "retry_slowly"),
    _stop(10, "A permission is missing"),
    _permanent(33, "The sending number was deleted", "tell_administrator"),
    _permanent(100, "A value is not valid", "check_content"),
    _stop(190, "The account's access expired"),
    _stop(368, "The account is restricted for breaking a policy"),
    _transient(80007, "The account's rate limit is reached", "retry_slowly"),
    _transient(130429, "The number's throughput is reached", "retry_slowly"),
    _permanent(130472, "The customer is in an experiment of WhatsApp", "other_channel"),
    _permanent(
        130497, "Messages to customers in this country are restricted", "other_channel"
    ),
    _transient(131000, "Something went wrong at WhatsApp"),
    _stop(131005, "Access denied"),
    _permanent(131008, "A required value is missing", "check_content"),
    _permanent(131009, "A value is not valid", "check_content"),
    _transient(131016, "WhatsApp is not available"),
    _permanent(131021, "Sender and recipient are the same number", "check_number"),
    _permanent(
        131026,
        "The message could not be delivered to this number",
        "check_number",
        bad_number=True,
        may_recover=True,
    ),
    _stop(131031, "The account is locked"),
    _stop(131037, "The number's display name is not approved"),
    _stop(131042, "The account has a payment problem"),
    _stop(131045, "The number is not registered correctly"),
    _window(131047, "More than 24 hours since the customer's last message"),
    _stop(131048, "Too many messages of this number were reported as spam"),
    _permanent(131049, "WhatsApp limits marketing to this customer", "marketing_wait"),
    _permanent(
        131050,
        "The customer stopped marketing messages",
        "marketing_stop",
        opt_out=True,
    ),
    _permanent(131051, "This type of message is not supported", "check_content"),
    _permanent(131052, "WhatsApp could not download the file", "retry_once"),
    _permanent(131053, "WhatsApp could not use the file", "check_media"),
    _transient(131056, "Too many messages to this customer at once", "retry_slowly"),
    _transient(131057, "The account is in maintenance", "retry_slowly"),
    _permanent(131060, "The content of the message is not available", "none"),
    _permanent(
        132000, "The number of the template's values is wrong", "check_template"
    ),
    _permanent(
        132001,
        "The template does not exist in this language",
        "other_template",
        disable_template=True,
    ),
    _permanent(132005, "The filled-in template is too long", "check_template"),
    _permanent(132007, "The template's characters break a rule", "check_template"),
    _permanent(132012, "The template's values have the wrong form", "check_template"),
    _permanent(
        132015, "The template is paused", "other_template", disable_template=True
    ),
    _permanent(
        132016, "The template is disabled", "other_template", disable_template=True
    ),
    _permanent(132018, "A value of the template is not valid", "check_template"),
    _permanent(132068, "The flow is blocked", "check_template"),
    _transient(132069, "The flow is throttled", "retry_slowly"),
    _stop(133010, "The sending number is not registered"),
    _permanent(135000, "WhatsApp could not send the message", "retry_once"),
    _permanent(139100, "Blocking the customer failed", "none"),
    _permanent(139101, "The list of blocked customers is full", "none"),
)

CODES = {entry.code: entry for entry in (*_GUPSHUP, *_ON_PREMISES, *_CLOUD)}
