"""Converse's answers, whole and streamed → neutral events; its errors."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unigate_bedrock.event_stream import EventStream, claude_frames, converse_frames
from unigate_core.errors import GatewayError, UpstreamProtocol, UpstreamTruncated
from unigate_core.json import dumps, loads
from unigate_formats.bedrock_converse.decode_answer import decode_answer
from unigate_formats.bedrock_converse.decode_stream import ConverseStream
from unigate_formats.bedrock_converse.errors import from_error
from unigate_formats.bedrock_converse.request_state import RequestState
from unigate_formats.neutral.events import (
    Citation,
    Event,
    Finish,
    NativeCitation,
    Reasoning,
    ReasoningBlock,
    ReplayBlob,
    ServerTool,
    Start,
    Text,
    ToolArguments,
    ToolCall,
    ToolEnd,
    Usage,
)
from unigate_simulator.bedrock_api.event_stream import event, exception

STATE = RequestState("m", frozenset({"weather"}))
THOUGHT = {"text": "hm", "signature": "sig"}
USE = {"toolUseId": "t1", "name": "weather", "input": {"city": "X"}}
USAGE = {"inputTokens": 3, "outputTokens": 4, "totalTokens": 12, "cacheReadInputTokens": 5}


def answer(*content: Any, stop: str = "end_turn") -> dict[str, Any]:
    return {"output": {"message": {"role": "assistant", "content": list(content)}}, "stopReason": stop, "usage": USAGE}


def test_an_answer_becomes_events() -> None:
    native = answer({"reasoningContent": {"reasoningText": THOUGHT}}, {"text": "Hi"}, {"toolUse": USE}, stop="tool_use")
    assert list(decode_answer(native, STATE)) == [
        Start(id="", model="m"),
        Reasoning("hm"),
        ReasoningBlock(format="bedrock-v1", text="hm", signature="sig"),
        Text("Hi"),
        ToolCall(index=0, id="t1", name="weather"),
        ToolArguments(index=0, text='{"city":"X"}'),
        ToolEnd(0),
        ReplayBlob(call_id="t1", blob=dumps([{"reasoningText": THOUGHT}])),
        Usage(input=8, output=4, cache_read=5, total=12),
        Finish("tool_calls"),
    ]


PAGE = {"title": "A page", "location": {"web": {"url": "https://a/b", "domain": "a"}}}
DOCUMENT = {"title": "d", "location": {"documentPage": {"documentIndex": 0, "start": 1, "end": 2}}}


def test_a_page_of_the_web_is_cited_by_its_url_whole_and_streamed() -> None:
    cited = {"citationsContent": {"content": [{"text": "It is."}], "citations": [PAGE, PAGE, DOCUMENT]}}
    said = [each for each in decode_answer(answer({"text": "So: "}, cited), STATE) if not isinstance(each, Start)]
    page = Citation(url="https://a/b", title="A page", start=4, end=10)
    assert said[:4] == [Text("So: "), Text("It is."), NativeCitation(DOCUMENT), page]
    stream = ConverseStream(STATE)
    deltas = [(0, {"text": "So: "}), (1, {"citation": PAGE}), (1, {"text": "It "}), (1, {"text": "is."})]
    natives: list[dict[str, Any]] = [
        {"contentBlockDelta": {"delta": delta, "contentBlockIndex": index}} for index, delta in deltas
    ]
    natives += [{"contentBlockStop": {"contentBlockIndex": 1}}]
    assert [each for native in natives for each in stream.feed(native)][3:] == [page]


@pytest.mark.parametrize(
    ("stop", "reason"),
    [("end_turn", "stop"), ("max_tokens", "length"), ("guardrail_intervened", "content_filter"), ("new", "stop")],
)
def test_how_an_answer_ends(stop: str, reason: str) -> None:
    assert list(decode_answer(answer({"text": "x"}, stop=stop), STATE))[-1] == Finish(reason)  # type: ignore[arg-type]


def test_a_tool_that_bedrock_ran_is_no_call_of_the_clients() -> None:
    use = {"toolUseId": "s1", "name": "nova_code_interpreter", "type": "server_tool_use", "input": {"snippet": "1+1"}}
    out = {"json": {"stdOut": "2", "stdErr": "", "exitCode": 0}}
    result = {"toolUseId": "s1", "status": "success", "content": [out]}
    events = list(decode_answer(answer({"toolUse": use}, {"toolResult": result}, {"text": "2"}), STATE))
    (tool,) = [each for each in events if isinstance(each, ServerTool)]
    assert (tool.code, tool.outputs, tool.failed) == ("1+1", ("2",), False)
    assert not [each for each in events if isinstance(each, ToolCall)]


def streamed(*frames: bytes, cut: int = 0) -> list[Event]:
    decoder, translator = converse_frames(), ConverseStream(STATE)
    data = b"".join(frames)
    chunks = [data[:cut], data[cut:]] if cut else [data]
    natives = [native for chunk in chunks for native in decoder.feed(chunk)]
    natives += decoder.flush()
    return [*(each for native in natives for each in translator.feed(loads(native))), *translator.close()]


STREAM = (
    event("messageStart", {"role": "assistant"}),
    event("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"reasoningContent": {"text": "h"}}}),
    event("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"reasoningContent": {"text": "m"}}}),
    event("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"reasoningContent": {"signature": "sig"}}}),
    event("contentBlockStop", {"contentBlockIndex": 0}),
    event("contentBlockDelta", {"contentBlockIndex": 1, "delta": {"text": "Hi"}}),
    event("contentBlockStop", {"contentBlockIndex": 1}),
    event("contentBlockStart", {"contentBlockIndex": 2, "start": {"toolUse": {"toolUseId": "t1", "name": "weather"}}}),
    event("contentBlockDelta", {"contentBlockIndex": 2, "delta": {"toolUse": {"input": '{"city":"X"}'}}}),
    event("contentBlockStop", {"contentBlockIndex": 2}),
    event("messageStop", {"stopReason": "tool_use"}),
    event("metadata", {"usage": USAGE}),
)


def test_a_stream_says_what_the_whole_answer_says() -> None:
    native = answer({"reasoningContent": {"reasoningText": THOUGHT}}, {"text": "Hi"}, {"toolUse": USE}, stop="tool_use")

    def joined(events: list[Event]) -> list[Event]:
        kept = [each for each in events if not isinstance(each, Reasoning)]
        return sorted(kept, key=repr)

    assert joined(streamed(*STREAM)) == joined(list(decode_answer(native, STATE)))


@given(st.integers(1, len(b"".join(STREAM)) - 1))
def test_a_stream_may_be_cut_anywhere(cut: int) -> None:
    assert streamed(*STREAM, cut=cut) == streamed(*STREAM)


@given(st.integers(0, len(b"".join(STREAM)) - 1), st.integers(1, 255))
def test_a_changed_byte_is_an_error_or_leaves_the_stream_unfinished(place: int, change: int) -> None:
    data = bytearray(b"".join(STREAM))
    data[place] ^= change
    with pytest.raises((UpstreamProtocol, UpstreamTruncated)):
        streamed(bytes(data))


def test_what_came_before_a_broken_frame_is_not_lost() -> None:
    decoder = EventStream(lambda kind, native: kind.encode())
    broken = bytearray(STREAM[1])
    broken[-1] ^= 1
    assert decoder.feed(STREAM[0] + bytes(broken)) == [b"messageStart"]
    with pytest.raises(UpstreamProtocol):
        decoder.feed(b"")


def test_an_exception_in_the_stream_is_an_error() -> None:
    with pytest.raises(GatewayError) as caught:
        streamed(*STREAM[:3], exception("throttlingException", "Too many requests"))
    assert (caught.value.status, caught.value.code) == (429, "rate_limit_exceeded")


def test_a_stream_without_its_end_is_truncated() -> None:
    with pytest.raises(UpstreamTruncated):
        streamed(*STREAM[:6])


def test_claudes_events_come_out_of_their_frames() -> None:
    inner = b'{"type":"message_stop"}'
    frames = event("chunk", {"bytes": base64.b64encode(inner).decode()})
    assert claude_frames().feed(frames) == [inner]
    (told,) = claude_frames().feed(exception("throttlingException", "slow down"))
    assert loads(told) == {"type": "error", "error": {"type": "rate_limit_error", "message": "slow down"}}


@pytest.mark.parametrize(
    ("status", "name", "message", "told"),
    [
        (429, "ThrottlingException", "slow", (429, "rate_limit_exceeded")),
        (400, "ValidationException", "Input is too long for requested model.", (400, "context_length_exceeded")),
        (400, "", "The provided model identifier is invalid.", (400, "model_not_found")),
        (404, "ResourceNotFoundException", "x", (404, "model_not_found")),
        (403, "AccessDeniedException", "x", (403, "permission_denied")),
        (403, "ExpiredTokenException", "x", (502, "upstream_auth_error")),
        (408, "ModelTimeoutException", "x", (408, "upstream_timeout")),
        (424, "ModelErrorException:http://x", "x", (502, None)),
        (503, "ServiceUnavailableException", "x", (503, "overloaded")),
        (418, "", "x", (418, None)),
    ],
)
def test_errors_keep_their_meaning(status: int, name: str, message: str, told: tuple[int, str | None]) -> None:
    headers = {"x-amzn-errortype": name} if name else {}
    error = from_error(status, headers, dumps({"message": message}), client_key=False)
    assert (error.status, error.code) == told


def test_an_error_that_is_none_is_told_as_one() -> None:
    assert isinstance(from_error(500, {}, b"<html>", client_key=False), UpstreamProtocol)
