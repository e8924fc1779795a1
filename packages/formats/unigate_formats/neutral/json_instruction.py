"""Structured output for a model that can only be asked for it: the form of the answer in words."""

from __future__ import annotations

from unigate_core.json import dumps_text
from unigate_formats.neutral.request import ResponseFormat

INSTRUCTION_ADDED = "json_instruction_added"


def json_instruction(form: ResponseFormat) -> str:
    """What a system message says about the form. What it cannot promise is that the answer obeys it."""
    instruction = "Answer with one JSON object and nothing else, without a code fence around it."
    if form.schema is None:
        return instruction
    title = f" of '{form.name}'" if form.name else ""
    title += f" ({form.description})" if form.description else ""
    return f"{instruction} It must be valid against this JSON Schema{title}:\n{dumps_text(form.schema)}"
