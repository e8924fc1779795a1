"""Neutral events → chat.completion.chunk stream. https://platform.openai.com/docs/api-reference/chat-streaming

Role first, one id in all chunks, dense tool indices, one finish per choice, usage last, then [DONE].
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from unigate_core import sse
from unigate_core.errors import GatewayError, UpstreamProtocol
from unigate_core.json import dumps, loads
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
    ToolEnd,
    Usage,
)
from unigate_formats.neutral.request import ChatRequest
from unigate_formats.openai_chat.encode_usage import chat_usage


class _Choice(msgspec.Struct):
    """What must be remembered of one choice while it streams."""

    opened: bool = False
    finished: bool = False
    details: int = 0
    annotations: list[dict[str, Any]] = msgspec.field(default_factory=list)
    citations: list[Any] = msgspec.field(default_factory=list)
    custom: dict[int, list[str]] = msgspec.field(default_factory=dict)


class ChatStreamEncoder:
    """Chunks of a streamed chat completion. `created` is used when the vendor reports no time of its own."""

    def __init__(self, chat: ChatRequest, *, provider: str, created: int, fallback_id: str) -> None:
        self._chat = chat
        self._provider = provider
        self._created = created
        self._fallback_id = fallback_id
        self._custom_names = custom_names(chat)
        self._choices: dict[int, _Choice] = {}
        self._head = b""
        self._tail = b',"usage":null}\n\n' if chat.include_usage else b"}\n\n"

    def write(self, events: Iterable[Event]) -> bytes:
        """The chunks of these events."""
        out: list[bytes] = []
        for event in events:
            match event:
                case Text(text, choice):
                    self._delta(out, choice, b'{"content":' + dumps(text) + b"}")
                case ToolArguments(index, text, choice):
                    self._arguments(out, index, text, choice)
                case Reasoning(text, choice):
                    self._delta(out, choice, b'{"reasoning_content":' + dumps(text) + b"}")
                case Start():
                    self._start(event)
                case Usage():
                    pass
                case _:
                    self._rare(out, event)
        return b"".join(out)

    def close(self, usage: Usage | None) -> bytes:
        """Usage, if it was asked for, and the end mark."""
        if usage is None or not self._chat.include_usage:
            return sse.DONE
        return b'%b,"choices":[],"usage":%b}\n\n' % (self._prefix(), dumps(chat_usage(usage))) + sse.DONE

    def stored(self) -> None:
        """Chat completions are not stored."""

    def fail(self, error: GatewayError) -> bytes:
        """An error object in place of a chunk; the stream ends without [DONE]."""
        return sse.frame(dumps(error.to_openai()))

    def _rare(self, out: list[bytes], event: Event) -> None:
        match event:
            case ToolCall():
                self._call(out, event)
            case ToolEnd(index, choice):
                self._end_call(out, index, choice)
            case Finish(reason, choice):
                self._finish(out, reason, choice)
            case Refusal(text, choice):
                self._delta(out, choice, b'{"refusal":' + dumps(text) + b"}")
            case ReasoningBlock():
                state = self._choice(event.choice)
                self._delta(out, event.choice, dumps({"reasoning_details": [reasoning_detail(event, state.details)]}))
                state.details += 1
            case Logprobs(content, choice):
                self._logprobs(out, content, choice)
            case Media():
                self._delta(out, event.choice, dumps({"images": [image(event)]}))
            case Citation():
                self._choice(event.choice).annotations.append(annotation(event))
            case NativeCitation(value, choice):
                self._choice(choice).citations.append(value)

    def _start(self, event: Start) -> None:
        if not self._head:
            self._head = b"data: " + dumps(self._envelope(event))[:-1]

    def _envelope(self, event: Start) -> dict[str, Any]:
        """The members that all chunks have in common."""
        head: dict[str, Any] = {
            "id": chat_id(event.id or self._fallback_id),
            "object": "chat.completion.chunk",
            "created": event.created or self._created,
            "model": f"{self._provider}/{event.model or self._chat.model}",
        }
        if event.service_tier:
            head["service_tier"] = event.service_tier
        if event.system_fingerprint:
            head["system_fingerprint"] = event.system_fingerprint
        return head

    def _prefix(self) -> bytes:
        if not self._head:
            self._start(Start(id="", model=""))
        return self._head

    def _choice(self, index: int) -> _Choice:
        state = self._choices.get(index)
        if state is None:
            state = self._choices[index] = _Choice()
        return state

    def _delta(self, out: list[bytes], choice: int, delta: bytes, *, first_content: bytes = b'""') -> None:
        state = self._choice(choice)
        if state.finished:
            raise UpstreamProtocol("The provider sent data after the end of its answer.")
        if not state.opened:
            state.opened = True
            self._chunk(out, choice, b'{"role":"assistant","content":' + first_content + b',"refusal":null}')
        self._chunk(out, choice, delta)

    def _chunk(
        self, out: list[bytes], choice: int, delta: bytes, finish: bytes = b"null", logprobs: bytes = b"null"
    ) -> None:
        out.append(
            b'%b,"choices":[{"index":%d,"delta":%b,"logprobs":%b,"finish_reason":%b}]%b'
            % (self._prefix(), choice, delta, logprobs, finish, self._tail)
        )

    def _call(self, out: list[bytes], call: ToolCall) -> None:
        if call.name in self._custom_names:
            self._choice(call.choice).custom[call.index] = []
            item: dict[str, Any] = {"index": call.index, "id": call.id, "type": "custom"}
            item["custom"] = {"name": call.name, "input": ""}
        elif self._chat.legacy_functions:
            delta = dumps({"function_call": {"name": call.name, "arguments": ""}})
            self._delta(out, call.choice, delta, first_content=b"null")
            return
        else:
            item = {"index": call.index, "id": call.id, "type": "function"}
            item["function"] = {"name": call.name, "arguments": ""}
        if call.signature:
            item["extra_content"] = extra_content(call.signature)
        self._delta(out, call.choice, dumps({"tool_calls": [item]}), first_content=b"null")

    def _arguments(self, out: list[bytes], index: int, text: str, choice: int) -> None:
        custom = self._choice(choice).custom.get(index)
        if custom is not None:
            custom.append(text)
        elif self._chat.legacy_functions:
            self._delta(out, choice, b'{"function_call":{"arguments":' + dumps(text) + b"}}")
        else:
            self._delta(
                out,
                choice,
                b'{"tool_calls":[{"index":%d,"function":{"arguments":%b}}]}' % (index, dumps(text)),
            )

    def _end_call(self, out: list[bytes], index: int, choice: int) -> None:
        pieces = self._choice(choice).custom.pop(index, None)
        if pieces is not None:
            item = {"index": index, "custom": {"input": custom_input("".join(pieces))}}
            self._delta(out, choice, dumps({"tool_calls": [item]}))

    def _finish(self, out: list[bytes], reason: str, choice: int) -> None:
        state = self._choice(choice)
        for index in list(state.custom):
            self._end_call(out, index, choice)
        extra: dict[str, Any] = {}
        if state.annotations:
            extra["annotations"] = state.annotations
        if state.citations:
            extra["citations"] = state.citations
        if extra:
            self._delta(out, choice, dumps(extra))
        if not state.opened:
            self._delta(out, choice, b'{"content":""}')
        self._chunk(out, choice, b"{}", finish=dumps(finish_reason(reason, self._chat)))
        state.finished = True

    def _logprobs(self, out: list[bytes], content: list[Any], choice: int) -> None:
        # OpenAI sends them beside the text; as the text has gone out already they follow with an empty piece.
        if not self._choice(choice).opened:
            self._delta(out, choice, b'{"content":""}')
        self._chunk(out, choice, b'{"content":""}', logprobs=dumps({"content": content, "refusal": None}))


def chat_id(native: str) -> str:
    """OpenAI's form of an answer's id."""
    return native if native.startswith("chatcmpl-") else f"chatcmpl-{native}"


def custom_names(chat: ChatRequest) -> frozenset[str]:
    """Names of the request's custom tools."""
    return frozenset(tool.name for tool in chat.tools if tool.custom)


def custom_input(arguments: str) -> str:
    """The free text of a custom tool's call, which the model wrote as the one argument of a function."""
    try:
        value = loads(arguments)
    except ValueError:
        return arguments
    text = value.get("input") if isinstance(value, dict) else None
    return text if isinstance(text, str) else arguments


def finish_reason(reason: str, chat: ChatRequest) -> str:
    """The reason in the words of the request's own format."""
    return "function_call" if reason == "tool_calls" and chat.legacy_functions else reason


def reasoning_detail(block: ReasoningBlock, index: int) -> dict[str, Any]:
    """A thought block in the lossless form that clients may send back."""
    if block.data is not None:
        return {"type": "reasoning.encrypted", "data": block.data, "format": block.format, "index": index}
    return {
        "type": "reasoning.text",
        "text": block.text,
        "signature": block.signature,
        "format": block.format,
        "index": index,
    }


def annotation(citation: Citation) -> dict[str, Any]:
    """OpenAI's url_citation annotation."""
    return {
        "type": "url_citation",
        "url_citation": {
            "url": citation.url,
            "title": citation.title,
            "start_index": citation.start,
            "end_index": citation.end,
        },
    }


def image(media: Media) -> dict[str, Any]:
    """Generated media as a content part with a data URL."""
    made: dict[str, Any] = {
        "type": "image_url",
        "image_url": {"url": f"data:{media.media_type};base64,{media.data}"},
    }
    return made | {"extra_content": extra_content(media.signature)} if media.signature else made


def extra_content(signature: str) -> dict[str, Any]:
    """Where Google's own OpenAI layer keeps the signature of a call."""
    return {"google": {"thought_signature": signature}}
