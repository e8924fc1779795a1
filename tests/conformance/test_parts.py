"""Parts that OpenAI itself refuses or does not know, at the vendors that read them in one form or another."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from unigate_anthropic import PROVIDER as ANTHROPIC
from unigate_core.errors import RequestRefused
from unigate_core.json import Json, dumps_text
from unigate_deepseek import PROVIDER as DEEPSEEK
from unigate_formats.bedrock_converse.encode_request import encode_request as to_bedrock
from unigate_formats.neutral.model import ModelInfo
from unigate_formats.neutral.request import FilePart
from unigate_formats.neutral.text_files import is_text, text_of
from unigate_formats.neutral.translation import Context, NativeCall
from unigate_formats.openai_chat.decode_request import decode_request
from unigate_gemini import PROVIDER as GEMINI

PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(16)).decode()
MP4 = base64.b64encode(b"\0\0\0\x18ftypmp42" + bytes(16)).decode()
PICTURE = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PNG}"}}
CALL = {"id": "c1", "type": "function", "function": {"name": "look", "arguments": "{}"}}
TOOL = {"type": "function", "function": {"name": "look", "parameters": {"type": "object", "properties": {}}}}
MODELS = {"anthropic": "claude-sonnet-4-5", "bedrock": "amazon.nova-pro-v1:0", "deepseek": "deepseek-chat",
          "gemini": "gemini-2.5-flash"}  # fmt: skip


def translated(provider: str, *parts: Json, **more: Any) -> NativeCall:
    """What is sent for these parts of the user's."""
    return sent(provider, [{"role": "user", "content": [{"type": "text", "text": "see"}, *parts]}], **more)


def sent(provider: str, messages: list[Json], **more: Any) -> NativeCall:
    """What is sent for these messages."""
    model = MODELS[provider]
    chat = decode_request({"model": model, "messages": messages, **more}, drop_unsupported=True)
    context = Context(model=ModelInfo(id=model), new_id=lambda: "x", drop_unsupported=True, provider=provider)
    if provider == "bedrock":
        return to_bedrock(chat, context)
    translation = {"anthropic": ANTHROPIC, "deepseek": DEEPSEEK, "gemini": GEMINI}[provider].chat_translation
    assert translation is not None
    return translation.request(chat, context)


def file(name: str, media_type: str, data: bytes) -> Json:
    """A file as a data URL."""
    url = f"data:{media_type};base64,{base64.b64encode(data).decode()}"
    return {"type": "file", "file": {"filename": name, "file_data": url}}


@pytest.mark.parametrize("vendor", MODELS)
@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("a.json", "application/json"),
        ("a.yaml", "application/x-yaml"),
        ("a.py", "application/octet-stream"),
        ("a.svg", "image/svg+xml"),
        ("a.md", "text/markdown"),
    ],
)
def test_any_text_is_read_as_text(vendor: str, name: str, media_type: str) -> None:
    body = dumps_text(translated(vendor, file(name, media_type, b"grapefruit")).body)
    assert "grapefruit" in body or base64.b64encode(b"grapefruit").decode() in body
    assert media_type not in body or media_type.startswith("text/")


@pytest.mark.parametrize("vendor", ["anthropic", "deepseek"])
@pytest.mark.parametrize("data", [b"\x00\x01binary", b"\xff\xfe\xfd"])
def test_what_is_no_text_is_refused(vendor: str, data: bytes) -> None:
    with pytest.raises(RequestRefused) as refused:
        translated(vendor, file("a.bin", "application/octet-stream", data))
    assert refused.value.param == "messages[0].content[1]"


@pytest.mark.parametrize("vendor", MODELS)
def test_a_file_that_is_a_picture_is_seen_as_one(vendor: str) -> None:
    as_file = translated(vendor, file("a.png", "image/png", base64.b64decode(PNG)))
    assert as_file.body == translated(vendor, PICTURE).body


def test_a_recording_may_be_a_data_url() -> None:
    bare = {"type": "input_audio", "input_audio": {"data": "UklGRg==", "format": "wav"}}
    as_url = {"type": "input_audio", "input_audio": {"data": "data:audio/wav;base64,UklGRg==", "format": "wav"}}
    assert translated("gemini", as_url).body == translated("gemini", bare).body


@pytest.mark.parametrize("form", ["flac", "ogg", "aac", "aiff"])
def test_gemini_hears_more_than_openai(form: str) -> None:
    call = translated("gemini", {"type": "input_audio", "input_audio": {"data": "UklGRg==", "format": form}})
    assert call.body["contents"][0]["parts"][1] == {"inlineData": {"mimeType": f"audio/{form}", "data": "UklGRg=="}}


def test_films() -> None:
    film = {"type": "video_url", "video_url": {"url": f"data:video/mp4;base64,{MP4}"}}
    assert translated("gemini", film).body["contents"][0]["parts"][1]["inlineData"]["mimeType"] == "video/mp4"
    block = translated("bedrock", film).body["messages"][0]["content"][1]
    assert block == {"video": {"format": "mp4", "source": {"bytes": MP4}}}


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        (
            {"type": "image_url", "image_url": {"url": "s3://bucket/a.jpg"}},
            {"image": {"format": "jpeg", "source": {"s3Location": {"uri": "s3://bucket/a.jpg"}}}},
        ),
        (
            {"type": "file", "file": {"file_id": "s3://bucket/a.pdf", "filename": "a.pdf"}},
            {"document": {"format": "pdf", "name": "a 1", "source": {"s3Location": {"uri": "s3://bucket/a.pdf"}}}},
        ),
        (
            {"type": "video_url", "video_url": {"url": "s3://bucket/a.mov"}},
            {"video": {"format": "mov", "source": {"s3Location": {"uri": "s3://bucket/a.mov"}}}},
        ),
    ],
)
def test_bedrock_reads_objects_in_s3(part: Json, expected: Json) -> None:
    assert translated("bedrock", part).body["messages"][0]["content"][1] == expected


@pytest.mark.parametrize("vendor", MODELS)
def test_a_tool_may_answer_with_a_picture(vendor: str) -> None:
    result = {"role": "tool", "tool_call_id": "c1", "content": [{"type": "text", "text": "seen"}, PICTURE]}
    asked: Json = {"role": "user", "content": "hi"}
    called: Json = {"role": "assistant", "content": None, "tool_calls": [CALL]}
    messages = [asked, called, result]
    body = dumps_text(sent(vendor, messages, tools=[TOOL]).body)
    assert PNG in body
    assert "seen" in body


@pytest.mark.parametrize("vendor", MODELS)
def test_a_tool_that_is_declared_again_in_the_same_words_is_told_once(vendor: str) -> None:
    call = translated(vendor, tools=[TOOL, TOOL])
    assert dumps_text(call.body).count('"look"') == 1


def test_two_tools_of_one_name_are_refused() -> None:
    other = {"type": "function", "function": {"name": "look", "parameters": {"type": "object"}}}
    with pytest.raises(RequestRefused, match="declared twice"):
        translated("gemini", tools=[TOOL, other])


def test_a_repeated_tool_is_reported() -> None:
    body: Json = {"model": "m", "messages": [{"role": "user", "content": "hi"}], "tools": [TOOL, TOOL]}
    assert decode_request(body, drop_unsupported=True).dropped == ("tools[1].function",)


def test_deepseek_takes_more_stops() -> None:
    call = translated("deepseek", stop=[str(i) for i in range(20)])
    assert len(call.body["stop"]) == 16
    assert call.dropped == ("stop[16:]",)


def test_data_that_is_no_base64_is_no_text() -> None:
    assert not is_text(FilePart(data="a", path="p"))
    with pytest.raises(RequestRefused) as refused:
        text_of(FilePart(data="a", media_type="text/plain", path="p"))
    assert refused.value.param == "p"
