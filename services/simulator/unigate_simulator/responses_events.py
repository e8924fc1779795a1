"""An answer → OpenAI's Responses API: the response object, and the events it is streamed as.

https://platform.openai.com/docs/api-reference/responses-streaming — DeepSeek speaks the same with ids of another make.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from unigate_simulator.behaviour import Answer, Finish
from unigate_simulator.wire import Object, dumps, grouped, sse, token

_ECHOED: Final[Mapping[str, object]] = {
    "background": False,
    "frequency_penalty": 0.0,
    "instructions": None,
    "max_output_tokens": None,
    "max_tool_calls": None,
    "parallel_tool_calls": True,
    "presence_penalty": 0.0,
    "previous_response_id": None,
    "prompt_cache_key": None,
    "prompt_cache_retention": None,
    "safety_identifier": None,
    "temperature": 1.0,
    "tool_choice": "auto",
    "top_logprobs": 0,
    "top_p": 1.0,
    "truncation": "disabled",
    "user": None,
}


@dataclass(frozen=True, slots=True)
class Dialect:
    """Where the vendors of this format differ."""

    ident: Callable[[str], str]
    """An id for an item, by OpenAI's prefix for it: `resp_`, `rs_`, `msg_`, `fc_`."""
    call_ident: Callable[[int], str]
    reasoning_readable: bool
    """Reasoning is given as text; else as a summary, when one is asked for, and encrypted content."""
    obfuscated: bool = True
    """Deltas carry noise that hides their length."""
    message: Mapping[str, object] = field(default_factory=dict)
    """Further fields of a message item."""
    input_details: Mapping[str, int] = field(default_factory=dict)
    """Further counts in the details of input tokens."""
    extra: Mapping[str, object] = field(default_factory=dict)


@dataclass(slots=True)
class Response:
    """One response, as it grows. The items are made once, so that the stream and its last event agree."""

    body: Object
    answer: Answer
    dialect: Dialect
    model: str
    id: str = ""
    created: int = field(default_factory=lambda: int(time.time()))
    items: list[Object] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.id = self.dialect.ident("resp_")
        self.items = list(self._items())

    def _items(self) -> Iterator[Object]:
        answer, ident = self.answer, self.dialect.ident
        if answer.reasoning:
            yield self._reasoning(ident("rs_"))
        for number, call in enumerate(answer.calls):
            yield {
                "id": ident("fc_"),
                "type": "function_call",
                "status": "completed",
                "arguments": dumps(call.arguments).decode(),
                "call_id": self.dialect.call_ident(number),
                "name": call.name,
            }
        if not answer.calls and not (answer.finish is Finish.LENGTH and not answer.text):
            part: Object = {"type": "output_text", "annotations": [], "logprobs": [], "text": answer.text}
            if answer.refused:
                part = {"type": "refusal", "refusal": answer.text}
            status = "incomplete" if answer.finish is Finish.LENGTH else "completed"
            yield {
                "id": ident("msg_"),
                "type": "message",
                "status": status,
                "content": [part],
                **self.dialect.message,
                "role": "assistant",
            }

    def _reasoning(self, ident: str) -> Object:
        text = self.answer.reasoning
        if self.dialect.reasoning_readable:
            content = [{"type": "reasoning_text", "text": text}]
            return {"type": "reasoning", "id": ident, "status": "completed", "content": content, "summary": []}
        wanted = (self.body.get("reasoning") or {}).get("summary") is not None
        item: Object = {
            "id": ident,
            "type": "reasoning",
            "summary": [{"type": "summary_text", "text": text}] if wanted else [],
        }
        if "reasoning.encrypted_content" in (self.body.get("include") or []):
            item["encrypted_content"] = "gAAAAAB" + token("", 120)
        return item

    def object(self, status: str | None = None) -> Object:
        """The response object; with a status, as it stands before the end."""
        answer = self.answer
        done = status is None
        reason = {Finish.LENGTH: "max_output_tokens", Finish.SAFETY: "content_filter"}.get(answer.finish)
        return {
            "id": self.id,
            "object": "response",
            "created_at": self.created,
            "status": status or ("incomplete" if reason else "completed"),
            **{key: self.body.get(key) if self.body.get(key) is not None else value for key, value in _ECHOED.items()},
            "completed_at": self.created if done and not reason else None,
            "error": None,
            "incomplete_details": {"reason": reason} if done and reason else None,
            "metadata": self.body.get("metadata") or {},
            "model": self.model,
            "moderation": None,
            "output": self.items if done else [],
            "reasoning": {"effort": None, "summary": None} | (self.body.get("reasoning") or {}),
            "service_tier": "default",
            "store": self.body.get("store", True),
            "text": {"format": {"type": "text"}, "verbosity": "medium"} | (self.body.get("text") or {}),
            "tools": self.body.get("tools") or [],
            "usage": self._usage() if done else None,
            **self.dialect.extra,
        }

    def _usage(self) -> Object:
        answer = self.answer
        return {
            "input_tokens": answer.input_tokens,
            "input_tokens_details": {"cached_tokens": 0, **self.dialect.input_details},
            "output_tokens": answer.output_tokens,
            "output_tokens_details": {"reasoning_tokens": answer.reasoning_tokens},
            "total_tokens": answer.input_tokens + answer.output_tokens,
        }

    def events(self) -> Iterator[bytes]:
        """The stream: created, in progress, each item as it grows, and the end."""
        for number, event in enumerate(self._plain_events()):
            yield sse(dumps({**event, "sequence_number": number}), event["type"])

    def _plain_events(self) -> Iterator[Object]:
        yield {"type": "response.created", "response": self.object("in_progress")}
        yield {"type": "response.in_progress", "response": self.object("in_progress")}
        for index, item in enumerate(self.items):
            yield {"type": "response.output_item.added", "item": _begun(item), "output_index": index}
            for event in _GROWTH[item["type"]](item):
                hidden = self.dialect.obfuscated and event["type"].endswith(".delta")
                noise = {"obfuscation": token("", 8)} if hidden else {}
                yield {**event, "item_id": item["id"], **noise, "output_index": index}
            yield {"type": "response.output_item.done", "item": item, "output_index": index}
        final = self.object()
        yield {"type": f"response.{final['status']}", "response": final}


def _begun(item: Object) -> Object:
    match item["type"]:
        case "function_call":
            return {**item, "status": "in_progress", "arguments": ""}
        case "message":
            return {**item, "status": "in_progress", "content": []}
    begun = {**item, "summary": []}
    return begun | {"status": "in_progress", "content": []} if "content" in item else begun


def _call_events(item: Object) -> Iterator[Object]:
    kind = "response.function_call_arguments"
    for piece in grouped(item["arguments"], 2):
        yield {"type": f"{kind}.delta", "delta": piece}
    yield {"type": f"{kind}.done", "arguments": item["arguments"]}


def _message_events(item: Object) -> Iterator[Object]:
    part = item["content"][0]
    kind, key = ("output_text", "text") if part["type"] == "output_text" else ("refusal", "refusal")
    logprobs: Object = {"logprobs": []} if kind == "output_text" else {}
    yield {"type": "response.content_part.added", "content_index": 0, "part": {**part, key: ""}}
    for piece in grouped(part[key], 1):
        yield {
            "type": f"response.{kind}.delta",
            "content_index": 0,
            "delta": piece,
            **logprobs,
        }
    yield {"type": f"response.{kind}.done", "content_index": 0, **logprobs, key: part[key]}
    yield {"type": "response.content_part.done", "content_index": 0, "part": part}


def _reasoning_events(item: Object) -> Iterator[Object]:
    if content := item.get("content"):
        text = content[0]["text"]
        yield {"type": "response.content_part.added", "content_index": 0, "part": {**content[0], "text": ""}}
        for piece in grouped(text, 1):
            yield {"type": "response.reasoning_text.delta", "content_index": 0, "delta": piece}
        yield {"type": "response.reasoning_text.done", "content_index": 0, "text": text}
        yield {"type": "response.content_part.done", "content_index": 0, "part": content[0]}
    for index, part in enumerate(item["summary"]):
        yield {"type": "response.reasoning_summary_part.added", "summary_index": index, "part": {**part, "text": ""}}
        for piece in grouped(part["text"], 2):
            yield {"type": "response.reasoning_summary_text.delta", "summary_index": index, "delta": piece}
        yield {"type": "response.reasoning_summary_text.done", "summary_index": index, "text": part["text"]}
        yield {"type": "response.reasoning_summary_part.done", "summary_index": index, "part": part}


_GROWTH: Final[Mapping[str, Callable[[Object], Iterator[Object]]]] = {
    "function_call": _call_events,
    "message": _message_events,
    "reasoning": _reasoning_events,
}
