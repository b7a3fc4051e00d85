# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Approved templates between real processes: read, made, reviewed, paused, deleted."""

import pytest
from harness.callbacks import text_message
from harness.waiting import at_once, wait_until

MODEL = "whatsapp_omni.approved.template"


class Templates:
    """The templates of a centre, as its administrator handles them."""

    def __init__(self, centre):
        self.centre = centre
        self.admin = centre.browser("admin")

    def synchronise(self):
        answer = self.admin.call(MODEL, "action_sync_all", [])
        assert answer["params"]["type"] == "success", answer

    def row(self, name, language="en"):
        rows = self.admin.search_read(
            MODEL,
            [
                ["name", "=", name],
                ["language", "=", language],
                ["active", "in", [True, False]],
            ],
            ["status", "active", "is_enabled", "is_sendable", "reason", "provider_ref"],
        )
        # Each emulator like new has templates of its own; the former are archived.
        return max(rows, key=lambda found: found["id"], default=None)

    def wait(self, name, timeout=20, **expected):
        """Return the row once it has these values, which callbacks alone bring."""

        def is_there():
            found = self.row(name)
            return found and expected.items() <= found.items() and found

        return wait_until(is_there, timeout, f"{name} with {expected}")

    def happens(self, name, **change):
        """Have Meta decide something on a template of the emulator."""
        path = f"template/{self.row(name)['provider_ref']}/status"
        self.centre.emulator.call("POST", path, {"wait": True, **change})


@pytest.fixture
def templates(centre):
    return Templates(centre)


def test_template_is_read_and_a_callback_takes_it_out_of_use(centre, templates):
    templates.synchronise()
    assert templates.row("visit_reminder")["is_sendable"]
    assert templates.row("flash_sale")["reason"] == "TAG_CONTENT_MISMATCH"
    assert templates.row("parcel_delayed")["status"] == "PAUSED"
    templates.happens(
        "visit_reminder", status="paused", description="Too many complaints"
    )
    templates.wait(
        "visit_reminder",
        status="PAUSED",
        is_sendable=False,
        reason="Too many complaints",
    )
    # A customer's message is not kept waiting by it.
    assert centre.deliver(text_message("34600199999", "Hola")).status == 200
    templates.happens("visit_reminder", status="approved")
    templates.wait("visit_reminder", status="APPROVED", is_sendable=True)


def test_switched_off_stays_off(templates):
    templates.synchronise()
    (found,) = templates.admin.search_read(
        MODEL, [["name", "=", "autumn_offer"], ["active", "=", True]], ["id"]
    )
    templates.admin.call(MODEL, "write", [found["id"]], {"is_enabled": False})
    templates.synchronise()
    templates.happens("autumn_offer", status="paused")
    templates.wait("autumn_offer", status="PAUSED")
    templates.happens("autumn_offer", status="approved")
    templates.wait("autumn_offer", status="APPROVED", is_enabled=False)


def test_many_synchronise_at_once(centre, templates):
    at_once(lambda _n: Templates(centre).synchronise(), range(4))
    twice = centre.query(
        "SELECT provider_ref FROM whatsapp_omni_approved_template"
        " GROUP BY line_id, provider_ref HAVING count(*) > 1"
    )
    assert twice == []


def test_draft_is_submitted_reviewed_and_deleted(centre, templates):
    (line,) = templates.admin.search_read("whatsapp_omni.line", [], ["id"])
    values = {
        "line_id": line["id"],
        "name": "made_here",
        "language": "en",
        "category": "UTILITY",
        "body": "Your order is ready.",
    }
    (draft,) = templates.admin.call(MODEL, "create", [values])
    answer = templates.admin.call(MODEL, "action_submit", [draft])
    assert answer["params"]["type"] == "success", answer
    assert templates.row("made_here")["status"] == "PENDING"
    templates.happens("made_here", status="approved")
    templates.wait("made_here", status="APPROVED", is_sendable=True)
    action = templates.admin.call(MODEL, "action_delete_everywhere", [draft])
    answer = templates.admin.call(
        action["res_model"], "action_delete", [action["res_id"]]
    )
    assert answer["params"]["type"] == "success", answer
    templates.wait("made_here", status="DELETED", active=False)
