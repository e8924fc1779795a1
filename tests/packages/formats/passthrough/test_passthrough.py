"""OpenAI's own format on its way through: what changes, and that nothing else does."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unigate_core.errors import RequestRefused, UpstreamError, UpstreamProtocol, UpstreamTruncated
from unigate_core.json import Json, dumps, loads
from unigate_formats.neutral.operation import Operation
from unigate_formats.neutral.parameters import Parameter, ParameterSupport
from unigate_formats.neutral.translation import PassThrough
from unigate_formats.openai_chat.answer_metadata import AnswerMetadata
from unigate_formats.openai_passthrough.rewrite_request import UpstreamRequest, outgoing, stream_bytes, whole

CHAT = PassThrough(path="chat/completions")
BODY = b'{"model": "openai/gpt", "new_field": {"a": 12345678901234567890}, "messages": []}'
USAGE = {"prompt_tokens": 5, "completion_tokens": 2, "total_tokens": 7, "prompt_tokens_details": {"cached_tokens": 4}}
NULL: Json = {"usage": None}


def sent(body: bytes, operation: Operation = Operation.CHAT, route: PassThrough = CHAT) -> UpstreamRequest:
    return outgoing(route, operation, body, model="gpt")


def test_the_model_loses_its_prefix_and_nothing_else_changes() -> None:
    assert sent(BODY).body == BODY.replace(b"openai/gpt", b"gpt")


def test_provider_options_stay_here() -> None:
    assert loads(sent(b'{"model":"x","provider_options":{"openai":{}}}').body) == {"model": "gpt"}


def test_a_stream_is_asked_for_its_usage() -> None:
    out = sent(b'{"model":"x","stream":true,"stream_options":{"include_obfuscation":false}}')
    assert loads(out.body)["stream_options"] == {"include_obfuscation": False, "include_usage": True}
    assert out.hide_usage


def test_a_client_that_asks_for_usage_sees_it() -> None:
    body = b'{"model":"gpt","stream":true,"stream_options":{"include_usage":true}}'
    assert sent(body) == UpstreamRequest(body, stream=True)


def test_only_chat_streams_are_asked_for_usage() -> None:
    assert b"stream_options" not in sent(b'{"model":"x","stream":true}', Operation.RESPONSES).body


def test_a_sub_path_gets_no_model_that_it_did_not_have() -> None:
    assert sent(b'{"a":1}', Operation.RESPONSES_RESOURCE).body == b'{"a":1}'


def test_an_empty_body_stays_empty() -> None:
    assert sent(b"", Operation.RESPONSES_RESOURCE).body == b""


def test_a_body_that_is_no_object_is_refused() -> None:
    with pytest.raises(RequestRefused) as refused:
        sent(b"[1]")
    assert refused.value.code == "invalid_json"


def test_a_routes_table_drops_and_tells() -> None:
    route = PassThrough(path="x", parameters={"store": Parameter(ParameterSupport.DROPPED, neutral=(False,))})
    out = sent(b'{"model":"x","store":true,"unknown":1}', route=route)
    assert out.dropped == ("store",)
    assert loads(out.body) == {"model": "gpt", "unknown": 1}


def test_a_routes_table_refuses_by_name() -> None:
    route = PassThrough(path="x", parameters={"logprobs": Parameter(ParameterSupport.UNSUPPORTED)})
    with pytest.raises(RequestRefused) as refused:
        sent(b'{"model":"x","logprobs":true}', route=route)
    assert refused.value.param == "logprobs"


def test_a_routes_edit_has_the_last_word() -> None:
    route = PassThrough(path="x", edit=lambda body: {"max_tokens": body["max_completion_tokens"], "model": "other"})
    assert loads(sent(b'{"model":"x","max_completion_tokens":3}', route=route).body)["max_tokens"] == 3


def test_a_whole_answer_gets_the_prefix_and_nothing_else_changes() -> None:
    body = (
        b'{\n  "id": "c-1",\n  "model": "gpt-1",\n  "choices": [{"index": 0, "finish_reason": "stop"}],\n  "x": 1.0\n}'
    )
    answer = whole(body, provider="openai")
    assert answer.body == body.replace(b'"gpt-1"', b'"openai/gpt-1"')
    assert (answer.metadata.id, answer.metadata.model, answer.metadata.finish_reasons) == ("c-1", "gpt-1", {0: "stop"})


@pytest.mark.parametrize(
    ("usage", "expected"),
    [
        (USAGE, (5, 2, 4, 7)),
        ({"input_tokens": 5, "output_tokens": 2, "input_tokens_details": {"cached_tokens": 4}}, (5, 2, 4, 7)),
        ({"prompt_tokens": 5, "total_tokens": 5}, (5, 0, 0, 5)),
    ],
)
def test_usage_is_read_in_all_spellings(usage: Json, expected: tuple[int, ...]) -> None:
    metadata = whole(dumps({"usage": usage}), provider="openai").metadata.usage
    assert metadata is not None
    assert (metadata.input, metadata.output, metadata.cache_read, metadata.total) == expected


def test_audio_billed_by_time_is_metered() -> None:
    body = b'{"text":"a","usage":{"type":"duration","seconds":3}}'
    assert whole(body, provider="openai").metadata.audio_seconds == 3.0


def test_text_and_media_pass_unread() -> None:
    assert whole(b"1\n00:00", provider="openai", content_type="text/plain").body == b"1\n00:00"


def test_json_that_is_none_is_a_protocol_error() -> None:
    with pytest.raises(UpstreamProtocol):
        whole(b"<html>", provider="openai")


def chunk(delta: Json, finish: str | None = None, **more: Any) -> Json:
    base = {"id": "c-1", "object": "chat.completion.chunk", "created": 1, "model": "gpt-1"}
    return {**base, "choices": [{"index": 0, "delta": delta, "finish_reason": finish}], **more}


def sse(events: Iterable[Any], *, done: bool = True) -> bytes:
    data = b"".join(b"data: %b\n\n" % dumps(event) for event in events)
    return data + b"data: [DONE]\n\n" if done else data


def through(
    data: bytes, *, hide_usage: bool = False, operation: Operation = Operation.CHAT, cuts: Iterable[int] = ()
) -> tuple[bytes, AnswerMetadata]:
    stream = stream_bytes(operation, provider="openai", sent=UpstreamRequest(b"", stream=True, hide_usage=hide_usage))
    edges = [0, *cuts, len(data)]
    out = b"".join(stream.feed(data[a:b]) for a, b in pairwise(edges))
    return out + stream.close(), stream.metadata


def events(data: bytes) -> list[Any]:
    return [loads(block[6:]) for block in data.split(b"\n\n") if block and block != b"data: [DONE]"]


TEXT = [chunk({"role": "assistant", "content": ""}), chunk({"content": '"model":"gpt-1" é\u2028'}), chunk({}, "stop")]
METERED = [
    *({**event, "usage": None, "obfuscation": "xyz"} for event in TEXT),
    {**chunk({}), "choices": [], "usage": USAGE},
]
MODERATED = {**chunk({}), "choices": [], "moderation": {"input": {"model": "omni"}}, "usage": None}


def test_a_stream_gets_the_prefix_and_nothing_else_changes() -> None:
    data = sse(METERED)
    assert through(data)[0] == data.replace(b'"model":"gpt-1","choices"', b'"model":"openai/gpt-1","choices"')


def test_hidden_usage_leaves_no_trace() -> None:
    out, metadata = through(sse(METERED), hide_usage=True)
    assert b'"usage"' not in out
    assert len(events(out)) == len(TEXT)
    assert metadata.usage is not None
    assert metadata.usage.total == 7


def test_usage_that_was_asked_for_comes_once_and_last() -> None:
    metadata = events(through(sse(METERED))[0])
    assert [event["usage"] for event in metadata] == [None, None, None, USAGE]


def test_a_moderation_chunk_after_the_usage_passes_unharmed() -> None:
    shown = events(through(sse([*METERED, MODERATED]))[0])[-1]
    assert shown == {**MODERATED, "model": "openai/gpt-1"}


def test_a_moderation_chunk_loses_hidden_usage_only() -> None:
    shown = events(through(sse([*METERED, MODERATED]), hide_usage=True)[0])[-1]
    assert shown["moderation"] == MODERATED["moderation"]
    assert "usage" not in shown


@settings(max_examples=60, deadline=None)
@given(st.sets(st.integers(1, len(sse(METERED)) - 1), max_size=8), st.booleans())
def test_any_cut_of_the_bytes_gives_the_same_stream(cuts: set[int], hide_usage: bool) -> None:
    data = sse(METERED)
    assert through(data, hide_usage=hide_usage, cuts=sorted(cuts)) == through(data, hide_usage=hide_usage)


def test_a_stream_cut_short_is_truncated() -> None:
    for end in range(len(TEXT)):
        with pytest.raises(UpstreamTruncated):
            through(sse(TEXT[:end], done=False))


def test_one_unfinished_choice_of_two_is_truncated() -> None:
    second = {**chunk({"content": "b"}), "choices": [{"index": 1, "delta": {"content": "b"}, "finish_reason": None}]}
    with pytest.raises(UpstreamTruncated):
        through(sse([chunk({"content": "a"}), second, chunk({}, "stop")], done=False))


def test_a_missing_end_mark_after_the_finish_is_added() -> None:
    assert through(sse(TEXT, done=False))[0].endswith(b"data: [DONE]\n\n")


def test_nothing_passes_after_the_end_mark() -> None:
    assert through(sse(TEXT) + sse(TEXT))[0].count(b"[DONE]") == 1


def test_comments_do_not_pass() -> None:
    assert b"PROCESSING" not in through(b": PROCESSING\n\n" + sse(TEXT))[0]


def test_an_error_in_the_stream_is_raised_after_what_came_before() -> None:
    stream = stream_bytes(Operation.CHAT, provider="openai", sent=UpstreamRequest(b""))
    fault = {"error": {"message": "busy", "type": "server_error", "param": None, "code": None}}
    assert b"assistant" in stream.feed(sse([TEXT[0], fault], done=False))
    assert isinstance(stream.failure, UpstreamError)
    with pytest.raises(UpstreamError, match="busy"):
        stream.close()


def test_an_error_that_comes_first_is_raised_at_once() -> None:
    stream = stream_bytes(Operation.CHAT, provider="openai", sent=UpstreamRequest(b""))
    with pytest.raises(UpstreamError) as error:
        stream.feed(sse([{"error": {"message": "slow down", "code": "rate_limit_exceeded"}}], done=False))
    assert error.value.status == 429


def test_an_event_that_is_no_json_is_a_protocol_error() -> None:
    with pytest.raises(UpstreamProtocol):
        through(b"data: {oops\n\n")


def test_usage_on_the_finish_chunk_becomes_a_chunk_of_its_own() -> None:
    shown = events(through(sse([*TEXT[:-1], {**TEXT[-1], "usage": USAGE}]))[0])
    assert shown[-2]["usage"] is None
    assert (shown[-1]["choices"], shown[-1]["usage"]) == ([], USAGE)


def test_a_vendor_may_leave_out_id_and_model() -> None:
    bare = {"choices": [{"delta": {"content": "x"}}]}
    shown = events(through(sse([TEXT[0], bare, TEXT[-1]]))[0])[1]
    assert (shown["id"], shown["model"]) == ("c-1", "openai/gpt-1")


def test_values_of_other_types_are_tolerated() -> None:
    odd = {"id": 7, "model": "gpt-1", "created": "now", "choices": [{"index": "0", "delta": {"content": "x"}}]}
    assert events(through(sse([odd, TEXT[-1]]))[0])[0]["model"] == "openai/gpt-1"


RESPONSE = {"id": "resp_1", "object": "response", "model": "gpt-1", "status": "in_progress", "usage": None}
ENDED = {**RESPONSE, "status": "completed", "usage": {"input_tokens": 3, "output_tokens": 4, "total_tokens": 7}}


def typed(*bodies: Json) -> bytes:
    return b"".join(b"event: %b\ndata: %b\n\n" % (body["type"].encode(), dumps(body)) for body in bodies)


RESPONSES = typed(
    {"type": "response.created", "response": RESPONSE, "sequence_number": 0},
    {"type": "response.output_text.delta", "delta": '"model":"gpt-1"\n\né', "sequence_number": 1},
    {"type": "response.completed", "response": ENDED, "sequence_number": 2},
)


def test_events_of_a_response_get_the_prefix_inside_the_response_only() -> None:
    out, metadata = through(RESPONSES, operation=Operation.RESPONSES)
    assert out == RESPONSES.replace(b'"model":"gpt-1","status"', b'"model":"openai/gpt-1","status"')
    assert (metadata.id, metadata.finish_reasons) == ("resp_1", {0: "stop"})
    assert metadata.usage is not None
    assert metadata.usage.total == 7


@settings(max_examples=40, deadline=None)
@given(st.sets(st.integers(1, len(RESPONSES) - 1), max_size=8), st.booleans())
def test_any_cut_of_typed_events_gives_the_same_stream(cuts: set[int], crlf: bool) -> None:
    data = RESPONSES.replace(b"\n", b"\r\n") if crlf else RESPONSES
    places = sorted(cuts)
    assert through(data, operation=Operation.RESPONSES, cuts=places) == through(
        RESPONSES, operation=Operation.RESPONSES
    )


def test_a_response_without_its_last_event_is_truncated() -> None:
    with pytest.raises(UpstreamTruncated):
        through(RESPONSES[: RESPONSES.rindex(b"event:")], operation=Operation.RESPONSES)


def test_a_transcript_passes_with_its_end_mark() -> None:
    data = sse([{"type": "transcript.text.delta", "delta": "a"}, {"type": "transcript.text.done", "text": "a"}])
    assert through(data, operation=Operation.AUDIO_TRANSCRIPTIONS)[0] == data


FAILURES = (
    {"type": "error", "code": "rate_limit_exceeded", "message": "slow down", "param": None, "sequence_number": 1},
    {"type": "error", "error": {"type": "rate_limit_error", "code": "rate_limit_exceeded", "message": "slow down"}},
)


@pytest.mark.parametrize("event", FAILURES)
@pytest.mark.parametrize("operation", [Operation.RESPONSES, Operation.AUDIO_SPEECH, Operation.IMAGES_GENERATIONS])
def test_an_error_among_typed_events_is_raised_after_what_came_before(event: Json, operation: Operation) -> None:
    before = typed({"type": "speech.audio.delta", "audio": "a"})
    stream = stream_bytes(operation, provider="openai", sent=UpstreamRequest(b""))
    assert stream.feed(before + typed(event, {"type": "speech.audio.done"})) == before
    assert isinstance(stream.failure, UpstreamError)
    assert (stream.failure.status, stream.failure.code) == (429, "rate_limit_exceeded")
    assert stream.failure.message == "slow down"


def test_an_error_object_without_a_type_is_an_error_among_typed_events_too() -> None:
    stream = stream_bytes(Operation.AUDIO_SPEECH, provider="openai", sent=UpstreamRequest(b""))
    assert stream.feed(sse([{"error": {"message": "lost", "type": "server_error"}}], done=False)) == b""
    assert stream.failure is not None
    assert stream.failure.status == 500


def test_a_failed_response_is_an_answer_of_its_own() -> None:
    failed = typed({"type": "response.failed", "response": {**RESPONSE, "error": {"code": "server_error"}}})
    assert through(failed, operation=Operation.RESPONSES)[0].startswith(b"event: response.failed")


def test_the_first_delta_of_each_choice_has_its_role() -> None:
    def chunk(index: int, text: str, **delta: Any) -> Json:
        return {"id": "1", "model": "m", "choices": [{"index": index, "delta": {"content": text, **delta}}]}

    ends = [{"id": "1", "model": "m", "choices": [{"index": i, "delta": {}, "finish_reason": "stop"}]} for i in (0, 1)]
    out, _ = through(sse([chunk(0, "a", role=None), chunk(1, "b"), chunk(0, "c"), *ends]))
    chunks = [loads(event.removeprefix(b"data: ")) for event in out.split(b"\n\n")[:-2]]
    roles = [choice["delta"].get("role") for chunk in chunks for choice in chunk["choices"]]
    assert roles == ["assistant", "assistant", None, None, None]


def test_the_ids_of_a_responses_items_are_noted() -> None:
    output = b'[{"id":"rs_1"},{"id":"ci_1","container_id":"cntr_1"},{"id":"ci_2","container_id":"cntr_1"},{"type":"x"}]'
    body = b'{"id":"resp_1","model":"m","output":' + output + b"}"
    assert whole(body, provider="openai").metadata.item_ids == ["rs_1", "ci_1", "cntr_1", "ci_2"]
    stream = stream_bytes(Operation.RESPONSES, provider="openai", sent=UpstreamRequest(b""))
    stream.feed(b'event: response.completed\ndata: {"type":"response.completed","response":' + body + b"}\n\n")
    stream.close()
    assert stream.metadata.item_ids == ["rs_1", "ci_1", "cntr_1", "ci_2"]


@pytest.mark.parametrize("output", [b"null", b'"x"', b"[1]", b'[{"id":1}]'])
def test_an_odd_output_has_no_ids(output: bytes) -> None:
    assert whole(b'{"id":"resp_1","output":' + output + b"}", provider="openai").metadata.item_ids == []
