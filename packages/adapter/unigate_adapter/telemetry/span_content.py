"""What was said in a call, for operators who want it in their traces: OpenAI's formats → the conventions' messages.

https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-spans/#recording-content-on-attributes
Media that came as bytes is named, not kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any

from unigate_core.json import Json, dumps_text, loads_object
from unigate_core.sse import EventDecoder

LIMIT = 1 << 20
"""Bytes of an answer that are kept until its span ends; what comes after them is left out."""
_TEXT = {"text": "text", "input_text": "text", "output_text": "text", "refusal": "refusal"}
_MODALITY = {"image_url": "image", "input_image": "image", "input_audio": "audio"}
# whatever clients and vendors may write, it is no reason to fail a call
_MALFORMED = (ValueError, TypeError, AttributeError, KeyError)
_FINISH = {"tool_calls": "tool_call", "function_call": "tool_call"}


class Content:
    """One call's request and what has come of its answer. Both are in OpenAI's format."""

    __slots__ = ("_answer", "_left", "_operation", "_request")

    def __init__(self, request: bytes, operation: str) -> None:
        """`operation` is chat, completions or responses; others have no messages."""
        self._request = request
        self._operation = operation
        self._answer: list[bytes] = []
        self._left = LIMIT

    def add(self, data: bytes) -> None:
        """Take a part of the answer, or all of it."""
        if self._left > 0:
            self._answer.append(data[: self._left])
            self._left -= len(data)

    def attributes(self) -> dict[str, str]:
        """The attributes of the span. Empty for what cannot be read."""
        found: dict[str, list[Json]] = {}
        with suppress(*_MALFORMED):
            found |= _asked(loads_object(self._request), self._operation)
        with suppress(*_MALFORMED):
            found["gen_ai.output.messages"] = list(_answered(b"".join(self._answer), self._operation))
        return {name: dumps_text(value) for name, value in found.items() if value}


def _asked(request: Json, operation: str) -> dict[str, list[Json]]:
    if operation == "chat":
        return {"gen_ai.input.messages": [_message(each) for each in request.get("messages") or ()]}
    if operation == "completions":
        prompt = request.get("prompt")
        texts = [prompt] if isinstance(prompt, str) else prompt or ()
        return {"gen_ai.input.messages": [_message({"role": "user", "content": each}) for each in texts]}
    if operation != "responses":
        return {}
    given = request.get("input") or []
    items = [{"role": "user", "content": given}] if isinstance(given, str) else given
    return {
        "gen_ai.system_instructions": list(_parts(request.get("instructions"))),
        "gen_ai.input.messages": [_item(each) for each in items],
    }


def _answered(answer: bytes, operation: str) -> Iterator[Json]:
    """The messages of an answer, whole or streamed."""
    if operation not in ("chat", "completions", "responses") or not answer:
        return
    whole = answer.lstrip().startswith(b"{")
    if operation == "completions":
        for choice in _texts([loads_object(answer)] if whole else _events(answer)):
            yield {**_message({"content": choice["text"]}), "finish_reason": choice["finish_reason"]}
        return
    if operation == "chat":
        choices = loads_object(answer)["choices"] if whole else _folded(_events(answer))
        for choice in choices:
            reason = choice.get("finish_reason") or ""
            yield {**_message(choice["message"]), "finish_reason": _FINISH.get(reason, reason)}
        return
    ends = [loads_object(answer)] if whole else [event["response"] for event in _events(answer) if "response" in event]
    for response in ends[-1:]:
        for item in response.get("output") or ():
            yield _item(item)


def _events(answer: bytes) -> Iterator[Json]:
    for data in EventDecoder().feed(answer):
        if data.startswith(b"{"):
            yield loads_object(data)


def _texts(completions: Iterable[Json]) -> list[Json]:
    """The choices of a completion, which is whole or in pieces."""
    choices: dict[int, Json] = {}
    for piece in completions:
        for found in piece.get("choices") or ():
            choice = choices.setdefault(found.get("index") or 0, {"text": "", "finish_reason": ""})
            choice["text"] += found.get("text") or ""
            choice["finish_reason"] = found.get("finish_reason") or choice["finish_reason"]
    return [choices[index] for index in sorted(choices)]


def _folded(chunks: Iterable[Json]) -> list[Json]:
    """The choices of a stream of chunks."""
    choices: dict[int, Json] = {}
    for chunk in chunks:
        for found in chunk.get("choices") or ():
            choice = choices.setdefault(found.get("index") or 0, {"message": {"role": "assistant", "tool_calls": {}}})
            choice["finish_reason"] = found.get("finish_reason") or choice.get("finish_reason")
            message, delta = choice["message"], found.get("delta") or {}
            for name in ("content", "reasoning_content", "refusal"):
                if delta.get(name):
                    message[name] = message.get(name, "") + delta[name]
            for part in delta.get("tool_calls") or ():
                call = message["tool_calls"].setdefault(
                    part.get("index") or 0, {"function": {"name": "", "arguments": ""}}
                )
                call["id"] = part.get("id") or call.get("id")
                for name, text in (part.get("function") or {}).items():
                    call["function"][name] = call["function"].get(name, "") + (text or "")
    for choice in choices.values():
        choice["message"]["tool_calls"] = list(choice["message"]["tool_calls"].values())
    return [choices[index] for index in sorted(choices)]


def _message(message: Json) -> Json:
    """A message of chat completions."""
    role = message.get("role", "assistant")
    if role == "tool":
        response = {"type": "tool_call_response", "id": message.get("tool_call_id"), "response": message.get("content")}
        return {"role": role, "parts": [response]}
    reasoning = message.get("reasoning_content")
    parts = [{"type": "reasoning", "content": reasoning}] if reasoning else []
    parts += _parts(message.get("content"))
    parts += _parts(message.get("refusal"))
    for call in message.get("tool_calls") or ():
        function = call.get("function") or call.get("custom") or {}
        parts.append(_call(call.get("id"), function.get("name"), function.get("arguments", function.get("input"))))
    return {"role": "system" if role == "developer" else role, "parts": parts}


def _item(item: Json) -> Json:
    """An input or output item of the Responses API."""
    kind = item.get("type", "message")
    if kind in ("function_call", "custom_tool_call"):
        call = _call(item.get("call_id"), item.get("name"), item.get("arguments", item.get("input")))
        return {"role": "assistant", "parts": [call]}
    if kind in ("function_call_output", "custom_tool_call_output"):
        response = {"type": "tool_call_response", "id": item.get("call_id"), "response": item.get("output")}
        return {"role": "tool", "parts": [response]}
    if kind == "reasoning":
        texts = [each.get("text") for each in (item.get("summary") or []) + (item.get("content") or [])]
        return {"role": "assistant", "parts": [{"type": "reasoning", "content": text} for text in texts]}
    if kind != "message":
        return {"role": "assistant", "parts": [{"type": kind}]}
    role = item.get("role", "user")
    return {"role": "system" if role == "developer" else role, "parts": list(_parts(item.get("content")))}


def _call(call_id: Any, name: Any, arguments: Any) -> Json:
    return {"type": "tool_call", "id": call_id, "name": name, "arguments": arguments}


def _parts(content: Any) -> Iterator[Json]:
    """A text, or content parts of either API."""
    if isinstance(content, str):
        yield {"type": "text", "content": content}
        return
    for part in content or ():
        kind = part.get("type")
        if kind in _TEXT:
            yield {"type": "text", "content": part.get(_TEXT[kind])}
            continue
        url = part.get("image_url")
        url = url.get("url") if isinstance(url, dict) else url
        modality = {"modality": _MODALITY[kind]} if kind in _MODALITY else {}
        if url and not url.startswith("data:"):
            yield {"type": "uri", **modality, "uri": url}
        else:
            yield {"type": "blob" if modality else str(kind), **modality}
