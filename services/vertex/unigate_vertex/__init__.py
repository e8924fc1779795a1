"""unigate's adapter to Google's Vertex AI: Gemini, Claude, and open models by OpenAI's format.

https://cloud.google.com/vertex-ai/generative-ai/docs
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from urllib.parse import quote

from msgspec.structs import replace

from unigate.provider.v1 import provider_pb2 as pb
from unigate_adapter.backend import Backend
from unigate_adapter.hosted_claude import hosted_claude
from unigate_adapter.openai_compatible import openai_compatible
from unigate_adapter.provider import Provider
from unigate_core.counts import members
from unigate_core.json import Json
from unigate_formats.anthropic_messages import models as anthropic_models
from unigate_formats.anthropic_messages.rate_limits import to_openai
from unigate_formats.gemini_generate_content.audio.speech import SPEECH
from unigate_formats.gemini_generate_content.audio.transcription import TRANSCRIPTIONS
from unigate_formats.gemini_generate_content.errors import from_google
from unigate_formats.gemini_generate_content.images import EDITS, GENERATIONS
from unigate_formats.gemini_generate_content.models import MODELS
from unigate_formats.gemini_generate_content.native_api import API as GENERATE_CONTENT_API
from unigate_formats.gemini_generate_content.translation import CHAT
from unigate_formats.neutral.model import ModelInfo, ModelListing
from unigate_formats.neutral.operation import Operation
from unigate_formats.neutral.translation import NativeCall, PassThrough
from unigate_vertex import claude, gemini
from unigate_vertex.authentication import google_authentication
from unigate_vertex.embeddings import EMBEDDINGS
from unigate_vertex.place import Place

TELEMETRY_NAME = "gcp.vertex_ai"
OPEN_MODELS = "endpoints/openapi/"


def provider_of(place: Place) -> Provider:
    """The provider of one project and location."""
    backend = Backend(
        base_url=place.url,
        version="",
        key_variable="GOOGLE_VERTEX_API_KEY",
        base_url_variable="GOOGLE_VERTEX_BASE_URL",
        base_url_is_final=True,
        authentication=google_authentication,
        errors=from_google,
        models=_listing(place),
    )
    return Provider(
        name=place.name,
        telemetry_name=TELEMETRY_NAME,
        model_prefixes=("publishers/google/models/", "google/", "models/"),
        backend=backend,
        operations={
            Operation.CHAT: CHAT.placed(gemini.place),
            Operation.EMBEDDINGS: EMBEDDINGS,
            Operation.IMAGES_GENERATIONS: gemini.placed(GENERATIONS),
            Operation.IMAGES_EDITS: gemini.placed(EDITS),
            Operation.AUDIO_SPEECH: gemini.placed(SPEECH),
            Operation.AUDIO_TRANSCRIPTIONS: gemini.placed(TRANSCRIPTIONS),
        },
        native={
            pb.CLIENT_FORMAT_GEMINI_GENERATE_CONTENT: replace(
                GENERATE_CONTENT_API,
                operations=frozenset({Operation.CHAT, Operation.COUNT_TOKENS}),
                place=gemini.place_native,
            )
        },
        token_counter=gemini.COUNTER,
        families=((is_claude, _claude(place, backend)), (is_open_model, _open_models(place, backend))),
    )


def is_claude(model: str) -> bool:
    """Whether the model is one of Anthropic's."""
    return model.startswith("claude-")


def is_open_model(model: str) -> bool:
    """Whether the model is one of those that Vertex serves in OpenAI's format, as `meta/llama-…`."""
    return "/" in model and not model.startswith(("google/", "models/", "publishers/"))


def overlay(model: ModelInfo) -> ModelInfo:
    """What is known of a model, by its family."""
    if is_claude(model.id):
        return anthropic_models.overlay(model)
    return model if is_open_model(model.id) else MODELS.overlay(model)


def _listing(place: Place) -> ModelListing:
    """The models of the configuration, else Google's own."""
    return ModelListing(
        path=f"{place.root}/publishers/google/models?pageSize=200",
        parse=partial(_page, place),
        overlay=overlay,
        static=tuple(ModelInfo(id=model) for model in place.models),
    )


def _page(place: Place, page: Json) -> tuple[Sequence[ModelInfo], str | None]:
    """https://cloud.google.com/vertex-ai/docs/reference/rest/v1beta1/publishers.models/list"""
    names = [str(members(item).get("name")).rpartition("/")[2] for item in page.get("publisherModels") or []]
    token = page.get("nextPageToken")
    path = f"{place.root}/publishers/google/models?pageSize=200&pageToken={quote(str(token))}" if token else None
    return [ModelInfo(id=name, owned_by="google") for name in names if name], path


def _claude(place: Place, backend: Backend) -> Provider:
    return hosted_claude(
        name=place.name,
        telemetry_name=TELEMETRY_NAME,
        backend=replace(
            backend, base_url="", errors=claude.from_error, rate_limits=to_openai, request_id_header="request-id"
        ),
        place=claude.place,
        place_native=claude.place_native,
        token_counter=claude.COUNTER,
        reads_urls=False,
        counts_natively=False,
    )


def _open_models(place: Place, backend: Backend) -> Provider:
    known = openai_compatible(name=place.name, base_url="")
    route = PassThrough(path=f"{OPEN_MODELS}chat/completions", extended=True)
    return replace(
        known,
        telemetry_name=TELEMETRY_NAME,
        backend=replace(backend, base_url="", errors=known.backend.errors),
        operations={Operation.CHAT: route},
        translation=None if known.translation is None else known.translation.placed(_at_open_models),
    )


def _at_open_models(call: NativeCall) -> NativeCall:
    return replace(call, path=OPEN_MODELS + call.path)


PROVIDER = provider_of(Place(project="project"))
"""With a made-up project, for documentation and tests; a process makes its own of its environment."""
