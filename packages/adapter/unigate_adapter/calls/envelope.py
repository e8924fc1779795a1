"""Neutral values ⇄ the contract's messages."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from unigate.provider.v1 import provider_pb2 as pb
from unigate_core.errors import (
    SERVER_ERROR,
    GatewayError,
    RequestRefused,
    TransportError,
    UpstreamError,
)
from unigate_formats.neutral.events import Usage
from unigate_formats.neutral.model import ModelInfo
from unigate_formats.neutral.operation import Operation
from unigate_formats.neutral.parameters import Parameters, ParameterSupport

OPERATIONS: Mapping[int, Operation] = {
    pb.OPERATION_CHAT: Operation.CHAT,
    pb.OPERATION_RESPONSES: Operation.RESPONSES,
    pb.OPERATION_EMBEDDINGS: Operation.EMBEDDINGS,
    pb.OPERATION_IMAGES_GENERATIONS: Operation.IMAGES_GENERATIONS,
    pb.OPERATION_IMAGES_EDITS: Operation.IMAGES_EDITS,
    pb.OPERATION_AUDIO_TRANSCRIPTIONS: Operation.AUDIO_TRANSCRIPTIONS,
    pb.OPERATION_AUDIO_SPEECH: Operation.AUDIO_SPEECH,
    pb.OPERATION_MODERATIONS: Operation.MODERATIONS,
    pb.OPERATION_AUDIO_TRANSLATIONS: Operation.AUDIO_TRANSLATIONS,
    pb.OPERATION_IMAGES_VARIATIONS: Operation.IMAGES_VARIATIONS,
    pb.OPERATION_RESPONSES_RESOURCE: Operation.RESPONSES_RESOURCE,
    pb.OPERATION_COUNT_TOKENS: Operation.COUNT_TOKENS,
    pb.OPERATION_COMPLETIONS: Operation.COMPLETIONS,
}
OPERATION_NUMBERS: Mapping[Operation, pb.Operation.ValueType] = {
    operation: pb.Operation.ValueType(number) for number, operation in OPERATIONS.items()
}

PARAMETER_SUPPORT: Mapping[ParameterSupport, pb.ParameterSupport.ValueType] = {
    ParameterSupport.SUPPORTED: pb.PARAMETER_SUPPORT_SUPPORTED,
    ParameterSupport.TRANSFORMED: pb.PARAMETER_SUPPORT_TRANSFORMED,
    ParameterSupport.DROPPED: pb.PARAMETER_SUPPORT_DROPPED,
    ParameterSupport.UNSUPPORTED: pb.PARAMETER_SUPPORT_UNSUPPORTED,
    ParameterSupport.FORWARDED: pb.PARAMETER_SUPPORT_FORWARDED,
    ParameterSupport.GATEWAY: pb.PARAMETER_SUPPORT_GATEWAY,
}

_ORIGINS: tuple[tuple[type[GatewayError], pb.Origin.ValueType], ...] = (
    (RequestRefused, pb.ORIGIN_REQUEST),
    (UpstreamError, pb.ORIGIN_UPSTREAM),
    (TransportError, pb.ORIGIN_TRANSPORT),
    (GatewayError, pb.ORIGIN_ADAPTER),
)


def error_message(error: GatewayError) -> pb.Error:
    """The contract's form of an error."""
    origin = next(number for kind, number in _ORIGINS if isinstance(error, kind))
    message = pb.Error(
        status=error.status,
        type=error.type,
        code=error.code or "",
        param=error.param or "",
        message=error.message,
        retryable=error.retryable,
        origin=origin,
        upstream_request_id=error.upstream_request_id,
        body=error.body,
        content_type=error.content_type,
        headers=error.headers,
    )
    if error.retry_after is not None and math.isfinite(error.retry_after):
        message.retry_after_ms = math.ceil(error.retry_after * 1000)
    return message


def internal_error(request_id: str) -> GatewayError:
    """An unforeseen fault; the client learns only where to look for it."""
    return GatewayError(
        f"The server had an error while processing your request (request id {request_id}).",
        status=500,
        type=SERVER_ERROR,
    )


def usage_message(usage: Usage) -> pb.Usage:
    """The contract's form of usage. No part is more than its whole."""
    return pb.Usage(
        input_tokens=usage.input,
        output_tokens=usage.output,
        cache_read_tokens=min(usage.cache_read, usage.input),
        cache_write_tokens=min(usage.cache_write, usage.input),
        reasoning_tokens=min(usage.reasoning, usage.output),
        input_audio_tokens=min(usage.input_audio, usage.input),
        output_audio_tokens=min(usage.output_audio, usage.output),
        input_image_tokens=min(usage.input_image, usage.input),
        output_image_tokens=min(usage.output_image, usage.output),
        total_tokens=usage.total or usage.input + usage.output,
    )


def model_message(model: ModelInfo) -> pb.Model:
    """The contract's form of a model."""
    return pb.Model(
        id=model.id,
        display_name=model.display_name,
        created=model.created,
        owned_by=model.owned_by,
        context_window=model.context_window,
        max_output_tokens=model.max_output_tokens,
        operations=[OPERATION_NUMBERS[operation] for operation in model.operations],
        input_modalities=model.input_modalities,
        output_modalities=model.output_modalities,
        features=sorted(model.features),
        shutdown_date=model.shutdown_date,
        object=model.object,
    )


def parameter_messages(table: Parameters) -> Iterable[pb.ParameterCapability]:
    """The contract's form of a parameter table."""
    for name in sorted(table):
        yield pb.ParameterCapability(name=name, support=PARAMETER_SUPPORT[table[name].support], note=table[name].note)
