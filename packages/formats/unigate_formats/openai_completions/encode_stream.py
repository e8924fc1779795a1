"""Neutral events → a stream of text_completion. https://platform.openai.com/docs/api-reference/completions/object"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from unigate_core import sse
from unigate_core.errors import GatewayError
from unigate_core.json import Json, dumps
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
    Usage,
)
from unigate_formats.neutral.request import ChatRequest
from unigate_formats.openai_chat.encode_stream import annotation, chat_id, finish_reason, image, reasoning_detail
from unigate_formats.openai_chat.encode_usage import chat_usage
from unigate_formats.openai_completions.encode_answer import completion_id, echoed_prompt, text_logprobs


class _Choice(msgspec.Struct):
    opened: bool = False
    offset: int = 0
    details: int = 0


class CompletionStreamEncoder:
    """Chunks of a streamed completion. `created` is used when the vendor reports no time of its own."""

    def __init__(
        self, chat: ChatRequest, *, provider: str, created: int, fallback_id: str, echoed: Sequence[str]
    ) -> None:
        """`echoed` are the prompts to repeat before the answers, in order; empty: none."""
        self._chat = chat
        self._provider = provider
        self._created = created
        self._fallback_id = fallback_id
        self._echoed = echoed
        self._envelope: Json = {}
        self._choices: dict[int, _Choice] = {}

    def write(self, events: Iterable[Event]) -> bytes:
        """The chunks of these events."""
        out: list[bytes] = []
        for event in events:
            if isinstance(event, Start):
                self._start(event)
            elif members := self._members(event):
                out.append(self._chunk(getattr(event, "choice", 0), members))
        return b"".join(out)

    def close(self, usage: Usage | None) -> bytes:
        """Usage, if it was asked for, and the end mark."""
        if usage is None or not self._chat.include_usage:
            return sse.DONE
        return sse.frame(dumps(self._head() | {"choices": [], "usage": chat_usage(usage)})) + sse.DONE

    def stored(self) -> None:
        """Completions are not stored."""

    def fail(self, error: GatewayError) -> bytes:
        """An error object in place of a chunk; the stream ends without [DONE]."""
        return sse.frame(dumps(error.to_openai()))

    def _members(self, event: Event) -> Json:
        match event:
            case Text(text) | Refusal(text):
                return {"text": text}
            case Finish(reason):
                return {"finish_reason": finish_reason(reason, self._chat)}
            case Reasoning(text):
                return {"reasoning_content": text}
            case ReasoningBlock():
                state = self._choice(event.choice)
                state.details += 1
                return {"reasoning_details": [reasoning_detail(event, state.details - 1)]}
            case Logprobs(content, choice):
                state = self._choice(choice)
                form, state.offset = text_logprobs(content, state.offset)
                return {"logprobs": form}
            case Media():
                return {"images": [image(event)]}
            case Citation():
                return {"annotations": [annotation(event)]}
            case NativeCitation(value):
                return {"citations": [value]}
        return {}

    def _chunk(self, index: int, members: Json) -> bytes:
        state = self._choice(index)
        if not state.opened:
            state.opened = True
            prompt = echoed_prompt(self._echoed, index, self._chat.n)
            if prompt:
                members = {**members, "text": prompt + members.get("text", "")}
        choice = {"text": "", "index": index, "logprobs": None, "finish_reason": None, **members}
        usage: dict[str, Any] = {"usage": None} if self._chat.include_usage else {}
        return sse.frame(dumps({**self._head(), "choices": [choice], **usage}))

    def _choice(self, index: int) -> _Choice:
        return self._choices.setdefault(index, _Choice())

    def _head(self) -> Json:
        if not self._envelope:
            self._start(Start(id="", model=""))
        return self._envelope

    def _start(self, event: Start) -> None:
        if self._envelope:
            return
        self._envelope = {
            "id": completion_id(chat_id(event.id or self._fallback_id)),
            "object": "text_completion",
            "created": event.created or self._created,
            "model": f"{self._provider}/{event.model or self._chat.model}",
        }
        if event.system_fingerprint:
            self._envelope["system_fingerprint"] = event.system_fingerprint
