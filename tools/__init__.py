"""What ./dev is made of; of these only odoo_env, browser and proxy are imported."""
