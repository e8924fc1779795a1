"""What the adapter reads from its environment: Azure's own variables, and the gateway's for name and models."""

from __future__ import annotations

from pydantic import AliasChoices, Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from unigate_adapter.settings import ModelNames
from unigate_azure.place import Place


class AzureSettings(BaseSettings):
    """`models` are deployments, such as `prod-chat=gpt-4o` where the deployment does not bear its model's name."""

    model_config = SettingsConfigDict(extra="ignore")

    endpoint: str = Field(default="", validation_alias=AliasChoices("AZURE_OPENAI_ENDPOINT", "UNIGATE_BASE_URL"))
    api_version: str = Field(
        default="", validation_alias=AliasChoices("AZURE_OPENAI_API_VERSION", "OPENAI_API_VERSION")
    )
    claude: str = Field(default="", validation_alias="ANTHROPIC_FOUNDRY_BASE_URL")
    name: str = Field(default="azure", pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$", validation_alias="UNIGATE_PROVIDER_NAME")
    models: ModelNames = Field(default=(), validation_alias="UNIGATE_MODELS")


def place() -> Place:
    """The place that the environment describes."""
    settings = AzureSettings()
    endpoint = settings.endpoint.rstrip("/").removesuffix("/openai/v1").removesuffix("/openai")
    deployments = tuple((name, model) for name, _, model in (each.partition("=") for each in settings.models))
    # the vendor's SDK takes the address without the version
    claude = settings.claude.rstrip("/").removesuffix("/v1").removesuffix("/anthropic")
    return Place(settings.name, endpoint, settings.api_version, claude, deployments)
