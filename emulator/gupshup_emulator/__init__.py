# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A local double of GupShup's self-serve WhatsApp API, with a customer's phone page."""

__version__ = "1.0.0"
