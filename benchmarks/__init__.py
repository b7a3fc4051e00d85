"""The project's speed, as ratios against floors measured in the same run."""

import sys

from tools import odoo_env

# The protocol package is plain Python: a floor uses the very client of the addon.
sys.path.append(str(odoo_env.ROOT / "whatsapp_omni"))
