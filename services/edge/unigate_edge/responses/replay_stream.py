"""A kept response → the events that it was streamed in, each text in one piece.

https://platform.openai.com/docs/api-reference/responses-streaming
"""

from __future__ import annotations

from collections.abc import Iterator

from unigate_core.json import Json, dumps

Event = tuple[str, Json]

_TEXTS = {
    "output_text": ("output_text", "text"),
    "refusal": ("refusal", "refusal"),
}
_PHASES = {
    "web_search_call": ("in_progress", "searching", "completed"),
    "code_interpreter_call": ("in_progress", "interpreting", "completed"),
    "image_generation_call": ("in_progress", "generating", "completed"),
}
_EMPTY: Json = {"content": [], "summary": [], "arguments": "", "input": "", "code": "", "result": None}
"""What an item has in place of its content before anything of it was known."""


def event_stream(response: Json, *, starting_after: int | None) -> bytes:
    """The stream's bytes, from the event after this sequence number on."""
    first = 0 if starting_after is None else starting_after + 1
    frames = []
    for number, (kind, members) in enumerate(_events(response)):
        if number >= first:
            data = dumps({"type": f"response.{kind}", **members, "sequence_number": number})
            frames.append(b"event: response.%b\ndata: %b\n\n" % (kind.encode(), data))
    return b"".join(frames)


def _events(response: Json) -> Iterator[Event]:
    begun = {**response, "status": "in_progress", "output": [], "usage": None}
    begun |= {"completed_at": None, "incomplete_details": None}
    yield "created", {"response": begun}
    yield "in_progress", {"response": begun}
    for index, item in enumerate(response["output"]):
        yield from _item(item, index)
    yield response["status"], {"response": response}


def _item(item: Json, index: int) -> Iterator[Event]:
    place = {"item_id": item["id"], "output_index": index}
    yield "output_item.added", {"item": _begun(item), "output_index": index}
    match item["type"]:
        case "message":
            for number, part in enumerate(item["content"]):
                yield from _part(part, {**place, "content_index": number})
        case "reasoning":
            for number, part in enumerate(item["summary"]):
                yield from _summary(part, {**place, "summary_index": number})
        case "function_call":
            yield "function_call_arguments.delta", {**place, "delta": item["arguments"]}
            done = {**place, "arguments": item["arguments"], "name": item["name"]}
            yield "function_call_arguments.done", done
        case "custom_tool_call":
            yield "custom_tool_call_input.delta", {**place, "delta": item["input"]}
            yield "custom_tool_call_input.done", {**place, "input": item["input"]}
        case kind if kind in _PHASES:
            yield from ((f"{kind}.{phase}", place) for phase in _PHASES[kind])
    yield "output_item.done", {"item": item, "output_index": index}


def _part(part: Json, place: Json) -> Iterator[Event]:
    kind, member = _TEXTS[part["type"]]
    beside: Json = {"logprobs": []} if kind == "output_text" else {}
    begun = {**part, member: ""}
    if kind == "output_text":
        begun |= {"annotations": [], "logprobs": []}
    yield "content_part.added", {**place, "part": begun}
    yield f"{kind}.delta", {**place, **beside, "delta": part[member]}
    for number, annotation in enumerate(part.get("annotations") or ()):
        yield "output_text.annotation.added", {**place, "annotation": annotation, "annotation_index": number}
    yield f"{kind}.done", {**place, **beside, member: part[member]}
    yield "content_part.done", {**place, "part": part}


def _summary(part: Json, place: Json) -> Iterator[Event]:
    yield "reasoning_summary_part.added", {**place, "part": {**part, "text": ""}}
    yield "reasoning_summary_text.delta", {**place, "delta": part["text"]}
    yield "reasoning_summary_text.done", {**place, "text": part["text"]}
    yield "reasoning_summary_part.done", {**place, "part": part}


def _begun(item: Json) -> Json:
    """The item as it was before anything of it was known."""
    begun = dict(item)
    for name, empty in _EMPTY.items():
        if name in begun:
            begun[name] = empty
    if "status" in begun:
        begun["status"] = "in_progress"
    return begun
