"""What the adapter reads from its environment: Google's own variables, and the gateway's for name and models."""

from __future__ import annotations

from pydantic import AliasChoices, Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from unigate_adapter.settings import ModelNames
from unigate_vertex.place import GLOBAL, Place


class VertexSettings(BaseSettings):
    """https://cloud.google.com/vertex-ai/generative-ai/docs/sdks/overview"""

    model_config = SettingsConfigDict(extra="ignore")

    project: str = Field(default="", validation_alias=AliasChoices("GOOGLE_CLOUD_PROJECT", "GOOGLE_VERTEX_PROJECT"))
    location: str = Field(
        default=GLOBAL,
        validation_alias=AliasChoices("GOOGLE_CLOUD_LOCATION", "GOOGLE_VERTEX_LOCATION", "GOOGLE_CLOUD_REGION"),
    )
    address: str = Field(default="", validation_alias=AliasChoices("GOOGLE_VERTEX_BASE_URL", "UNIGATE_BASE_URL"))
    name: str = Field(default="vertex", pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$", validation_alias="UNIGATE_PROVIDER_NAME")
    models: ModelNames = Field(default=(), validation_alias="UNIGATE_MODELS")


def place() -> Place:
    """The place that the environment describes."""
    settings = VertexSettings()
    return Place(
        settings.name, settings.project, settings.location or GLOBAL, settings.address.rstrip("/"), settings.models
    )
