# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.tests import HttpCase, no_retry, tagged

from odoo.addons.web.tests.test_js import unit_test_error_checker


def hoot_id(path):
    """Return the id that HOOT gives to the suite or test at ``path``."""
    value = 0
    for char in path:
        value = ((value << 5) - value + ord(char)) & 0xFFFFFFFF
    return f"{value:08x}"


class HootCase(HttpCase):
    """Run this addon's HOOT suite, and no other."""

    def run_hoot(self, preset):
        """Run what is for ``preset``, "desktop" or "mobile"."""
        self.browser_js(
            f"/web/tests?headless&loglevel=2&preset={preset}&timeout=15000"
            f"&id={hoot_id('@whatsapp_omni')}",
            "",
            "",
            login="admin",
            timeout=540,
            success_signal="[HOOT] Test suite succeeded",
            error_checker=unit_test_error_checker,
        )


@tagged("post_install", "-at_install")
class TestJsDesktop(HootCase):
    @no_retry
    def test_hoot(self):
        """The desk's components behave at a desk."""
        self.run_hoot("desktop")


@tagged("post_install", "-at_install")
class TestJsMobile(HootCase):
    browser_size = "375x667"
    touch_enabled = True

    @no_retry
    def test_hoot(self):
        """The desk's components behave on a phone."""
        self.run_hoot("mobile")
