"""Images before a model that reads text only."""

from __future__ import annotations

from typing import Any

from unigate_core.errors import GatewayError
from unigate_core.json import dumps
from unigate_deepseek import PROVIDER
from unigate_deepseek.repair import relax
from unigate_formats.neutral.translation import NativeCall

REFUSAL = (
    "Failed to deserialize the JSON body into the target type: messages[0]: unknown variant `image_url`, "
    "expected `text` at line 1 column 134"
)
IMAGE = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}
LOOK = {"role": "user", "content": [{"type": "text", "text": "look"}, IMAGE]}
SEEN = {"role": "assistant", "content": "a cat"}


def refused() -> GatewayError:
    body = dumps({"error": {"message": REFUSAL, "type": "invalid_request_error", "code": "invalid_request_error"}})
    return PROVIDER.backend.errors(400, {}, body, client_key=False)


def relaxed(*messages: Any) -> NativeCall | None:
    return relax(NativeCall("chat/completions", {"messages": list(messages)}), refused())


def test_the_refusal_says_what_the_model_reads() -> None:
    error = refused()
    assert "reads text only" in error.message
    assert (error.status, error.code, error.param) == (400, "unsupported_value", "messages")


def test_images_of_earlier_turns_are_left_out_and_reported() -> None:
    call = relaxed(LOOK, SEEN, {"role": "user", "content": "and its name?"})
    assert call is not None
    assert call.dropped == ("messages[0].content[1]",)
    assert [part["type"] for part in call.body["messages"][0]["content"]] == ["text", "text"]
    assert call.body["messages"][1:] == [SEEN, {"role": "user", "content": "and its name?"}]


def test_a_question_about_an_image_is_refused() -> None:
    assert relaxed(LOOK) is None
    assert relaxed(LOOK, SEEN, LOOK) is None
