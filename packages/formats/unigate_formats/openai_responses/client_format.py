"""The Responses API for a provider that only knows chat: requests read as a chat's, answers written as responses."""

from __future__ import annotations

from collections.abc import Callable

from unigate.provider.v1 import provider_pb2 as pb
from unigate_core.encrypted_content import ContentCipher, EncryptedPayload
from unigate_core.ids import response_id
from unigate_core.json import Json, loads
from unigate_formats.neutral.parameters import Parameters
from unigate_formats.neutral.request import ChatRequest
from unigate_formats.openai_chat.encode_stream import custom_names
from unigate_formats.openai_responses import COMPACT
from unigate_formats.openai_responses.compaction import (
    CompactionAnswerEncoder,
    CompactionResourceEncoder,
    CompactionStreamEncoder,
    asked_for_summary,
    is_compaction,
)
from unigate_formats.openai_responses.decode_request import decode_request
from unigate_formats.openai_responses.encode_stream import ResponseAnswerEncoder, ResponseStreamEncoder
from unigate_formats.openai_responses.response_object import ResponseContext


def read_bridged(body: Json, provider: str, call: pb.Call, table: Parameters, cipher: ContentCipher) -> ChatRequest:
    """The chat request that a Responses request asks for. `table` is the provider's chat table."""
    earlier = call.response_state.input_items
    chat = decode_request(
        {**body, "model": call.model},
        provider,
        chat_table=table,
        earlier=loads(earlier) if earlier else (),
        decrypt=lambda token: cipher.decrypt(token, call.tenant),
        drop_unsupported=call.drop_unsupported,
    )
    return asked_for_summary(chat) if call.path == COMPACT else chat


def bridged_encoder(
    chat: ChatRequest, body: Json, provider: str, call: pb.Call, cipher: ContentCipher, clock: Callable[[], float]
) -> ResponseStreamEncoder:
    """The writer of the response. `clock` gives epoch seconds."""

    def encrypt(content: EncryptedPayload) -> str:
        return cipher.encrypt(content, call.tenant)

    terms = ResponseContext(
        id=call.response_state.response_id or response_id(provider),
        provider=provider,
        model=chat.model,
        created=call.created,
        body=body,
        custom_names=custom_names(chat),
        namespaced={tool.name: (tool.namespace, tool.local_name) for tool in chat.tools if tool.namespace},
        search_name=next((tool.name for tool in chat.tools if tool.searches), ""),
        store=call.response_state.store and body.get("store") is not False,
        encrypt=encrypt,
        clock=clock,
    )
    if call.path == COMPACT:
        return CompactionResourceEncoder(terms)
    if is_compaction(body):
        return CompactionStreamEncoder(terms) if chat.stream else CompactionAnswerEncoder(terms)
    return ResponseStreamEncoder(terms) if chat.stream else ResponseAnswerEncoder(terms)
