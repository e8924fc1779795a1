"""What the adapter reads from its environment: Google's own variables, and the gateway's for name and models."""

from __future__ import annotations

from typing import Annotated

from unigate_adapter.settings import ModelNames, ProviderName
from unigate_core.environment import EnvironmentSettings, variables
from unigate_vertex.place import GLOBAL, Place


class VertexSettings(EnvironmentSettings, frozen=True, kw_only=True):
    """https://cloud.google.com/vertex-ai/generative-ai/docs/sdks/overview"""

    project: Annotated[str, variables("GOOGLE_CLOUD_PROJECT", "GOOGLE_VERTEX_PROJECT")] = ""
    location: Annotated[str, variables("GOOGLE_CLOUD_LOCATION", "GOOGLE_VERTEX_LOCATION", "GOOGLE_CLOUD_REGION")] = (
        GLOBAL
    )
    address: Annotated[str, variables("GOOGLE_VERTEX_BASE_URL", "UNIGATE_BASE_URL")] = ""
    name: ProviderName = "vertex"
    models: ModelNames = ()


def place() -> Place:
    """The place that the environment describes. Raises SettingsError."""
    settings = VertexSettings.from_environment()
    return Place(
        settings.name, settings.project, settings.location or GLOBAL, settings.address.rstrip("/"), settings.models
    )
