"""A JSON Schema in the words of a prompt: how a model is told the form of its answer where the vendor takes none."""

import json
import re
from typing import Final

from unigate_simulator.schema_instance import instance
from unigate_simulator.wire import Json

_MARKS: Final = frozenset({"type", "properties", "$ref", "$defs", "anyOf", "allOf"})
_TRIES: Final = 100
_decoder: Final = json.JSONDecoder()


def prompt_schema(text: str) -> Json:
    """The first JSON Schema of objects in the text; None when there is none."""
    for place, _ in zip(re.finditer(r"\{", text), range(_TRIES), strict=False):
        try:
            value, _ = _decoder.raw_decode(text, place.start())
        except ValueError:
            continue
        if value.keys() & _MARKS and isinstance(instance(value), dict):
            return value
    return None
