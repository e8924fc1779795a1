"""Custom tools, whose input is free text, at vendors that have functions alone."""

CUSTOM_SCHEMA = {
    "type": "object",
    "properties": {"input": {"type": "string"}},
    "required": ["input"],
    "additionalProperties": False,
}
"""A custom tool as a function: its free text is the one argument."""
