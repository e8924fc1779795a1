"""Messages become contents and systemInstruction."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import pytest

from unigate_core.errors import RequestRefused
from unigate_formats.gemini_generate_content.encode_media import is_own_url
from unigate_formats.neutral.translation import NativeCall

PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(16)).decode()
OLDER = "gemini-2.5-flash"


def image(detail: Any = None, declared: Any = "image/jpeg") -> Any:
    url = {"url": f"data:{declared};base64,{PNG}"}
    return {"type": "image_url", "image_url": url | ({"detail": detail} if detail else {})}


def call(name: Any = "look", call_id: Any = "call_a", arguments: Any = "{}", **more: Any) -> Any:
    return {"id": call_id, "type": "function", "function": {"name": name, "arguments": arguments}, **more}


def tool_loop(*calls: Any, results: Any = None, content: Any = None) -> Any:
    answered = [
        {"role": "tool", "tool_call_id": c["id"], "content": text}
        for c, text in zip(calls, results or ["fine"] * len(calls), strict=True)
    ]
    return [
        {"role": "user", "content": "Hi"},
        {"role": "assistant", "content": content, "tool_calls": list(calls)},
        *answered,
    ]


def test_leading_system_messages_become_one_instruction_part_each(translate: Callable[..., NativeCall]) -> None:
    call = translate([
        {"role": "system", "content": "Be brief."},
        {"role": "developer", "content": "Be kind."},
        {"role": "user", "content": "Hi"},
    ])  # fmt: skip
    assert call.body["systemInstruction"] == {"parts": [{"text": "Be brief."}, {"text": "Be kind."}]}
    assert call.notes == ()


def test_a_later_system_message_is_hoisted_and_noted(translate: Callable[..., NativeCall]) -> None:
    call = translate([{"role": "user", "content": "Hi"}, {"role": "system", "content": "Be brief."}])
    assert call.body["systemInstruction"] == {"parts": [{"text": "Be brief."}]}
    assert call.notes == ("system_hoisted",)


def test_instructions_that_stand_alone_are_said_by_the_user(translate: Callable[..., NativeCall]) -> None:
    call = translate([{"role": "system", "content": "Greet me."}])
    assert call.body == {"contents": [{"role": "user", "parts": [{"text": "Greet me."}]}]}
    assert call.notes == ("system_as_user",)


def test_text_parts_keep_their_order(translate: Callable[..., NativeCall]) -> None:
    call = translate([{"role": "user", "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]}])
    assert call.body["contents"] == [{"role": "user", "parts": [{"text": "a"}, {"text": "b"}]}]


def test_empty_user_text_is_sent(translate: Callable[..., NativeCall]) -> None:
    assert translate("").body["contents"] == [{"role": "user", "parts": [{"text": ""}]}]


def test_neighbouring_turns_of_one_role_are_merged(translate: Callable[..., NativeCall]) -> None:
    call = translate([{"role": "user", "content": "a"}, {"role": "user", "content": "b"}])
    assert call.body["contents"] == [{"role": "user", "parts": [{"text": "a"}, {"text": "b"}]}]


def test_an_assistant_message_is_the_model_speaking(translate: Callable[..., NativeCall]) -> None:
    call = translate([
        {"role": "user", "content": "a"},
        {"role": "assistant", "content": "b"},
        {"role": "user", "content": "c"},
    ])  # fmt: skip
    assert [content["role"] for content in call.body["contents"]] == ["user", "model", "user"]


def test_an_earlier_refusal_is_text(translate: Callable[..., NativeCall]) -> None:
    call = translate([{"role": "user", "content": "a"}, {"role": "assistant", "content": None, "refusal": "No."}])
    assert call.body["contents"][1] == {"role": "model", "parts": [{"text": "No."}]}


def test_an_image_has_the_type_that_its_bytes_tell(translate: Callable[..., NativeCall]) -> None:
    call = translate([{"role": "user", "content": [image(declared="image/jpeg")]}])
    assert call.body["contents"][0]["parts"] == [{"inlineData": {"mimeType": "image/png", "data": PNG}}]


def test_image_detail_is_a_resolution_of_the_part_on_generation_3(translate: Callable[..., NativeCall]) -> None:
    call = translate([{"role": "user", "content": [image("low"), image("high"), image("auto")]}])
    levels = [part.get("mediaResolution") for part in call.body["contents"][0]["parts"]]
    assert levels == [{"level": "MEDIA_RESOLUTION_LOW"}, {"level": "MEDIA_RESOLUTION_HIGH"}, None]
    assert call.dropped == ()


def test_image_detail_is_a_resolution_of_the_request_on_generation_2(translate: Callable[..., NativeCall]) -> None:
    call = translate([{"role": "user", "content": [image("low"), image("low")]}], model=OLDER)
    assert call.body["generationConfig"] == {"mediaResolution": "MEDIA_RESOLUTION_LOW"}


def test_details_that_disagree_are_dropped_on_generation_2(translate: Callable[..., NativeCall]) -> None:
    call = translate([{"role": "user", "content": [image("low"), image("high")]}], model=OLDER)
    assert "generationConfig" not in call.body
    assert call.dropped == (
        "messages[0].content[0].image_url.detail",
        "messages[0].content[1].image_url.detail",
    )


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        (
            {"type": "image_url", "image_url": {"url": "gs://bucket/a.png"}},
            {"fileUri": "gs://bucket/a.png", "mimeType": "image/png"},
        ),
        (
            {"type": "file", "file": {"file_id": "https://generativelanguage.googleapis.com/v1beta/files/abc"}},
            {"fileUri": "https://generativelanguage.googleapis.com/v1beta/files/abc"},
        ),
        (
            {"type": "video_url", "video_url": {"url": "https://www.youtube.com/watch?v=abc"}},
            {"fileUri": "https://www.youtube.com/watch?v=abc", "mimeType": "video/mp4"},
        ),
    ],
)
def test_what_google_reads_itself_is_named(translate: Callable[..., NativeCall], part: Any, expected: Any) -> None:
    call = translate([{"role": "user", "content": [part]}])
    assert call.body["contents"][0]["parts"] == [{"fileData": expected}]


@pytest.mark.parametrize(
    ("url", "own"),
    [
        ("gs://bucket/a.png", True),
        ("https://youtu.be/abc", True),
        ("https://generativelanguage.googleapis.com/v1beta/files/abc", True),
        ("https://generativelanguage.googleapis.com.example/v1beta/files/abc", False),
        ("https://example.com/?https://youtu.be/abc", False),
    ],
)
def test_which_urls_google_reads_itself(url: str, own: bool) -> None:
    assert is_own_url(url) is own


@pytest.mark.parametrize(("form", "media_type"), [("wav", "audio/wav"), ("mp3", "audio/mpeg")])
def test_sound_is_inline_data(translate: Callable[..., NativeCall], form: Any, media_type: Any) -> None:
    part = {"type": "input_audio", "input_audio": {"data": "AAAA", "format": form}}
    call = translate([{"role": "user", "content": [part]}])
    assert call.body["contents"][0]["parts"] == [{"inlineData": {"mimeType": media_type, "data": "AAAA"}}]


@pytest.mark.parametrize(
    ("declared", "sent"),
    [("application/pdf", "application/pdf"), ("text/markdown", "text/plain"), ("application/rtf", "application/rtf")],
)
def test_documents_are_inline_data_and_text_is_plain(
    translate: Callable[..., NativeCall], declared: Any, sent: Any
) -> None:
    part = {"type": "file", "file": {"file_data": f"data:{declared};base64,AAAA", "filename": "a"}}
    call = translate([{"role": "user", "content": [part]}])
    assert call.body["contents"][0]["parts"] == [{"inlineData": {"mimeType": sent, "data": "AAAA"}}]


def test_an_uploaded_file_is_refused(translate: Callable[..., NativeCall]) -> None:
    with pytest.raises(RequestRefused) as refused:
        translate([{"role": "user", "content": [{"type": "file", "file": {"file_id": "file-1"}}]}])
    assert (refused.value.param, refused.value.code) == ("messages[0].content[0].file_id", "unsupported_parameter")


def test_names_and_cache_breakpoints_are_dropped_with_their_paths(translate: Callable[..., NativeCall]) -> None:
    part = {"type": "text", "text": "a", "prompt_cache_breakpoint": {}}
    call = translate([{"role": "user", "name": "ann", "content": [part]}])
    assert call.dropped == ("messages[0].name", "messages[0].content[0].prompt_cache_breakpoint")


def test_a_tool_result_is_an_output_that_is_never_parsed(translate: Callable[..., NativeCall]) -> None:
    call_ = translate(tool_loop(call(), results=['{"$ref": "#/nowhere"}']), model=OLDER)
    assert call_.body["contents"][2] == {
        "role": "user",
        "parts": [
            {
                "functionResponse": {
                    "id": "call_a",
                    "name": "look",
                    "response": {"output": '{"$ref": "#/nowhere"}'},
                }
            }
        ],
    }


def test_tool_results_stand_in_the_order_of_their_calls(translate: Callable[..., NativeCall]) -> None:
    messages = tool_loop(call("a", "1"), call("b", "2"))
    messages[2], messages[3] = messages[3], messages[2]
    parts = translate(messages, model=OLDER).body["contents"][2]["parts"]
    assert [part["functionResponse"]["name"] for part in parts] == ["a", "b"]


def test_parts_of_a_tool_result_are_lines(translate: Callable[..., NativeCall]) -> None:
    messages = tool_loop(call())
    messages[2]["content"] = [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]
    [part] = translate(messages).body["contents"][2]["parts"]
    assert part["functionResponse"]["response"] == {"output": "a\nb"}


def test_a_user_message_behind_tool_results_joins_them(translate: Callable[..., NativeCall]) -> None:
    messages = [*tool_loop(call()), {"role": "user", "content": "And?"}]
    assert [next(iter(part)) for part in translate(messages).body["contents"][2]["parts"]] == [
        "functionResponse",
        "text",
    ]


@pytest.mark.parametrize(("arguments", "args"), [("", {}), ('{"z":1,"a":2}', {"z": 1, "a": 2})])
def test_arguments_of_earlier_calls_are_objects(
    translate: Callable[..., NativeCall], arguments: Any, args: Any
) -> None:
    [part] = translate(tool_loop(call(arguments=arguments)), model=OLDER).body["contents"][1]["parts"]
    assert part["functionCall"] == {"id": "call_a", "name": "look", "args": args}


@pytest.mark.parametrize("arguments", ['{"city": "Par', "[1]"])
def test_arguments_that_are_no_object_are_wrapped_and_noted(
    translate: Callable[..., NativeCall], arguments: Any
) -> None:
    call_ = translate(tool_loop(call(arguments=arguments)), model=OLDER)
    [part] = call_.body["contents"][1]["parts"]
    assert part["functionCall"]["args"] == {"__raw_arguments": arguments}
    assert call_.notes == ("tool_args_wrapped",)


def test_big_integers_in_arguments_keep_their_digits(translate: Callable[..., NativeCall]) -> None:
    [part] = translate(tool_loop(call(arguments='{"n": 9007199254740993}')), model=OLDER).body["contents"][1]["parts"]
    assert part["functionCall"]["args"] == {"n": 9007199254740993}


def test_a_call_of_a_custom_tool_is_a_call_with_one_input(translate: Callable[..., NativeCall]) -> None:
    custom = {"id": "call_a", "type": "custom", "custom": {"name": "run", "input": "ls -l"}}
    [part] = translate(tool_loop(custom), model=OLDER).body["contents"][1]["parts"]
    assert part["functionCall"]["args"] == {"input": "ls -l"}


def test_a_legacy_function_loop_is_a_tool_loop(translate: Callable[..., NativeCall]) -> None:
    contents = translate(
        [
            {"role": "user", "content": "Hi"},
            {"role": "assistant", "content": None, "function_call": {"name": "look", "arguments": "{}"}},
            {"role": "function", "name": "look", "content": "fine"},
        ],
        model=OLDER,
    ).body["contents"]
    assert contents[1]["parts"][0]["functionCall"]["name"] == "look"
    assert contents[2]["parts"][0]["functionResponse"]["response"] == {"output": "fine"}


def test_empty_texts_are_left_out(translate: Callable[..., NativeCall]) -> None:
    call = {"id": "c1", "type": "function", "function": {"name": "get", "arguments": "{}"}}
    body = translate(
        [
            {"role": "system", "content": ""},
            {"role": "user", "content": "a"},
            {"role": "assistant", "content": "", "tool_calls": [call]},
            {"role": "tool", "tool_call_id": "c1", "content": "r"},
            {"role": "assistant", "content": ""},
            {"role": "user", "content": "b"},
        ]
    ).body
    parts = [part for content in body["contents"] for part in content["parts"]]
    assert {"text": ""} not in parts
    assert not body.get("systemInstruction", {}).get("parts")
