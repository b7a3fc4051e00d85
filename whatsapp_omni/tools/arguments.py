# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What public methods take: over RPC people may hand them anything at all.

Otherwise Python or the database answers what Odoo shows as its own fault.
"""

import functools
import inspect

from odoo.exceptions import UserError


def takes(**kinds):
    """Refuse, in plain words and before anything is done, arguments of another kind.

    :param kinds: by the names of arguments a predicate of this module; a list with one
        for each of its items, a dict with some by their keys
    """

    def decorate(method):
        signature = inspect.signature(method)

        @functools.wraps(method)
        def checked(self, *args, **kwargs):
            arguments = signature.bind(self, *args, **kwargs).arguments
            for name, kind in kinds.items():
                if name in arguments and not _fits(arguments[name], kind):
                    raise UserError(
                        self.env._("What was given as “%s” cannot be used.", name)
                    )
            return method(self, *args, **kwargs)

        return checked

    return decorate


def _fits(value, kind):
    if isinstance(kind, list):
        return isinstance(value, list | tuple) and all(
            _fits(item, kind[0]) for item in value
        )
    if isinstance(kind, dict):
        return _is_nothing(value) or (
            isinstance(value, dict)
            and all(_fits(value.get(key), part) for key, part in kind.items())
        )
    return kind(value)


def _is_nothing(value):
    """Tell whether it is how JSON or Odoo says that there is none."""
    return value is None or value is False


def is_id(value):
    """Tell whether it may be the id of a record, or none."""
    return _is_nothing(value) or is_number(value)


def is_number(value):
    """Tell whether it counts something."""
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def is_text(value):
    """Tell whether it is a text that the database can hold, or none."""
    return _is_nothing(value) or (isinstance(value, str) and "\0" not in value)
