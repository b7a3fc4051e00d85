# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A contact centre of real processes: Odoo, the GupShup emulator, and their users.

Everything goes through the doors that the outside world has: callbacks and Odoo's web
routes over HTTP, the emulator's control interface. The database is only looked at.
"""
