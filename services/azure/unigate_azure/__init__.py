"""unigate's adapter to Azure OpenAI and Foundry: OpenAI's format passes through, Claude has Anthropic's.

https://learn.microsoft.com/en-us/azure/ai-foundry/openai/latest
"""

from __future__ import annotations

from functools import partial

from msgspec import structs
from msgspec.structs import replace

from unigate_adapter.backend import Backend
from unigate_adapter.hosted_claude import hosted_claude
from unigate_adapter.openai_compatible import openai_compatible, translation
from unigate_adapter.provider import Provider
from unigate_azure import claude
from unigate_azure.authentication import azure_authentication
from unigate_azure.place import Place
from unigate_formats.anthropic_messages import models as anthropic_models
from unigate_formats.anthropic_messages.errors import from_error
from unigate_formats.anthropic_messages.native_api import COUNTER
from unigate_formats.anthropic_messages.rate_limits import to_openai
from unigate_formats.neutral.model import ModelInfo, ModelListing
from unigate_formats.neutral.operation import Operation
from unigate_formats.neutral.request import ChatRequest
from unigate_formats.neutral.translation import Context, PassThrough
from unigate_formats.openai_chat.openai_profile import OPENAI, reasoning
from unigate_formats.openai_chat.profile import Reasoning

TELEMETRY_NAME = "azure.ai.openai"
_SERVED = frozenset(Operation) - {Operation.COMPLETIONS, Operation.COUNT_TOKENS}
"""What passes through. No deployment of today has completions: chats serve them."""
_CLASSIC = _SERVED - {Operation.RESPONSES, Operation.RESPONSES_RESOURCE}
"""What resources of before the v1 API have; Responses have an address of their own there."""


def provider_of(place: Place) -> Provider:
    """The provider at one resource."""
    known = openai_compatible(name=place.name, base_url=place.endpoint)
    backend = replace(
        known.backend,
        version="",
        key_variable="AZURE_OPENAI_API_KEY",
        base_url_variable="AZURE_OPENAI_ENDPOINT",
        base_url_is_final=True,
        authentication=azure_authentication,
        models=_listing(place, known.backend.models),
        request_id_header="apim-request-id",
    )
    profile = replace(OPENAI, name=place.name, title="Azure OpenAI", reasoning=partial(_reasoning, place))
    return replace(
        known,
        telemetry_name=TELEMETRY_NAME,
        backend=backend,
        operations=_routes(place),
        translation=translation(profile),
        families=((partial(is_claude, place), _claude(place, backend)),),
    )


def is_claude(place: Place, deployment: str) -> bool:
    """Whether the deployment is one of Anthropic's."""
    return "claude" in place.model_of(deployment)


def _routes(place: Place) -> dict[Operation, PassThrough]:
    if not place.api_version:
        return {
            operation: PassThrough(path=f"openai/v1/{operation.value}")
            for operation in Operation
            if operation in _SERVED
        }
    query = f"?api-version={place.api_version}"
    classic = {
        operation: PassThrough(path=f"openai/deployments/{{model}}/{operation.value}{query}") for operation in _CLASSIC
    }
    return classic | {Operation.RESPONSES: PassThrough(path=f"openai/responses{query}")}


def _listing(place: Place, known: ModelListing) -> ModelListing:
    path = f"openai/models?api-version={place.api_version}" if place.api_version else "openai/v1/models"
    static = tuple(ModelInfo(id=name, owned_by=place.name) for name, _ in place.deployments)
    return replace(known, path=path, static=static, overlay=partial(_overlay, place))


def _overlay(place: Place, model: ModelInfo) -> ModelInfo:
    """What is known of the model behind a deployment."""
    if not is_claude(place, model.id):
        return model
    return replace(anthropic_models.overlay(replace(model, id=place.model_of(model.id))), id=model.id)


def _reasoning(place: Place, chat: ChatRequest, context: Context) -> Reasoning:
    """What the model behind a deployment takes."""
    return reasoning(structs.replace(chat, model=place.model_of(chat.model)), context)


def _claude(place: Place, backend: Backend) -> Provider:
    return hosted_claude(
        name=place.name,
        telemetry_name=TELEMETRY_NAME,
        backend=replace(
            backend, base_url=place.claude_url, errors=from_error, rate_limits=to_openai, request_id_header="request-id"
        ),
        place=claude.place,
        place_native=claude.place_native,
        token_counter=replace(COUNTER, path=lambda model: claude.PREFIX + "messages/count_tokens"),
        reads_urls=True,
        counts_natively=True,
    )


PROVIDER = provider_of(Place(endpoint="https://resource.openai.azure.com"))
"""With a made-up resource, for documentation and tests; a process makes its own of its environment."""
