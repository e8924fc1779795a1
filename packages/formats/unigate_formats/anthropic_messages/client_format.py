"""The Messages API for a provider that does not have it: requests read as a chat's, answers written as messages."""

from __future__ import annotations

from unigate.provider.v1 import provider_pb2 as pb
from unigate_core.encrypted_content import ContentCipher, EncryptedPayload
from unigate_core.ids import message_id
from unigate_core.json import Json
from unigate_formats.anthropic_messages.answer_content import MessageContext
from unigate_formats.anthropic_messages.decode_request import decode_request
from unigate_formats.anthropic_messages.encode_answer import MessageEncoder
from unigate_formats.anthropic_messages.encode_stream import MessageStreamEncoder
from unigate_formats.neutral.encoder import Encoder
from unigate_formats.neutral.request import ChatRequest


def read_messages(body: Json, provider: str, call: pb.Call, cipher: ContentCipher) -> ChatRequest:
    """The chat request that a Messages request asks for. Raises RequestRefused."""

    def open_token(token: str) -> EncryptedPayload | None:
        payload = cipher.decrypt(token, call.tenant)
        return payload if payload and (payload.provider, payload.model) == (provider, call.model) else None

    return decode_request({**body, "model": call.model}, open_token, drop_unsupported=call.drop_unsupported)


def message_encoder(chat: ChatRequest, provider: str, call: pb.Call, cipher: ContentCipher) -> Encoder:
    """The writer of the message."""
    context = MessageContext(
        model=call.public_model or f"{provider}/{call.model}",
        provider=provider,
        vendor_model=call.model,
        fallback_id=message_id(),
        encrypt=lambda content: cipher.encrypt(content, call.tenant),
    )
    return MessageStreamEncoder(context) if chat.stream else MessageEncoder(context)
