# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Networks that callbacks are taken from: what people type, and who is in them."""

import re
from ipaddress import ip_address, ip_network

_SEPARATORS = re.compile(r"[\s,;]+")


class NoNetworkError(ValueError):
    """A part of a list is no network; the message is that part."""


def parse(text):
    """Return the networks of a typed list, where a single address is one as well.

    :param text: addresses and networks, separated by lines, commas or blanks
    :return: a tuple of ``ipaddress`` networks
    :raises NoNetworkError: for the first that is none
    """
    return tuple(_parse_one(part) for part in _SEPARATORS.split(text or "") if part)


def _parse_one(part):
    try:
        return ip_network(part)
    except ValueError as error:
        raise NoNetworkError(part) from error


def spell(networks):
    """Return a list the way it is stored and shown: one per line."""
    return "\n".join(
        str(network).removesuffix(f"/{network.max_prefixlen}")  # a single address
        for network in networks
    )


def contain(networks, address):
    """Tell whether an address belongs to one of the networks; what is none, does not.

    :param address: as the web server tells it, which writes an IPv4 address in the
        manner of IPv6 when it listens to both
    """
    try:
        found = ip_address(address)
    except ValueError:
        return False
    found = getattr(found, "ipv4_mapped", None) or found
    return any(found in network for network in networks)
