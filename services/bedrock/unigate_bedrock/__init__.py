"""unigate's adapter to AWS Bedrock: Claude in Anthropic's own format, all other text models by Converse.

https://docs.aws.amazon.com/bedrock/latest/APIReference/welcome.html
"""

from __future__ import annotations

from msgspec.structs import replace

from unigate_adapter.backend import Backend
from unigate_adapter.hosted_claude import hosted_claude
from unigate_adapter.provider import Provider
from unigate_bedrock import claude
from unigate_bedrock.embeddings import EMBEDDINGS, is_embedding_model
from unigate_bedrock.event_stream import CONTENT_TYPE, claude_frames, converse_frames
from unigate_bedrock.images import GENERATIONS, is_image_model
from unigate_bedrock.place import Place
from unigate_bedrock.sigv4 import aws_authentication
from unigate_formats.anthropic_messages import models as anthropic_models
from unigate_formats.bedrock_converse import models as converse_models
from unigate_formats.bedrock_converse.count_tokens import COUNTER
from unigate_formats.bedrock_converse.decode_answer import decode_answer
from unigate_formats.bedrock_converse.decode_stream import ConverseStream
from unigate_formats.bedrock_converse.encode_media import is_own_url
from unigate_formats.bedrock_converse.encode_request import encode_request
from unigate_formats.bedrock_converse.errors import from_error
from unigate_formats.bedrock_converse.models import PAGE, parse_models
from unigate_formats.bedrock_converse.parameters import EXTENSIONS, PARAMETERS
from unigate_formats.bedrock_converse.relax import relax
from unigate_formats.bedrock_converse.repair import repair
from unigate_formats.neutral.model import ModelInfo, ModelListing
from unigate_formats.neutral.operation import Operation
from unigate_formats.neutral.translation import Translation, inline_all

TELEMETRY_NAME = "aws.bedrock"


def provider_of(place: Place) -> Provider:
    """The provider at one region, or behind one address."""
    backend = Backend(
        base_url=place.runtime_url,
        version="",
        key_variable="AWS_BEARER_TOKEN_BEDROCK",
        base_url_variable="AWS_ENDPOINT_URL_BEDROCK_RUNTIME",
        base_url_is_final=True,
        authentication=aws_authentication(place.region),
        errors=from_error,
        models=ModelListing(
            path=f"{place.control_url}/{PAGE}",
            parse=lambda page: _pages(page, place),
            overlay=overlay,
            static=tuple(ModelInfo(id=model) for model in place.models),
        ),
        frames=converse_frames,
        request_id_header="x-amzn-requestid",
        stream_type=CONTENT_TYPE,
        native_errors=False,
    )
    return Provider(
        name=place.name,
        telemetry_name=TELEMETRY_NAME,
        backend=backend,
        operations={
            Operation.CHAT: Translation(
                request=encode_request,
                answer=decode_answer,
                stream=ConverseStream,
                parameters=PARAMETERS,
                extensions=EXTENSIONS,
                inline=inline_all,
                reads_url=is_own_url,
                repair=repair,
                relax=relax,
            ),
            Operation.EMBEDDINGS: EMBEDDINGS,
            Operation.IMAGES_GENERATIONS: GENERATIONS,
        },
        token_counter=COUNTER,
        families=((is_claude, _claude(place, backend)),),
    )


def is_claude(model: str) -> bool:
    """Whether the model is one of Anthropic's that InvokeModel knows by Messages: all but the oldest two."""
    return "anthropic.claude-" in model and not any(old in model for old in ("claude-v2", "claude-instant"))


def overlay(model: ModelInfo) -> ModelInfo:
    """What is known of a model, by its family."""
    if is_claude(model.id):
        return anthropic_models.overlay(model)
    known = converse_models.overlay(model)
    if is_embedding_model(model.id):
        return replace(known, operations=(Operation.EMBEDDINGS,))
    return replace(known, operations=(Operation.IMAGES_GENERATIONS,)) if is_image_model(model.id) else known


def _claude(place: Place, backend: Backend) -> Provider:
    return hosted_claude(
        name=place.name,
        telemetry_name=TELEMETRY_NAME,
        backend=replace(backend, base_url="", frames=claude_frames),
        place=claude.place,
        place_native=claude.place_native,
        token_counter=claude.COUNTER,
        reads_urls=False,
        counts_natively=False,
    )


def _pages(page: dict[str, object], place: Place) -> tuple[list[ModelInfo], str | None]:
    models, path = parse_models(page)
    return [*models], f"{place.control_url}/{path}" if path else None


PROVIDER = provider_of(Place())
"""In its default region, for documentation and tests; a process makes its own of its environment."""
