"""Images and files in a tool's result, which only the Responses API can say."""

from __future__ import annotations

from typing import Any

from unigate_formats.gemini_generate_content.dropped_values import DroppedValues
from unigate_formats.gemini_generate_content.encode_contents import to_contents
from unigate_formats.gemini_generate_content.models import traits_of
from unigate_formats.neutral.request import ImagePart, TextPart, ToolCallPart, ToolResultPart, Turn

RESULT = ToolResultPart(
    call_id="call_a", name="look", content=(TextPart("see"), ImagePart(data="AAAA", media_type="image/png"))
)
TURNS = (
    Turn(role="user", parts=(TextPart("Hi"),)),
    Turn(role="assistant", parts=(ToolCallPart(id="call_a", name="look", arguments="{}"),)),
    Turn(role="tool", parts=(RESULT,)),
)
BLOB = {"inlineData": {"mimeType": "image/png", "data": "AAAA"}}


def parts_for(model: Any) -> Any:
    return to_contents(TURNS, traits_of(model), {}, DroppedValues())["contents"][2]["parts"]


def test_media_stand_inside_the_function_response_on_generation_3() -> None:
    [part] = parts_for("gemini-3-flash-preview")
    assert part["functionResponse"]["parts"] == [BLOB]
    assert part["functionResponse"]["response"] == {"output": "see"}


def test_media_stand_beside_the_function_response_on_generation_2() -> None:
    response, beside = parts_for("gemini-2.5-flash")
    assert "parts" not in response["functionResponse"]
    assert beside == BLOB
