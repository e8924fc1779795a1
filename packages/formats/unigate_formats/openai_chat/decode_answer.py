"""A vendor's chat completion → neutral events. https://platform.openai.com/docs/api-reference/chat/object

Vendors add to OpenAI's shapes: thoughts as `reasoning_content` or `reasoning`, cache counters of their own, and more
finish reasons.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import get_args

from msgspec import structs

from unigate_core.counts import token_count
from unigate_core.errors import SERVER_ERROR, UpstreamError, UpstreamProtocol
from unigate_core.ids import call_id
from unigate_core.json import Json
from unigate_formats.neutral.events import (
    UNKNOWN_FINISH_REASON,
    Citation,
    Event,
    Finish,
    FinishReason,
    Ignored,
    Logprobs,
    NativeCitation,
    Reasoning,
    ReasoningBlock,
    Refusal,
    ReplayBlob,
    Start,
    Text,
    ToolArguments,
    ToolCall,
    ToolEnd,
    Usage,
)
from unigate_formats.openai_chat.chat_state import ChatState
from unigate_formats.openai_chat.odd_messages import arguments_text, plain
from unigate_formats.openai_chat.usage import read_usage

FINISH_REASONS: dict[str, FinishReason] = {reason: reason for reason in get_args(FinishReason)}
TRIMMED = "parallel_call"
"""The kind under which calls are counted that the client had asked not to get."""


def decode_answer(body: Json, state: ChatState) -> Iterator[Event]:
    """Events of a whole answer. Raises UpstreamProtocol when it has no end, UpstreamError when it was cut short."""
    yield start(body)
    choices = body.get("choices")
    if not isinstance(choices, list) or not choices:
        raise UpstreamProtocol("The provider's answer has no choices.")
    for choice in choices:
        index = choice.get("index") or 0
        message = plain(choice.get("message") or {})
        reasoning = thought_of(message)
        if reasoning:
            yield Reasoning(reasoning, index)
            yield ReasoningBlock(state.thought_format, reasoning, choice=index)
        if message.get("content"):
            yield Text(message["content"], index)
        if message.get("refusal"):
            yield Refusal(message["refusal"], index)
        yield from citations(message, index)
        yield from logprobs(choice, index)
        yield from _calls(message.get("tool_calls") or [], reasoning, index, state)
        if choice is choices[-1]:
            yield from usage(body)
        yield from finish(choice.get("finish_reason"), index)


def thought_of(message: Json) -> str:
    """The readable thoughts of a message or of a delta, by either of the names in use."""
    thought = message.get("reasoning_content") or message.get("reasoning")
    return thought if isinstance(thought, str) else ""


def citations(message: Json, choice: int) -> Iterator[Event]:
    """The `annotations` of a message or of a delta: what the text before them cites."""
    annotations = message.get("annotations")
    for annotation in annotations if isinstance(annotations, list) else ():
        match annotation:
            case {"type": "url_citation", "url_citation": {"url": str(url), **cited}}:
                title = cited.get("title")
                yield Citation(
                    url=url,
                    title=title if isinstance(title, str) else "",
                    start=token_count(cited.get("start_index")),
                    end=token_count(cited.get("end_index")),
                    choice=choice,
                )
            case dict():
                yield NativeCitation(annotation, choice)


def start(body: Json) -> Start:
    """The first event, of a whole answer or of a stream's first chunk."""
    created = body.get("created")
    return Start(
        id=body.get("id") or "",
        model=body.get("model") or "",
        created=int(created) if isinstance(created, int | float) else None,
        system_fingerprint=body.get("system_fingerprint") or None,
    )


def logprobs(choice: Json, index: int) -> Iterator[Logprobs]:
    """Log probabilities of the choice's text, where they were asked for."""
    match choice.get("logprobs"):
        case {"content": [*content]} if content:
            yield Logprobs(content, index)


def usage(body: Json) -> Iterator[Usage]:
    """Token counts, where the body has them. Some vendors have a name of their own for what their cache gave."""
    counts = body.get("usage")
    if not isinstance(counts, dict):
        return
    read = read_usage(counts)
    hits = counts.get("prompt_cache_hit_tokens")
    yield read if hits is None else structs.replace(read, cache_read=token_count(hits))


def finish(reason: str | None, choice: int) -> Iterator[Event]:
    """The end of a choice. Running out of machines is an error, never an end."""
    if reason == "insufficient_system_resource":
        raise UpstreamError(
            "The provider ran out of resources while it answered.",
            status=503,
            type=SERVER_ERROR,
            code="overloaded",
            retryable=True,
        )
    if not isinstance(reason, str) or not reason:
        raise UpstreamProtocol("The provider ended its answer without a reason.")
    known = FINISH_REASONS.get(reason)
    if known is None:
        yield Ignored(UNKNOWN_FINISH_REASON)
    yield Finish(known or "stop", choice)


def keep(call_id: str, reasoning: str) -> Iterator[ReplayBlob]:
    """What the vendor must see again with this call."""
    if reasoning and call_id:
        yield ReplayBlob(call_id, reasoning.encode())


def _calls(calls: Iterable[Json], reasoning: str, choice: int, state: ChatState) -> Iterator[Event]:
    for index, call in enumerate(calls):
        if index and not state.parallel:
            yield Ignored(TRIMMED)
            continue
        function: Json = call.get("function") or {}
        id_ = call.get("id") or call_id()
        yield ToolCall(index, id_, function.get("name") or "", choice=choice)
        if not index:
            yield from keep(id_, reasoning)
        if text := arguments_text(function.get("arguments")):
            yield ToolArguments(index, text, choice)
        yield ToolEnd(index, choice)
