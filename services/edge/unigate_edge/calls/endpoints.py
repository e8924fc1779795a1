"""OpenAI's endpoints as one table: where, what, how the request is checked, how the answer streams."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from unigate.provider.v1 import provider_pb2 as pb
from unigate_edge.calls.stream import ErrorEvent, chat_error_event, responses_error_event
from unigate_edge.validation.chat import ChatRequest
from unigate_edge.validation.decoding import decoder_of
from unigate_edge.validation.embeddings import EmbeddingsRequest
from unigate_edge.validation.images import EditRequest, GenerationRequest
from unigate_edge.validation.moderations import ModerationRequest
from unigate_edge.validation.responses import ResponsesRequest
from unigate_edge.validation.speech import SpeechRequest
from unigate_edge.validation.types import Request


@dataclass(frozen=True)
class Endpoint:
    """One POST endpoint whose request is JSON."""

    path: str
    operation: pb.Operation.ValueType
    decode: Callable[[bytes], Request]
    error_event: ErrorEvent = chat_error_event

    @property
    def name(self) -> str:
        """The operation's name for metrics and logs."""
        return pb.Operation.Name(self.operation).removeprefix("OPERATION_").lower()


def json_endpoint(path: str, operation: pb.Operation.ValueType, kind: type[Any], **rules: Any) -> Endpoint:
    """An endpoint whose requests have the type `kind`."""
    return Endpoint(path=path, operation=operation, decode=decoder_of(kind), **rules)


@dataclass(frozen=True)
class UploadEndpoint:
    """One POST endpoint whose request has files; `json` describes the form of it that has none."""

    path: str
    operation: pb.Operation.ValueType
    model_required: bool = True
    json: Endpoint | None = None

    @property
    def name(self) -> str:
        """The operation's name for metrics and logs."""
        return pb.Operation.Name(self.operation).removeprefix("OPERATION_").lower()


ENDPOINTS = (
    json_endpoint("/v1/chat/completions", pb.OPERATION_CHAT, ChatRequest),
    json_endpoint("/v1/responses", pb.OPERATION_RESPONSES, ResponsesRequest, error_event=responses_error_event),
    json_endpoint("/v1/embeddings", pb.OPERATION_EMBEDDINGS, EmbeddingsRequest),
    json_endpoint("/v1/images/generations", pb.OPERATION_IMAGES_GENERATIONS, GenerationRequest),
    json_endpoint("/v1/audio/speech", pb.OPERATION_AUDIO_SPEECH, SpeechRequest),
    json_endpoint("/v1/moderations", pb.OPERATION_MODERATIONS, ModerationRequest),
)

UPLOADS = (
    UploadEndpoint("/v1/audio/transcriptions", pb.OPERATION_AUDIO_TRANSCRIPTIONS),
    UploadEndpoint("/v1/audio/translations", pb.OPERATION_AUDIO_TRANSLATIONS),
    UploadEndpoint(
        "/v1/images/edits",
        pb.OPERATION_IMAGES_EDITS,
        model_required=False,
        json=json_endpoint("/v1/images/edits", pb.OPERATION_IMAGES_EDITS, EditRequest),
    ),
    UploadEndpoint("/v1/images/variations", pb.OPERATION_IMAGES_VARIATIONS, model_required=False),
)
