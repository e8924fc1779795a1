"""Keywords of a JSON Schema that a vendor cannot enforce, as words that its model still reads."""

from __future__ import annotations

from unigate_core.json import Json, dumps_text


def with_words(schema: Json, described: Json) -> Json:
    """The schema with keywords in its description that cannot stand in it."""
    words = "{" + ", ".join(f"{key}: {dumps_text(value)}" for key, value in described.items()) + "}"
    before = schema.get("description")
    return schema | {"description": f"{before}\n\n{words}" if before else words}
