"""What the adapter reads from its environment: AWS's own variables, and the gateway's for name and models."""

from __future__ import annotations

from typing import Annotated

from unigate_adapter.settings import ModelNames, ProviderName
from unigate_bedrock.place import DEFAULT_REGION, Place
from unigate_core.environment import EnvironmentSettings, variables


class BedrockSettings(EnvironmentSettings, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/sdkref/latest/guide/settings-reference.html"""

    region: Annotated[str, variables("AWS_REGION", "AWS_DEFAULT_REGION")] = DEFAULT_REGION
    runtime: Annotated[str, variables("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", "UNIGATE_BASE_URL")] = ""
    control: Annotated[str, variables("AWS_ENDPOINT_URL_BEDROCK")] = ""
    name: ProviderName = "bedrock"
    models: ModelNames = ()


def place() -> Place:
    """The place that the environment describes. Raises SettingsError."""
    settings = BedrockSettings.from_environment()
    return Place(
        settings.name, settings.region, settings.runtime.rstrip("/"), settings.control.rstrip("/"), settings.models
    )
