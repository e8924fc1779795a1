"""A picture that a tool answered is said by the user where only users may show one, and the client is told."""

from __future__ import annotations

from unigate_formats.neutral.model import ModelInfo
from unigate_formats.neutral.request import ChatRequest, ImagePart, TextPart, ToolCallPart, ToolResultPart, Turn
from unigate_formats.neutral.translation import Context
from unigate_formats.openai_chat.encode_request import encode_request
from unigate_formats.openai_chat.openai_profile import OPENAI


def test_media_of_a_tool_are_said_by_the_user() -> None:
    picture = ImagePart(data="iVBORw0KGgo=", media_type="image/png")
    turns = (
        Turn(role="user", parts=(TextPart("q"),)),
        Turn(role="assistant", parts=(ToolCallPart(id="c", name="f", arguments="{}"),)),
        Turn(role="tool", parts=(ToolResultPart(call_id="c", name="f", content=(picture,)),)),
    )
    call = encode_request(OPENAI, ChatRequest(model="m", turns=turns), Context(ModelInfo(id="m"), lambda: "x"))
    assert [message["role"] for message in call.body["messages"]][-2:] == ["tool", "user"]
    assert call.notes == ("tool_media_by_user",)
