"""The members of `provider_options` that are meant for who serves the request."""

from __future__ import annotations

from collections.abc import Container
from typing import Any

from unigate_core.errors import invalid_value, unknown_parameter
from unigate_core.json import Json, loads
from unigate_formats.neutral.typed import mapping

MEMBER = "provider_options"


def options_for(given: Any, provider: str, form: str, known: Container[str] | None = None) -> Json:
    """What stands under the name of the format that is spoken, and over it what stands under the provider's own.

    A request may hold options for other providers as well, which its fallbacks are. Raises RequestRefused for one
    that is not among the known.
    """
    if isinstance(given, str):
        # A form has text only.
        try:
            given = loads(given)
        except ValueError as error:
            raise invalid_value(MEMBER, "it must be a JSON object.") from error
    options = mapping(given, MEMBER)
    found: Json = {}
    for name in dict.fromkeys((form, provider)):
        path = f"{MEMBER}.{name}"
        own = mapping(options.get(name), path)
        for member in own:
            if known is not None and member not in known:
                raise unknown_parameter(f"{path}.{member}")
        found |= own
    return found
