"""Stands in for the vendors: speaks the native API of each under a path prefix, needs no key and no internet."""
