"""The HTTP APIs in front: how each finds the key, tells errors, and keeps a silent stream alive."""
