"""Pictures that a model made, in the next turn: Gemini takes them as its own, others from the user."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from unigate_core.json import Json
from unigate_formats.anthropic_messages.encode_messages import to_conversation as to_messages
from unigate_formats.bedrock_converse.encode_messages import to_conversation as to_converse
from unigate_formats.gemini_generate_content.decode_request import decode_request as from_contents
from unigate_formats.gemini_generate_content.encode_request import encode_request as to_contents
from unigate_formats.gemini_generate_content.replay import SKIP_SIGNATURE
from unigate_formats.neutral.events import Media
from unigate_formats.neutral.generated_media import NOTE
from unigate_formats.neutral.model import ModelInfo
from unigate_formats.neutral.request import ChatRequest
from unigate_formats.neutral.translation import Context
from unigate_formats.openai_chat.decode_request import decode_request as from_chat
from unigate_formats.openai_chat.encode_request import encode_request as to_chat
from unigate_formats.openai_chat.encode_stream import image
from unigate_formats.openai_chat.openai_profile import OPENAI

DATA = base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(16)).decode()
URL = f"data:image/png;base64,{DATA}"
ASKED = ("a cat", "here", "make it red")


def chat_of(client: str, signature: str | None = None, model: str = "m") -> ChatRequest:
    first, said, then = ASKED
    if client == "chat":
        answer = {"role": "assistant", "content": said, "images": [image(Media("image/png", DATA, 0, signature))]}
        user: Any = [{"role": "user", "content": text} for text in (first, then)]
        return from_chat({"model": model, "messages": [user[0], answer, user[1]]})
    blob = {"inlineData": {"mimeType": "image/png", "data": DATA}}
    contents: list[Json] = [
        {"role": "user", "parts": [{"text": first}]},
        {"role": "model", "parts": [{"text": said}, blob]},
        {"role": "user", "parts": [{"text": then}]},
    ]
    return from_contents({"contents": contents}, model, lambda token: None, stream=False, drop_unsupported=True)


def context(model: str = "m") -> Context:
    return Context(model=ModelInfo(id=model), new_id=str, drop_unsupported=True)


@pytest.mark.parametrize("client", ["chat", "gemini"])
def test_the_user_says_them_where_the_vendor_takes_them_of_users_only(client: str) -> None:
    chat = chat_of(client)
    call = to_chat(OPENAI, chat, context())
    assert (call.notes, call.dropped) == ((NOTE,), ())
    assert [message["role"] for message in call.body["messages"]] == ["user", "assistant", "user"]
    picture = {"type": "image_url", "image_url": {"url": URL}}
    assert call.body["messages"][2]["content"] == [picture, {"type": "text", "text": ASKED[2]}]
    messages = to_messages(chat, ModelInfo(id="m"), {})
    assert messages.notes == [NOTE]
    assert [[block["type"] for block in each["content"]] for each in messages.messages] == [
        ["text"], ["text"], ["image", "text"],
    ]  # fmt: skip
    converse = to_converse(chat.turns, {})
    assert converse.notes == [NOTE]
    assert [sorted(key for block in each["content"] for key in block) for each in converse.messages] == [
        ["text"], ["text"], ["image", "text"],
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("model", "signature", "sent"),
    [
        ("gemini-2.5-flash-image", None, {}),
        ("gemini-3-pro-image-preview", "c2ln", {"thoughtSignature": "c2ln"}),
        ("gemini-3-pro-image-preview", None, {"thoughtSignature": SKIP_SIGNATURE}),
    ],
)
def test_gemini_is_given_its_own_pictures_with_its_proof(model: str, signature: str | None, sent: Json) -> None:
    call = to_contents(chat_of("chat", signature, model), context(model))
    assert call.body["contents"][1] == {
        "role": "model",
        "parts": [{"text": ASKED[1]}, {"inlineData": {"mimeType": "image/png", "data": DATA}} | sent],
    }
    assert (call.dropped, call.notes) == ((), ())


def test_a_picture_at_the_end_is_said_in_a_turn_of_its_own() -> None:
    chat = chat_of("chat")
    call = to_chat(OPENAI, ChatRequest(model="m", turns=chat.turns[:2]), context())
    assert [message["role"] for message in call.body["messages"]] == ["user", "assistant", "user"]
