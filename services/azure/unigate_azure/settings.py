"""What the adapter reads from its environment: Azure's own variables, and the gateway's for name and models."""

from __future__ import annotations

from typing import Annotated

from unigate_adapter.settings import ModelNames, ProviderName
from unigate_azure.place import Place
from unigate_core.environment import EnvironmentSettings, variables


class AzureSettings(EnvironmentSettings, frozen=True, kw_only=True):
    """`models` are deployments, such as `prod-chat=gpt-4o` where the deployment does not bear its model's name."""

    endpoint: Annotated[str, variables("AZURE_OPENAI_ENDPOINT", "UNIGATE_BASE_URL")] = ""
    api_version: Annotated[str, variables("AZURE_OPENAI_API_VERSION", "OPENAI_API_VERSION")] = ""
    claude: Annotated[str, variables("ANTHROPIC_FOUNDRY_BASE_URL")] = ""
    name: ProviderName = "azure"
    models: ModelNames = ()


def place() -> Place:
    """The place that the environment describes. Raises SettingsError."""
    settings = AzureSettings.from_environment()
    endpoint = settings.endpoint.rstrip("/").removesuffix("/openai/v1").removesuffix("/openai")
    deployments = tuple((name, model) for name, _, model in (each.partition("=") for each in settings.models))
    # the vendor's SDK takes the address without the version
    claude = settings.claude.rstrip("/").removesuffix("/v1").removesuffix("/anthropic")
    return Place(settings.name, endpoint, settings.api_version, claude, deployments)
