# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The protocol's tests: plain Python, no Odoo, no network but this machine's."""

import pytest
from hypothesis import settings
from server import Server

# The same examples on every machine and every run; no clock decides about success.
settings.register_profile(
    "protocol", derandomize=True, deadline=None, max_examples=150, database=None
)
settings.load_profile("protocol")


@pytest.fixture
def server():
    """A server on this machine that answers what the test says."""
    running = Server()
    yield running
    running.stop()
