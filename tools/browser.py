"""Debian's Chromium under Playwright, for tests in a browser and for screenshots.

::

    with browser.chromium() as chromium:
        page = chromium.new_page(viewport={"width": 1280, "height": 800})
"""

import contextlib
import shutil

from playwright.sync_api import sync_playwright

# The Playwright that fits Odoo's pinned greenlet asks for the old headless mode, which
# Chromium has given up.
OLD_HEADLESS = "--headless=old"
# Chromium's sandbox does not work for root, nor its shared memory in a small container.
# Its own camera, which shows a moving picture, may be looked through by every page.
ARGUMENTS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
]


@contextlib.contextmanager
def chromium(**options):
    """Run a headless Chromium; yield Playwright's ``Browser``.

    :param options: further arguments of Playwright's ``launch``.
    :raise RuntimeError: when there is no Chromium.
    """
    executable = shutil.which("chromium")
    if executable is None:
        raise RuntimeError("No Chromium. On Debian: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=executable,
            ignore_default_args=[OLD_HEADLESS],
            args=ARGUMENTS,
            **options,
        )
        try:
            yield browser
        finally:
            browser.close()
