"""Rules for every test of the project."""

import pytest


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport():
    """Report a skipped test as failed: here a skip means that something is missing.

    Odoo skips its browser tests when there is no Chromium, and the whole run would
    be green without one page opened.
    """
    report = yield
    return _refuse_skip(report)


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report():
    """Report a skipped module as failed, for the same reason."""
    report = yield
    return _refuse_skip(report)


def _refuse_skip(report):
    if report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else ""
        report.outcome = "failed"
        report.longrepr = f"A skipped test counts as a failure. {reason}"
    return report
