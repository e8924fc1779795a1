"""OpenAI's endpoints as one table."""

from __future__ import annotations

from unigate.provider.v1 import provider_pb2 as pb
from unigate_edge.client_apis.openai import RESPONSES_STREAM
from unigate_edge.pipeline.conversation import load_conversation
from unigate_edge.pipeline.endpoint import UploadEndpoint, json_endpoint
from unigate_edge.pipeline.stream_usage import add_usage
from unigate_edge.validation.chat import ChatRequest
from unigate_edge.validation.completions import CompletionRequest
from unigate_edge.validation.embeddings import EmbeddingsRequest
from unigate_edge.validation.images import EditRequest, GenerationRequest
from unigate_edge.validation.moderations import ModerationRequest
from unigate_edge.validation.responses import ResponsesRequest
from unigate_edge.validation.speech import SpeechRequest


def images(request: GenerationRequest | EditRequest) -> int:
    """Images that a request asks for."""
    return request.n or 1


def characters(request: SpeechRequest) -> int:
    """Characters that a request has spoken."""
    return len(request.input)


ENDPOINTS = (
    json_endpoint("/v1/chat/completions", pb.OPERATION_CHAT, ChatRequest, prepare=add_usage),
    json_endpoint(
        "/v1/responses",
        pb.OPERATION_RESPONSES,
        ResponsesRequest,
        events=RESPONSES_STREAM,
        prepare=load_conversation,
    ),
    json_endpoint("/v1/completions", pb.OPERATION_COMPLETIONS, CompletionRequest, prepare=add_usage),
    json_endpoint("/v1/embeddings", pb.OPERATION_EMBEDDINGS, EmbeddingsRequest),
    json_endpoint("/v1/images/generations", pb.OPERATION_IMAGES_GENERATIONS, GenerationRequest, units=images),
    json_endpoint("/v1/audio/speech", pb.OPERATION_AUDIO_SPEECH, SpeechRequest, units=characters),
    json_endpoint("/v1/moderations", pb.OPERATION_MODERATIONS, ModerationRequest, model_optional=True),
)

UPLOADS = (
    UploadEndpoint("/v1/audio/transcriptions", pb.OPERATION_AUDIO_TRANSCRIPTIONS),
    UploadEndpoint("/v1/audio/translations", pb.OPERATION_AUDIO_TRANSLATIONS),
    UploadEndpoint(
        "/v1/images/edits",
        pb.OPERATION_IMAGES_EDITS,
        model_required=False,
        json=json_endpoint("/v1/images/edits", pb.OPERATION_IMAGES_EDITS, EditRequest, units=images),
    ),
    UploadEndpoint("/v1/images/variations", pb.OPERATION_IMAGES_VARIATIONS, model_required=False),
)
