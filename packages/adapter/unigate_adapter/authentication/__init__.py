"""Vendors' credentials."""
