"""Neutral events → a stream of text_completion. https://platform.openai.com/docs/api-reference/completions/object"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

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
)
from unigate_formats.neutral.request import ChatRequest
from unigate_formats.openai_chat.encode_stream import (
    ChatStreamEncoder,
    annotation,
    finish_reason,
    image,
    reasoning_detail,
)
from unigate_formats.openai_completions.encode_answer import completion_id, echoed_prompt, text_logprobs


class _TextChoice(msgspec.Struct):
    opened: bool = False
    offset: int = 0
    details: int = 0


class CompletionStreamEncoder(ChatStreamEncoder):
    """Chunks of a streamed completion: a chat's, with text in place of its deltas."""

    def __init__(
        self, chat: ChatRequest, *, provider: str, created: int, fallback_id: str, echoed: Sequence[str]
    ) -> None:
        """`echoed` are the prompts to repeat before the answers, in order; empty: none."""
        super().__init__(chat, provider=provider, created=created, fallback_id=fallback_id)
        self._echoed = echoed
        self._texts: dict[int, _TextChoice] = {}

    def write(self, events: Iterable[Event]) -> bytes:
        """The chunks of these events."""
        out: list[bytes] = []
        for event in events:
            if isinstance(event, Start):
                self._start(event)
            elif members := self._members(event):
                out.append(self._text_chunk(getattr(event, "choice", 0), members))
        return b"".join(out)

    def _envelope(self, event: Start) -> Json:
        head = super()._envelope(event)
        head.pop("service_tier", None)
        return head | {"id": completion_id(head["id"]), "object": "text_completion"}

    def _members(self, event: Event) -> Json:
        match event:
            case Text(text) | Refusal(text):
                return {"text": text}
            case Finish(reason):
                return {"finish_reason": finish_reason(reason, self._chat)}
            case Reasoning(text):
                return {"reasoning_content": text}
            case ReasoningBlock():
                state = self._text_choice(event.choice)
                state.details += 1
                return {"reasoning_details": [reasoning_detail(event, state.details - 1)]}
            case Logprobs(content, choice):
                state = self._text_choice(choice)
                form, state.offset = text_logprobs(content, state.offset)
                return {"logprobs": form}
            case Media():
                return {"images": [image(event)]}
            case Citation():
                return {"annotations": [annotation(event)]}
            case NativeCitation(value):
                return {"citations": [value]}
        return {}

    def _text_chunk(self, index: int, members: Json) -> bytes:
        state = self._text_choice(index)
        if not state.opened:
            state.opened = True
            prompt = echoed_prompt(self._echoed, index, self._chat.n)
            if prompt:
                members = {**members, "text": prompt + members.get("text", "")}
        choice = {"text": "", "index": index, "logprobs": None, "finish_reason": None, **members}
        return b'%b,"choices":[%b]%b' % (self._prefix(), dumps(choice), self._tail)

    def _text_choice(self, index: int) -> _TextChoice:
        return self._texts.setdefault(index, _TextChoice())
