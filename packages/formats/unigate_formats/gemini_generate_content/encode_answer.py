"""Neutral events → GenerateContentResponse, whole or in chunks. https://ai.google.dev/api/generate-content"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec

from unigate_core.client_errors.gemini import error_object
from unigate_core.encrypted_content import EncryptedPayload, PayloadBlock
from unigate_core.errors import GatewayError, UpstreamProtocol
from unigate_core.json import Json, dumps, loads
from unigate_formats.gemini_generate_content.encode_grounding import Grounding, code_parts
from unigate_formats.neutral.events import (
    Citation,
    Event,
    Finish,
    FinishReason,
    Logprobs,
    Media,
    NativeCitation,
    Reasoning,
    ReasoningBlock,
    Refusal,
    ServerTool,
    Start,
    Text,
    ToolArguments,
    ToolCall,
    ToolEnd,
    Usage,
)

FINISH_REASONS: Mapping[FinishReason, str] = {
    "stop": "STOP",
    "length": "MAX_TOKENS",
    "tool_calls": "STOP",
    "content_filter": "SAFETY",
}


class ContentContext(msgspec.Struct, frozen=True):
    """Whom an answer is written for. `model` is the name that the client asked for; `vendor_model` and `provider` are
    what answers; `encrypt` makes the token that a client carries for them; `fallback_id` is for a vendor without ids.
    """

    model: str
    provider: str
    vendor_model: str
    fallback_id: str
    encrypt: Callable[[EncryptedPayload], str]


class _Candidate(msgspec.Struct):
    """What has not been sent of a candidate, and what must be remembered of it."""

    parts: list[Json] = msgspec.field(default_factory=list)
    blocks: list[PayloadBlock] = msgspec.field(default_factory=list)
    calls: dict[int, tuple[ToolCall, list[str]]] = msgspec.field(default_factory=dict)
    grounding: Grounding = msgspec.field(default_factory=Grounding)
    logprobs: list[Any] = msgspec.field(default_factory=list)
    finish: FinishReason | None = None
    declined: bool = False

    def gather(self, event: Event) -> None:
        """Take over what can be sent later."""
        match event:
            case Reasoning(text):
                _append(self.parts, {"text": text, "thought": True})
            case ReasoningBlock():
                self.blocks.append(PayloadBlock(event.format, event.text, event.signature, event.data))
            case ToolCall():
                self.calls[event.index] = (event, [])
            case ToolArguments(index, text):
                self.calls[index][1].append(text)
            case Finish(reason):
                self.finish = reason
            case Media(media_type, data):
                self.parts.append({"inlineData": {"mimeType": media_type, "data": data}})
            case Citation():
                self.grounding.cite(event)
            case NativeCitation():
                self.grounding.cite_document(event)
            case ServerTool(kind="code_interpreter"):
                self.parts += code_parts(event)
            case ServerTool():
                self.grounding.search(event)
            case Logprobs(content):
                self.logprobs += content


class ContentEncoder:
    """Gathers the parts of each candidate; what is gathered can be sent at any time."""

    def __init__(self, context: ContentContext) -> None:
        self._context = context
        self._id = ""
        self._candidates: dict[int, _Candidate] = {}

    def write(self, events: Iterable[Event]) -> bytes:
        """Gather."""
        for event in events:
            self._gather(event)
        return b""

    def close(self, usage: Usage | None) -> bytes:
        """The whole answer. Raises UpstreamProtocol when a candidate never finished."""
        return dumps(self._last(usage))

    def fail(self, error: GatewayError) -> bytes:
        """A whole answer fails as a whole."""
        raise error

    def stored(self) -> None:
        """Answers are not stored."""

    def _gather(self, event: Event) -> None:
        if isinstance(event, Start):
            self._id = self._id or event.id
            return
        if isinstance(event, Usage):
            return
        index = getattr(event, "choice", 0)
        candidate = self._candidates.get(index)
        if candidate is None:
            candidate = self._candidates[index] = _Candidate()
        if isinstance(event, Text):
            # first, as most events are
            self._text(candidate, event.text)
        elif isinstance(event, Refusal):
            candidate.declined = True
            self._text(candidate, event.text)
        elif isinstance(event, ToolEnd):
            self._end_call(candidate, event.index)
        else:
            candidate.gather(event)

    def _text(self, candidate: _Candidate, text: str) -> None:
        part: Json = {"text": text}
        candidate.grounding.text.append(text)
        if candidate.blocks:
            part["thoughtSignature"] = self._token(candidate, {})
        _append(candidate.parts, part)

    def _end_call(self, candidate: _Candidate, index: int) -> None:
        call, pieces = candidate.calls.pop(index)
        part: Json = {"functionCall": {"id": call.id, "name": call.name, "args": _arguments("".join(pieces))}}
        if candidate.blocks or call.signature:
            signatures = {call.id: call.signature} if call.signature else {}
            part["thoughtSignature"] = self._token(candidate, signatures)
        candidate.parts.append(part)

    def _token(self, candidate: _Candidate, signatures: dict[str, str]) -> str:
        """What the vendor must see again, as the base64 that a thought signature is."""
        blocks, candidate.blocks = tuple(candidate.blocks), []
        context = self._context
        payload = EncryptedPayload(context.provider, context.vendor_model, blocks=blocks, signatures=signatures)
        return base64.b64encode(context.encrypt(payload).encode()).decode()

    def _answer(self, candidates: list[Json], usage: Usage | None) -> Json:
        context = self._context
        answer: Json = {"candidates": candidates}
        if usage is not None:
            answer["usageMetadata"] = usage_metadata(usage)
        return answer | {"modelVersion": context.model, "responseId": self._id or context.fallback_id}

    def _last(self, usage: Usage | None) -> Json:
        """What is left to be sent, with the end of each candidate."""
        candidates = []
        for index, candidate in sorted(self._candidates.items()):
            if candidate.finish is None:
                raise UpstreamProtocol("The provider's answer has no end.")
            for number in list(candidate.calls):
                self._end_call(candidate, number)
            if candidate.blocks:
                _append(candidate.parts, {"text": "", "thoughtSignature": self._token(candidate, {})})
            answered = self._take_candidate(index, candidate)
            reason = "SAFETY" if candidate.declined else FINISH_REASONS[candidate.finish]
            candidates.append(answered | {"finishReason": reason} | _extras(candidate))
        if not candidates:
            raise UpstreamProtocol("The provider's answer has no end.")
        return self._answer(candidates, usage or Usage())

    def _take_candidate(self, index: int, candidate: _Candidate) -> Json:
        parts, candidate.parts = candidate.parts, []
        return {"content": {"parts": parts or [{"text": ""}], "role": "model"}, "index": index}


class ContentStreamEncoder(ContentEncoder):
    """The same in chunks: server-sent events, or the elements of a JSON array."""

    def __init__(self, context: ContentContext, *, array: bool = False) -> None:
        super().__init__(context)
        self._array = array
        self._begun = False

    def write(self, events: Iterable[Event]) -> bytes:
        """A chunk with what these events say, if there is anything."""
        super().write(events)
        candidates = [
            self._take_candidate(index, candidate)
            for index, candidate in sorted(self._candidates.items())
            if candidate.parts
        ]
        return self._chunk(self._answer(candidates, None)) if candidates else b""

    def close(self, usage: Usage | None) -> bytes:
        """The last chunk, with the ends of the candidates and the usage."""
        return self._chunk(self._last(usage)) + (b"]" if self._array else b"")

    def fail(self, error: GatewayError) -> bytes:
        """How an error is reported after the first byte."""
        return self._chunk(error_object(error)) + (b"]" if self._array else b"")

    def _chunk(self, value: Json) -> bytes:
        if not self._array:
            return b"data: %b\n\n" % dumps(value)
        lead, self._begun = (b",\r\n" if self._begun else b"["), True
        return lead + dumps(value)


def usage_metadata(usage: Usage) -> Json:
    """Thoughts are counted beside the candidates, cached tokens within the prompt."""
    thoughts = min(usage.reasoning, usage.output)
    metadata: Json = {
        "promptTokenCount": usage.input,
        "candidatesTokenCount": usage.output - thoughts,
        "totalTokenCount": usage.total or usage.input + usage.output,
    }
    if thoughts:
        metadata["thoughtsTokenCount"] = thoughts
    if usage.cache_read:
        metadata["cachedContentTokenCount"] = min(usage.cache_read, usage.input)
    return metadata


def _append(parts: list[Json], part: Json) -> None:
    """Add a text part; more of the same kind of text goes into the part before it."""
    last = parts[-1] if parts else {}
    if "text" in last and last.keys() == part.keys() and "thoughtSignature" not in part:
        last["text"] += part["text"]
    else:
        parts.append(part)


def _extras(candidate: _Candidate) -> Json:
    extras: Json = {}
    if grounding := candidate.grounding.metadata():
        extras["groundingMetadata"] = grounding
    if candidate.logprobs:
        extras["logprobsResult"] = {
            "chosenCandidates": [_token_probability(item) for item in candidate.logprobs],
            "topCandidates": [
                {"candidates": [_token_probability(other) for other in item.get("top_logprobs") or ()]}
                for item in candidate.logprobs
            ],
        }
    return extras


def _token_probability(item: Json) -> Json:
    return {"token": item.get("token") or "", "logProbability": item.get("logprob") or 0.0}


def _arguments(text: str) -> Json:
    """The arguments as an object; a call cut off by a limit keeps its text."""
    if not text.strip():
        return {}
    try:
        value = loads(text)
    except ValueError:
        value = None
    return value if isinstance(value, dict) else {"__raw_arguments": text}
