"""Stands in for the vendors: speaks the native API of each one under its own path prefix, needs no key and no internet."""
