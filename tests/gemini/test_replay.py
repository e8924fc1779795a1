"""Thought signatures find their way back to the part they belong to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from unigate_core.json import dumps, loads
from unigate_formats.gemini_generate_content.replay import SKIP_SIGNATURE
from unigate_formats.gemini_generate_content.request_state import RequestState
from unigate_formats.neutral.events import Event, ReasoningBlock, ReplayBlob, ToolCall
from unigate_formats.neutral.translation import NativeCall

OLDER = "gemini-2.5-flash"


def call(name: Any = "look", call_id: Any = "call_a", signature: Any = None) -> Any:
    item = {"id": call_id, "type": "function", "function": {"name": name, "arguments": "{}"}}
    extra = {"extra_content": {"google": {"thought_signature": signature}}}
    return item | extra if signature else item


def loop(*calls: Any, **more: Any) -> Any:
    return [
        {"role": "assistant", "content": None, "tool_calls": list(calls), **more},
        *[{"role": "tool", "tool_call_id": item["id"], "content": "ok"} for item in calls],
    ]


def user(text: Any = "Hi") -> Any:
    return {"role": "user", "content": text}


def signatures(native: Any) -> Any:
    return [[part.get("thoughtSignature") for part in content["parts"]] for content in native.body["contents"]]


def test_the_first_call_of_every_step_is_excused_when_no_signature_is_known(
    translate: Callable[..., NativeCall],
) -> None:
    native = translate([user(), *loop(call("a", "1"), call("b", "2")), *loop(call("c", "3"))])
    assert signatures(native) == [[None], [SKIP_SIGNATURE, None], [None, None], [SKIP_SIGNATURE], [None]]


def test_steps_of_earlier_turns_need_no_signature(translate: Callable[..., NativeCall]) -> None:
    native = translate([user(), *loop(call()), {"role": "assistant", "content": "Done."}, user("More")])
    assert SKIP_SIGNATURE not in dumps(native.body).decode()


def test_older_models_need_no_signature(translate: Callable[..., NativeCall]) -> None:
    assert SKIP_SIGNATURE not in dumps(translate([user(), *loop(call())], model=OLDER).body).decode()


def test_a_signature_kept_by_the_client_stands_on_its_call(translate: Callable[..., NativeCall]) -> None:
    native = translate([user(), *loop(call("a", "1", "sig-a"), call("b", "2"))])
    assert signatures(native)[1] == ["sig-a", None]


def test_a_signature_of_the_text_stands_on_the_text(translate: Callable[..., NativeCall]) -> None:
    detail = {"type": "reasoning.text", "text": "", "signature": "sig-t", "format": "google-v1", "index": 0}
    native = translate([user(), {"role": "assistant", "content": "Done.", "reasoning_details": [detail]}, user()])
    assert native.body["contents"][1]["parts"] == [{"text": "Done.", "thoughtSignature": "sig-t"}]


def test_a_signature_behind_the_text_stands_on_an_empty_part(translate: Callable[..., NativeCall]) -> None:
    detail = {"type": "reasoning.encrypted", "data": "sig-t", "format": "google-v1", "index": 0}
    native = translate([user(), {"role": "assistant", "content": "Done.", "reasoning_details": [detail]}, user()])
    assert native.body["contents"][1]["parts"] == [{"text": "Done."}, {"text": "", "thoughtSignature": "sig-t"}]


def test_a_thought_comes_back_as_a_thought(translate: Callable[..., NativeCall]) -> None:
    detail = {"type": "reasoning.text", "text": "Hm.", "signature": None, "format": "google-v1", "index": 0}
    native = translate([user(), {"role": "assistant", "content": "Done.", "reasoning_details": [detail]}, user()])
    assert native.body["contents"][1]["parts"] == [{"text": "Hm.", "thought": True}, {"text": "Done."}]


def test_thoughts_of_other_providers_are_dropped_and_noted(translate: Callable[..., NativeCall]) -> None:
    detail = {"type": "reasoning.text", "text": "Hm.", "signature": "s", "format": "anthropic-v1", "index": 0}
    native = translate([user(), *loop(call(call_id="toolu_1"), reasoning_details=[detail])])
    assert signatures(native)[1] == [SKIP_SIGNATURE]
    assert native.notes == ("thinking_dropped",)


def kept(
    whole: Callable[..., list[Event]],
    response: Callable[..., dict[str, Any]],
    of_type: Callable[..., list[Any]],
    *parts: Any,
    **state: Callable[..., RequestState],
) -> Any:
    events = whole(response(*parts), **state)
    return events, {keep.call_id: keep.blob for keep in of_type(events, ReplayBlob)}


def test_the_kept_turn_comes_back_verbatim_when_the_client_drops_everything(
    translate: Callable[..., NativeCall],
    whole: Callable[..., list[Event]],
    response: Callable[..., dict[str, Any]],
    of_type: Callable[..., list[Any]],
) -> None:
    search = {"id": "g1", "toolType": "GOOGLE_SEARCH_WEB"}
    parts = [
        {"text": "Hm.", "thought": True},
        {"thoughtSignature": "s1", "toolCall": {**search, "args": {"queries": ["q"]}}},
        {"thoughtSignature": "s2", "toolResponse": {**search, "response": {}}},
        {"functionCall": {"name": "look", "args": {}, "id": "abc"}, "thoughtSignature": "s3"},
        {"functionCall": {"name": "hear"}},
    ]  # fmt: skip
    events, replay = kept(whole, response, of_type, *parts)
    first, second = of_type(events, ToolCall)
    native = translate([user(), *loop(call("look", first.id), call("hear", second.id))], replay=replay)
    assert native.body["contents"][1]["parts"] == [
        *parts[:3],
        {"functionCall": {"id": first.id, "name": "look", "args": {}}, "thoughtSignature": "s3"},
        {"functionCall": {"id": second.id, "name": "hear", "args": {}}},
    ]


def test_a_changed_turn_keeps_the_signature_of_its_call_only(
    translate: Callable[..., NativeCall],
    whole: Callable[..., list[Event]],
    response: Callable[..., dict[str, Any]],
    of_type: Callable[..., list[Any]],
) -> None:
    parts = [{"text": "Look!"}, {"functionCall": {"name": "look", "args": {}}, "thoughtSignature": "s1"}]
    events, replay = kept(whole, response, of_type, *parts)
    [made] = of_type(events, ToolCall)
    native = translate([user(), *loop(call("look", made.id), content="Changed.")], replay=replay)
    assert native.body["contents"][1]["parts"] == [
        {"text": "Changed."},
        {"functionCall": {"id": made.id, "name": "look", "args": {}}, "thoughtSignature": "s1"},
    ]


def test_the_clients_signature_goes_before_the_kept_one(
    translate: Callable[..., NativeCall],
    whole: Callable[..., list[Event]],
    response: Callable[..., dict[str, Any]],
    of_type: Callable[..., list[Any]],
) -> None:
    events, replay = kept(whole, response, of_type, {"functionCall": {"name": "look"}, "thoughtSignature": "kept"})
    [made] = of_type(events, ToolCall)
    native = translate([user(), *loop(call("look", made.id, "client"))], replay=replay)
    assert signatures(native)[1] == ["client"]


def test_a_turn_without_signatures_is_not_kept(
    whole: Callable[..., list[Event]], response: Callable[..., dict[str, Any]], of_type: Callable[..., list[Any]]
) -> None:
    assert of_type(whole(response({"functionCall": {"name": "look"}})), ReplayBlob) == []


def test_pieces_of_streamed_text_are_kept_as_one_part(
    streamed: Callable[..., list[Event]], response: Callable[..., dict[str, Any]], of_type: Callable[..., list[Any]]
) -> None:
    events = streamed([
        response({"text": "Lo"}, finish=None),
        response({"text": "ok!"}, finish=None),
        response({"functionCall": {"name": "look"}, "thoughtSignature": "s1"}),
    ])  # fmt: skip
    [keep] = of_type(events, ReplayBlob)
    assert loads(keep.blob)[0] == {"text": "Look!"}


def test_a_trimmed_call_is_not_kept(
    whole: Callable[..., list[Event]], response: Callable[..., dict[str, Any]], of_type: Callable[..., list[Any]]
) -> None:
    parts = [{"functionCall": {"name": "a"}, "thoughtSignature": "s1"}, {"functionCall": {"name": "b"}}]
    [keep] = of_type(whole(response(*parts), parallel=False), ReplayBlob)
    assert [part["functionCall"]["name"] for part in loads(keep.blob)] == ["a"]


def test_a_signature_on_an_empty_last_part_goes_round(
    translate: Callable[..., NativeCall],
    streamed: Callable[..., list[Event]],
    response: Callable[..., dict[str, Any]],
    of_type: Callable[..., list[Any]],
) -> None:
    events = streamed([
        response({"text": "Done."}, finish=None),
        response({"text": "", "thoughtSignature": "sig-t"}),
    ])  # fmt: skip
    [block] = of_type(events, ReasoningBlock)
    assert (block.data, block.signature, block.text) == ("sig-t", None, "")
    detail = {"type": "reasoning.encrypted", "data": block.data, "format": block.format, "index": 0}
    native = translate([user(), {"role": "assistant", "content": "Done.", "reasoning_details": [detail]}, user()])
    assert native.body["contents"][1]["parts"] == [{"text": "Done."}, {"text": "", "thoughtSignature": "sig-t"}]


def test_a_blob_that_is_not_ours_is_as_good_as_none(translate: Callable[..., NativeCall]) -> None:
    native = translate([user(), *loop(call())], replay={"call_a": b"\xff no json"})
    assert signatures(native)[1] == [SKIP_SIGNATURE]
