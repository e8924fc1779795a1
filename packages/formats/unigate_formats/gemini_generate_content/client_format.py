"""generateContent for a provider that does not have it: requests read as a chat's, answers written as Gemini's."""

from __future__ import annotations

from unigate.provider.v1 import provider_pb2 as pb
from unigate_core.encrypted_content import ContentCipher, EncryptedPayload
from unigate_core.ids import gemini_response_id
from unigate_core.json import Json
from unigate_formats.gemini_generate_content.decode_request import decode_request
from unigate_formats.gemini_generate_content.encode_answer import (
    ContentContext,
    ContentEncoder,
    ContentStreamEncoder,
)
from unigate_formats.gemini_generate_content.member import member
from unigate_formats.neutral.encoder import Encoder
from unigate_formats.neutral.request import ChatRequest

STREAM = ":streamGenerateContent"
EVENTS = "alt=sse"


def read_contents(body: Json, provider: str, call: pb.Call, cipher: ContentCipher) -> ChatRequest:
    """The chat request that a generateContent request asks for. Raises RequestRefused."""

    def open_token(token: str) -> EncryptedPayload | None:
        payload = cipher.decrypt(token, call.tenant)
        return payload if payload and (payload.provider, payload.model) == (provider, call.model) else None

    return decode_request(
        body, call.model, open_token, stream=STREAM in call.path, drop_unsupported=call.drop_unsupported
    )


def content_encoder(chat: ChatRequest, provider: str, call: pb.Call, cipher: ContentCipher) -> Encoder:
    """The writer of the answer."""
    context = ContentContext(
        model=call.public_model or f"{provider}/{call.model}",
        provider=provider,
        vendor_model=call.model,
        fallback_id=gemini_response_id(),
        encrypt=lambda content: cipher.encrypt(content, call.tenant),
    )
    return ContentStreamEncoder(context, array=is_array(call)) if chat.stream else ContentEncoder(context)


def is_array(call: pb.Call) -> bool:
    """Whether a stream is a JSON array instead of server-sent events."""
    return STREAM in call.path and EVENTS not in call.path


def counted_contents(body: Json) -> Json:
    """The request whose tokens a countTokens request asks for. https://ai.google.dev/api/tokens"""
    inner = member(body, "generateContentRequest")
    return inner if isinstance(inner, dict) else body
