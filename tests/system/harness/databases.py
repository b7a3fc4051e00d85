# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The prepared database, which each centre has a copy of."""

import os
import re

from tools import odoo_env

from .browser import Browser
from .callbacks import APP_ID, APP_NAME, TOKEN

API_KEY = "emulator-key"

#: Logins, which are the passwords as well.
AGENTS = ("ana", "luis")
AGENT_GROUP = "whatsapp_omni.group_agent"


def prepare(database, directory):
    """Make a database with a small contact centre, to be copied for each centre.

    Agents Ana and Luis share a queue; a line at the emulator leads to it.
    """
    odoo_env.create_copy(database)
    log_path = directory / "prepare.log"
    with odoo_env.start_odoo(database, log_path=log_path) as odoo:
        admin = Browser(odoo.url, database, "admin")
        # Odoo's housekeeping would begin with each copy's first minute.
        jobs = [["cron_name", "not like", "WhatsApp:%"]]
        job_ids = admin.call("ir.cron", "search", jobs)
        admin.call("ir.cron", "write", job_ids, {"active": False})
        agent_ids = [admin.create_user(login, AGENT_GROUP) for login in AGENTS]
        queue_id = admin.create(
            "whatsapp_omni.queue", name="Support", agent_ids=[[6, 0, agent_ids]]
        )
        admin.create("whatsapp_omni.disposition", name="Solved")
        provider_id = admin.create(
            "whatsapp_omni.provider",
            name="Emulator",
            base_url="http://127.0.0.1:1",
            api_key=API_KEY,
            rate=1000,
        )
        admin.create(
            "whatsapp_omni.line",
            name="Line",
            provider_id=provider_id,
            number="+15550100100",
            app_name=APP_NAME,
            app_id=APP_ID,
            callback_token=TOKEN,
            queue_id=queue_id,
        )


def forget_dead_runs(prefix):
    """Drop the databases that runs which were killed have left behind."""
    for (name,) in odoo_env.execute("SELECT datname FROM pg_database"):
        found = re.fullmatch(rf"{prefix}(\d+)_\w+", name)
        if found and not os.path.exists(f"/proc/{found[1]}"):
            odoo_env.drop(name)
