"""Completions for a provider that knows chats: the answer's writer."""

from __future__ import annotations

from unigate.provider.v1 import provider_pb2 as pb
from unigate_core.ids import base62_id
from unigate_core.json import Json
from unigate_formats.neutral.request import ChatRequest
from unigate_formats.openai_completions.decode_request import prompts
from unigate_formats.openai_completions.encode_answer import CompletionAnswerEncoder
from unigate_formats.openai_completions.encode_stream import CompletionStreamEncoder


def completion_encoder(
    chat: ChatRequest, body: Json, provider: str, call: pb.Call
) -> CompletionStreamEncoder | CompletionAnswerEncoder:
    """The writer of a completion, streamed or whole as the request asks."""
    kind = CompletionStreamEncoder if chat.stream else CompletionAnswerEncoder
    echoed = prompts(body) if body.get("echo") else ()
    return kind(chat, provider=provider, created=call.created, fallback_id=base62_id(), echoed=echoed)
