"""Answers to requests that were made before, for keys that want them."""
