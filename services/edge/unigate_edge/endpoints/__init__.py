"""Every route of the gateway; table.py names them."""
