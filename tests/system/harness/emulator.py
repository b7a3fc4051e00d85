# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The GupShup emulator as a process."""

from tools import emulator

from .callbacks import profile_name
from .waiting import wait_until


class Emulator(emulator.Emulator):
    """The GupShup emulator, as people and tests use it.

    :param directory: where its log and its state are kept, over restarts too
    :param callback: where it delivers what happens
    """

    def __init__(self, directory, callback):
        super().__init__(
            *("--fast", f"--callback={callback}"),
            f"--state={directory / 'emulator.json'}",
            log_path=directory / "emulator.log",
        )
        self._forgotten_attempts = []

    def reset(self):
        """Forget all messages and put all switches back."""
        self.call("POST", "reset", {})
        self._forgotten_attempts = []

    def stop(self):
        """Override of `tools`: what it has delivered is not forgotten with it."""
        if self.is_running():
            self._forgotten_attempts = self.attempts()
        super().stop()

    def write(self, phone, text=None, **spec):
        """Let a customer write and return when Odoo has acknowledged it.

        :return: the message's WhatsApp id
        """
        if text is not None:
            spec["text"] = text
        spec = {"phone": phone, "name": profile_name(phone), "wait": True, **spec}
        answer = self.call("POST", "inbound", spec)
        assert answer["delivered"], answer
        return answer["id"]

    def faults(self, **switches):
        """Set these switches; all others go back to their defaults."""
        self.call("PUT", "faults", switches)

    def sent(self, phone=None):
        """Return what GupShup accepted, in its order."""
        params = {"phone": phone} if phone else {}
        return self.call("GET", "sent", **params)["sent"]

    def sent_texts(self, phone):
        """Return the texts that reached the customer's phone, in their order."""
        return [record["message"]["text"] for record in self.sent(phone)]

    def requests(self, path_part=""):
        """Return the requests that came in, of all whose path holds ``path_part``."""
        rows = self.call("GET", "requests")["requests"]
        return [row for row in rows if path_part in row["path"]]

    def callbacks(self):
        """Return what was delivered to the subscriptions, and how."""
        return self.call("GET", "callbacks")["callbacks"]

    def attempts(self):
        """Return the statuses of all tries to deliver, None where no answer came."""
        return self._forgotten_attempts + [
            attempt["status"] for row in self.callbacks() for attempt in row["attempts"]
        ]

    def wait_for_callbacks(self):
        """Return when no callback is on its way any more."""
        wait_until(
            lambda: not self.call("GET", "state")["counts"]["callbacks_pending"],
            30,
            "the end of all deliveries",
        )
