"""Start Odoo from wherever it was found: ``python tools/odoo_bin.py COMMAND ...``.

Odoo starts its second process for websockets by running its own script again, so it
has to be started through a script, not with ``python -m odoo``. This one works alike
for a checkout, an installation and Debian's unpacked package.
"""

import os
import sys

# Odoo's package instead of this directory, and so before the import of it.
sys.path[0] = os.environ["WA_OMNI_ODOO"]

import odoo.cli  # noqa: E402

if __name__ == "__main__":
    odoo.cli.main()
