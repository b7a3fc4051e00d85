# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Calls of the provider that go on beside each other, and how fast they may."""

import logging
import time
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from typing import NamedTuple

from ..gupshup import exceptions

_logger = logging.getLogger(__name__)

#: Seconds to wait, once a result is there, for others that come at the same moment.
GATHER_SECONDS = 0.005

#: Seconds over which a rate is counted. More than one, because the provider counts by
#: its own clock: some requests take longer to get there than those after them.
RATE_SECONDS = 1.05

#: It is spread: no more than a fifth of it leaves in a tenth of the time, but two do.
BURST_SHARE, BURST_SECONDS, BURST_LEAST = 5, RATE_SECONDS / 10, 2


class Job(NamedTuple):
    """One call of the provider. Made of plain values: it runs in a thread."""

    record_id: int
    call: callable
    arguments: tuple


def run_job(job):
    """Call the provider; return the job and the answer, or the error as a value.

    What nobody foresaw is one too: raised later it would take other results along.
    """
    try:
        return job, job.call(*job.arguments)
    except exceptions.GupshupError as error:
        return job, error
    except Exception as error:
        _logger.exception("A call of the provider for %s broke off", job.record_id)
        return job, exceptions.Ambiguous(f"It broke off: {type(error).__name__}")


class Calls:
    """Calls that are under way, each in a thread that touches no cursor.

    A context manager, which waits at its end for those that still are.

    :param int limit: of calls at once
    """

    def __init__(self, limit):
        self._pool = ThreadPoolExecutor(max_workers=limit)
        self._pending = {}
        self._landed = []
        #: Seconds after which there is room for more, whatever these calls do; None
        #: when that depends on them alone.
        self.pause = None

    def __enter__(self):
        return self

    def __exit__(self, *exc_info):
        self._pool.shutdown()

    def __bool__(self):
        return bool(self._pending)

    @property
    def record_ids(self):
        """The records that the calls are about, as a list of ids."""
        return list(self._pending.values())

    def start(self, jobs):
        """Begin these calls."""
        for job in jobs:
            self._pending[self._pool.submit(run_job, job)] = job.record_id

    def land(self, longest=None):
        """Wait until a call has returned; return it with others of the same moment.

        :param longest: seconds to wait at most, if that is less than the pause
        :return: pairs of a job and its result, none when there was nothing to wait for
            any more
        """
        if not self._pending:
            # Until the rate lets the next one through there is only time to wait for.
            time.sleep(min(self.pause or 0, longest or 0))
            return []
        timeout = min(filter(None, (self.pause, longest)), default=None)
        done, pending = wait(self._pending, timeout, return_when=FIRST_COMPLETED)
        if done and pending:
            done |= wait(pending, GATHER_SECONDS).done
        for future in done:
            del self._pending[future]
        landed = [future.result() for future in done]
        self._landed += landed
        return landed

    def forget_landed(self):
        """Note that the results so far are written down for good."""
        self._landed = []

    def land_all(self):
        """Wait for all calls; return every result that is not written down for good."""
        landed = self._landed + [future.result() for future in self._pending]
        self._pending, self._landed = {}, []
        return landed


def room_in_rate(ages, rate):
    """Tell how much may leave now, and if nothing, when.

    :param ages: seconds since each of the last requests, the newest first
    :param int rate: most requests in a second
    :return: ``(how many requests, seconds until there may be more)``
    """
    burst = max(BURST_LEAST, rate // BURST_SHARE)
    limits = ((rate, RATE_SECONDS), (burst, BURST_SECONDS))
    room = min(most - sum(age < span for age in ages) for most, span in limits)
    if room > 0:
        return room, 0.0
    return 0, max(span - ages[most - 1] for most, span in limits if len(ages) >= most)
