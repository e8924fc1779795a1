"""The HTTP APIs in front: how each finds the key, reports errors, and keeps a silent stream alive."""
