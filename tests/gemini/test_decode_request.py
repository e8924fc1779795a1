"""What another vendor is asked for, and what is reported, when a client speaks Gemini's API."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from unigate_core.errors import RequestRefused
from unigate_core.json import Json
from unigate_formats.gemini_generate_content.decode_request import decode_request
from unigate_formats.neutral.request import ChatRequest, FilePart, TextPart, ToolCallPart, ToolResultPart

USER = {"role": "user", "parts": [{"text": "q"}]}


@pytest.fixture
def decoded() -> Callable[..., ChatRequest]:
    """Decode a request: its contents and any further member."""

    def run(*contents: Json, drop_unsupported: bool = True, **more: Any) -> ChatRequest:
        body = {"contents": list(contents) or [USER], **more}
        return decode_request(body, "m", lambda token: None, stream=False, drop_unsupported=drop_unsupported)

    return run


@pytest.mark.parametrize(("kind", "bare"), [("text/x.enum", True), ("application/json", False)])
def test_an_enumeration_is_answered_without_quotes(decoded: Callable[..., ChatRequest], kind: str, bare: bool) -> None:
    schema = {"type": "STRING", "enum": ["Percussion", "Brass"]}
    form = decoded(generationConfig={"responseMimeType": kind, "responseSchema": schema}).response_format
    assert form is not None
    assert (form.bare, form.schema) == (bare, {"type": "string", "enum": ["Percussion", "Brass"]})


@pytest.mark.parametrize(
    ("more", "path"),
    [
        ({"tools": [{"googleSearch": {"excludeDomains": ["a.com"]}}]}, "tools[0].googleSearch.excludeDomains"),
        ({"tools": [{"google_search": {"time_range_filter": {}}}]}, "tools[0].googleSearch.time_range_filter"),
        ({"toolConfig": {"retrievalConfig": {"languageCode": "de"}}}, "toolConfig.retrievalConfig"),
        (
            {"tools": [{"functionDeclarations": [{"name": "f"}]}],
             "toolConfig": {"functionCallingConfig": {"mode": "VALIDATED"}}},
            "toolConfig.functionCallingConfig.mode",
        ),
        ({"generationConfig": {"thinkingConfig": {"pace": 1}}}, "generationConfig.thinkingConfig.pace"),
        (
            {"generationConfig": {"thinkingConfig": {"thinkingLevel": "DEEP"}}},
            "generationConfig.thinkingConfig.thinkingLevel",
        ),
        ({"serviceTier": "golden"}, "serviceTier"),
        ({"systemInstruction": {"parts": [{"text": "s"}], "weight": 2}}, "systemInstruction.weight"),
    ],
)  # fmt: skip
def test_what_only_gemini_knows_is_reported_at_any_depth(
    decoded: Callable[..., ChatRequest], more: Json, path: str
) -> None:
    assert decoded(**more).dropped == (path,)
    with pytest.raises(RequestRefused) as refused:
        decoded(drop_unsupported=False, **more)
    assert refused.value.param == path


def test_what_contents_hold_beyond_the_neutral_form_is_reported(decoded: Callable[..., ChatRequest]) -> None:
    call = {"id": "c", "name": "f", "args": {}, "willContinue": True}
    sound = {"inlineData": {"mimeType": "audio/wav", "data": "UklGRg=="}}
    result = {"id": "c", "name": "f", "response": {}, "scheduling": "SILENT", "parts": [sound]}
    chat = decoded(
        {**USER, "weight": 1},
        {"role": "model", "parts": [{"functionCall": call, "partMetadata": {}}]},
        {"role": "user", "parts": [{"functionResponse": result}]},
    )
    assert set(chat.dropped) == {
        "contents[0].weight",
        "contents[1].parts[0].partMetadata",
        "contents[1].parts[0].functionCall.willContinue",
        "contents[2].parts[0].functionResponse.scheduling",
        "contents[2].parts[0].functionResponse.parts[0]",
    }


def test_a_functions_answer_schema_is_reported(decoded: Callable[..., ChatRequest]) -> None:
    tool = decoded(tools=[{"functionDeclarations": [{"name": "f", "response": {"type": "STRING"}}]}]).tools[0]
    assert [item.path for item in tool.extensions] == ["tools[0].functionDeclarations[0].response"]


def test_a_file_keeps_its_name(decoded: Callable[..., ChatRequest]) -> None:
    blob = {"mimeType": "application/pdf", "data": "JVBERi0=", "displayName": "a.pdf"}
    link = {"mimeType": "application/pdf", "fileUri": "https://a.com/b", "displayName": "b.pdf"}
    image = {"mimeType": "image/png", "data": "iVBORw0KGgo=", "displayName": "c.png"}
    chat = decoded({"role": "user", "parts": [{"inlineData": blob}, {"fileData": link}, {"inlineData": image}]})
    files = [part for part in chat.turns[0].parts if isinstance(part, FilePart)]
    assert [file.filename for file in files] == ["a.pdf", "b.pdf"]
    assert chat.dropped == ("contents[0].parts[2].inlineData.displayName",)


@pytest.mark.parametrize("hosted", [{"googleSearch": {}}, {"codeExecution": {}}])
def test_no_function_may_be_called_but_the_vendors_own_tools_run(
    decoded: Callable[..., ChatRequest], hosted: Json
) -> None:
    """https://ai.google.dev/api/caching#FunctionCallingConfig"""
    none = {"functionCallingConfig": {"mode": "NONE"}}
    functions = {"functionDeclarations": [{"name": "f"}]}
    for tools in ([hosted], [hosted, functions]):
        chat = decoded(tools=tools, toolConfig=none)
        assert (chat.tools, chat.tool_choice, chat.dropped) == ((), None, ())
        assert chat.web_search or chat.builtin_tools
    alone = decoded(tools=[functions], toolConfig=none)
    assert alone.tool_choice is not None
    assert (alone.tool_choice.mode, len(alone.tools)) == ("none", 1)


def test_code_that_ran_goes_back_as_text(decoded: Callable[..., ChatRequest]) -> None:
    parts = [
        {"text": "Let me compute."},
        {"executableCode": {"language": "LANGUAGE_UNSPECIFIED", "code": "echo 42"}},
        {"code_execution_result": {"outcome": "OUTCOME_OK", "output": "42"}},
        {"toolCall": {"toolType": "GOOGLE_SEARCH_WEB"}},
    ]
    chat = decoded(USER, {"role": "model", "parts": parts}, USER)
    told = [part.text for part in chat.turns[1].parts if isinstance(part, TextPart)]
    assert told == ["Let me compute.", "\n```\necho 42\n```\n", "\n```\n42\n```\n"]
    assert chat.dropped == ("contents[1].parts[3].toolCall",)


@pytest.mark.parametrize("given", [["call_0", "call_0"], ["call_0", None]])
def test_calls_of_one_id_keep_their_own_results(decoded: Callable[..., ChatRequest], given: list[str | None]) -> None:
    calls: list[Json] = [{"functionCall": {"name": name, "args": {}, "id": "call_0"}} for name in ("f", "g")]
    results = [
        {"functionResponse": {"name": name, "response": {"output": text}} | ({"id": id_} if id_ else {})}
        for name, text, id_ in zip(("f", "g"), ("A", "B"), given, strict=True)
    ]
    chat = decoded({"parts": [{"text": "Go."}]}, {"role": "model", "parts": calls}, {"parts": results})
    asked, answered = chat.turns[-2:]
    ids = [part.id for part in asked.parts if isinstance(part, ToolCallPart)]
    said = {
        part.call_id: part.content[0].text
        for part in answered.parts
        if isinstance(part, ToolResultPart) and isinstance(part.content[0], TextPart)
    }
    assert len(set(ids)) == 2
    assert [said[id_] for id_ in ids] == ["A", "B"]
