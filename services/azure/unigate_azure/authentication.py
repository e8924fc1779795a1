"""Authentication at Azure: the resource's key, or a token of Entra ID by azure-identity's chain.

https://learn.microsoft.com/en-us/azure/ai-foundry/openai/api-version-lifecycle

The chain: environment (secret, certificate), workload identity (AKS), managed identity, the developer's own tools.
"""

from __future__ import annotations

import os
from typing import Any

from unigate_adapter.authentication.api_key import api_key
from unigate_adapter.authentication.authenticator import Authenticator, CredentialSource
from unigate_adapter.authentication.bearer_token import BearerTokens
from unigate_adapter.authentication.refreshed import Expiring

SCOPE = "https://cognitiveservices.azure.com/.default"
KEY_HEADER = "api-key"


def azure_authentication(source: CredentialSource) -> Authenticator:
    """The resource's key where one is configured, else tokens."""
    if source.key or source.keys_file is not None:
        return api_key(KEY_HEADER)(source)
    return BearerTokens(source, Identity().fetch, (KEY_HEADER, ""))


class Identity:
    """azure-identity's chain, made when a token is first needed."""

    def __init__(self) -> None:
        self._credential: Any = None

    def fetch(self) -> Expiring[str]:
        """A token; blocks. Raises what azure-identity raises."""
        if self._credential is None:
            from azure.identity import DefaultAzureCredential  # noqa: PLC0415 - only those without a key need it

            # an authority of one's own, as in a sovereign cloud without discovery, is trusted as it is named
            trusted = os.environ.get("AZURE_DISABLE_INSTANCE_DISCOVERY", "").lower() in ("1", "true")
            self._credential = DefaultAzureCredential(disable_instance_discovery=trusted)
        token = self._credential.get_token(SCOPE)
        return Expiring(token.token, float(token.expires_on))
