"""Neutral events → one chat.completion. https://platform.openai.com/docs/api-reference/chat/object"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from unigate_core.errors import GatewayError, UpstreamProtocol
from unigate_core.json import dumps
from unigate_formats.neutral.events import (
    Citation,
    Event,
    Finish,
    Logprobs,
    Media,
    NativeCitation,
    Reasoning,
    ReasoningBlock,
    Refusal,
    Start,
    Text,
    ToolArguments,
    ToolCall,
    Usage,
)
from unigate_formats.neutral.request import ChatRequest
from unigate_formats.openai_chat.encode_stream import (
    annotation,
    chat_id,
    custom_input,
    custom_names,
    extra_content,
    finish_reason,
    image,
    reasoning_detail,
)
from unigate_formats.openai_chat.encode_usage import chat_usage


class _Choice(msgspec.Struct):
    text: list[str] = msgspec.field(default_factory=list)
    refusal: list[str] = msgspec.field(default_factory=list)
    reasoning: list[str] = msgspec.field(default_factory=list)
    details: list[dict[str, Any]] = msgspec.field(default_factory=list)
    calls: dict[int, tuple[ToolCall, list[str]]] = msgspec.field(default_factory=dict)
    annotations: list[dict[str, Any]] = msgspec.field(default_factory=list)
    citations: list[Any] = msgspec.field(default_factory=list)
    images: list[dict[str, Any]] = msgspec.field(default_factory=list)
    logprobs: list[Any] = msgspec.field(default_factory=list)
    finish: str | None = None


class ChatAnswerEncoder:
    """Gathers a whole chat completion; all its bytes come from `close`."""

    def __init__(self, chat: ChatRequest, *, provider: str, created: int, fallback_id: str) -> None:
        self._chat = chat
        self._provider = provider
        self._created = created
        self._fallback_id = fallback_id
        self._custom_names = custom_names(chat)
        self._start = Start(id="", model="")
        self._started = False
        self._choices: dict[int, _Choice] = {}

    def write(self, events: Iterable[Event]) -> bytes:
        """Gather."""
        for event in events:
            if isinstance(event, Start):
                if not self._started:
                    self._start, self._started = event, True
            elif not isinstance(event, Usage):
                self._gather(event)
        return b""

    def close(self, usage: Usage | None) -> bytes:
        """The chat completion object. Raises UpstreamProtocol when a choice never finished."""
        return dumps(self._answer_object(usage))

    def _answer_object(self, usage: Usage | None) -> dict[str, Any]:
        start = self._start
        whole: dict[str, Any] = {
            "id": chat_id(start.id or self._fallback_id),
            "object": "chat.completion",
            "created": start.created or self._created,
            "model": f"{self._provider}/{start.model or self._chat.model}",
            "choices": [self._choice_object(index, self._choices[index]) for index in sorted(self._choices)],
        }
        if usage is not None:
            whole["usage"] = chat_usage(usage)
        if start.service_tier:
            whole["service_tier"] = start.service_tier
        if start.system_fingerprint:
            whole["system_fingerprint"] = start.system_fingerprint
        return whole

    def stored(self) -> None:
        """Chat completions are not stored."""

    def fail(self, error: GatewayError) -> bytes:
        """A whole answer fails as a whole."""
        raise error

    def _gather(self, event: Event) -> None:
        match event:
            case Text(text, choice):
                self._choice(choice).text.append(text)
            case Reasoning(text, choice):
                self._choice(choice).reasoning.append(text)
            case ReasoningBlock():
                details = self._choice(event.choice).details
                details.append(reasoning_detail(event, len(details)))
            case ToolCall():
                self._choice(event.choice).calls[event.index] = (event, [])
            case ToolArguments(index, text, choice):
                self._choice(choice).calls[index][1].append(text)
            case Finish(reason, choice):
                self._choice(choice).finish = finish_reason(reason, self._chat)
            case Refusal(text, choice):
                self._choice(choice).refusal.append(text)
            case Citation():
                self._choice(event.choice).annotations.append(annotation(event))
            case NativeCitation(value, choice):
                self._choice(choice).citations.append(value)
            case Media():
                self._choice(event.choice).images.append(image(event))
            case Logprobs(content, choice):
                self._choice(choice).logprobs.extend(content)

    def _choice(self, index: int) -> _Choice:
        state = self._choices.get(index)
        if state is None:
            state = self._choices[index] = _Choice()
        return state

    def _choice_object(self, index: int, choice: _Choice) -> dict[str, Any]:
        if choice.finish is None:
            raise UpstreamProtocol("The provider's answer has no end.")
        return {
            "index": index,
            "message": self._message(choice),
            "logprobs": {"content": choice.logprobs, "refusal": None} if choice.logprobs else None,
            "finish_reason": choice.finish,
        }

    def _message(self, choice: _Choice) -> dict[str, Any]:
        text = "".join(choice.text)
        message: dict[str, Any] = {
            "role": "assistant",
            "content": text or (None if choice.calls or choice.refusal else ""),
            "refusal": "".join(choice.refusal) or None,
            "annotations": choice.annotations,
        }
        calls = [self._call(call, "".join(pieces)) for call, pieces in choice.calls.values()]
        if calls and self._chat.legacy_functions:
            message["function_call"] = calls[0]["function"]
        elif calls:
            message["tool_calls"] = calls
        if choice.reasoning:
            message["reasoning_content"] = "".join(choice.reasoning)
        if choice.details:
            message["reasoning_details"] = choice.details
        if choice.images:
            message["images"] = choice.images
        if choice.citations:
            message["citations"] = choice.citations
        return message

    def _call(self, call: ToolCall, arguments: str) -> dict[str, Any]:
        if call.name in self._custom_names:
            item: dict[str, Any] = {"id": call.id, "type": "custom"}
            item["custom"] = {"name": call.name, "input": custom_input(arguments)}
        else:
            item = {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": arguments}}
        if call.signature:
            item["extra_content"] = extra_content(call.signature)
        return item
