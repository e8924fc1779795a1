"""The section of the configuration about requests of web pages."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from unigate_edge.config.section import ConfigModel

Origin = Annotated[str, StringConstraints(pattern=r"^(\*|[a-z][a-z0-9+.-]*://[^/\s]+)$")]


class Cors(ConfigModel):
    """Requests that web pages of other origins make (CORS)."""

    origins: tuple[Origin, ...] = ()
    """Origins whose pages may call, such as `https://chat.example.com`; `*` for all. None: browsers let no page of
    another origin read an answer."""
    max_age: int = Field(default=600, ge=0)
    """Seconds for which browsers remember what they may do."""
