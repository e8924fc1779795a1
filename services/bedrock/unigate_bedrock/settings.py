"""What the adapter reads from its environment: AWS's own variables, and the gateway's for name and models."""

from __future__ import annotations

from pydantic import AliasChoices, Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from unigate_adapter.settings import ModelNames
from unigate_bedrock.place import DEFAULT_REGION, Place


class BedrockSettings(BaseSettings):
    """https://docs.aws.amazon.com/sdkref/latest/guide/settings-reference.html"""

    model_config = SettingsConfigDict(extra="ignore")

    region: str = Field(default=DEFAULT_REGION, validation_alias=AliasChoices("AWS_REGION", "AWS_DEFAULT_REGION"))
    runtime: str = Field(
        default="", validation_alias=AliasChoices("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", "UNIGATE_BASE_URL")
    )
    control: str = Field(default="", validation_alias="AWS_ENDPOINT_URL_BEDROCK")
    name: str = Field(
        default="bedrock", pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$", validation_alias="UNIGATE_PROVIDER_NAME"
    )
    models: ModelNames = Field(default=(), validation_alias="UNIGATE_MODELS")


def place() -> Place:
    """The place that the environment describes."""
    settings = BedrockSettings()
    return Place(
        settings.name, settings.region, settings.runtime.rstrip("/"), settings.control.rstrip("/"), settings.models
    )
