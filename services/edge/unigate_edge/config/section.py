"""What every mapping of the edge's YAML files has in common."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class ConfigModel(BaseModel):
    """A mapping of a file. A key that it does not know is a mistake."""

    model_config = ConfigDict(extra="forbid", frozen=True)
