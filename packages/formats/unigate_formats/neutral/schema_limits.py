"""How large a client's JSON Schema may be."""

MAX_NODES = 20_000
"""Objects of one schema, references resolved."""
