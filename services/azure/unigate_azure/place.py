"""Where an Azure adapter calls, and which deployments it offers."""

from __future__ import annotations

from urllib.parse import urlsplit, urlunsplit

import msgspec

_OPENAI_HOST = ".openai.azure.com"
_FOUNDRY_HOST = ".services.ai.azure.com"


class Place(msgspec.Struct, frozen=True):
    """`name` stands before the names of its models. `endpoint` is the resource's address. `api_version` is set for
    resources that are called by deployment, as before the v1 API. `claude` is the address of Anthropic's API where it
    is not the resource's own. `deployments` are those to offer, each with the model behind it where that has another
    name; without them the resource is asked."""

    name: str = "azure"
    endpoint: str = ""
    api_version: str = ""
    claude: str = ""
    deployments: tuple[tuple[str, str], ...] = ()

    @property
    def claude_url(self) -> str:
        """Where Anthropic's API is called; empty: at the endpoint."""
        if self.claude:
            return self.claude
        parts = urlsplit(self.endpoint)
        host = parts.netloc
        if not host.endswith(_OPENAI_HOST):
            return ""
        return urlunsplit((parts.scheme, host.removesuffix(_OPENAI_HOST) + _FOUNDRY_HOST, parts.path, "", ""))

    def model_of(self, deployment: str) -> str:
        """The model behind a deployment, as far as the configuration says."""
        return dict(self.deployments).get(deployment) or deployment
