# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Waiting for what comes, and doing several things in the same moment."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor


def wait_until(condition, timeout=15, what="the condition"):
    """Return the first true value of ``condition()``; fail when none comes in time."""
    deadline = time.monotonic() + timeout
    while not (value := condition()):
        assert time.monotonic() < deadline, f"{what} did not come within {timeout} s"
        time.sleep(0.03)  # between two looks; the condition ends it
    return value


def at_once(work, items, workers=None):
    """Call ``work(item)`` for all items, ``workers`` at a time; return the results.

    Without ``workers`` all of them start in the same moment.
    """
    items = list(items)
    if workers:
        with ThreadPoolExecutor(workers) as pool:
            return list(pool.map(work, items))
    start = threading.Barrier(len(items))

    def run(item):
        start.wait(30)
        return work(item)

    with ThreadPoolExecutor(len(items)) as pool:
        return list(pool.map(run, items))
