"""chat.completion.chunk streams on their way through. https://platform.openai.com/docs/api-reference/chat-streaming"""

from __future__ import annotations

from typing import Any

import msgspec

from unigate_core.errors import (
    INVALID_REQUEST,
    SERVER_ERROR,
    GatewayError,
    UpstreamError,
    UpstreamProtocol,
    UpstreamTruncated,
)
from unigate_core.json import Json, clean_text, dumps, loads, loads_object, raw_members
from unigate_core.json_splice import normalise_json, splice, value_span
from unigate_core.sse import DONE, LAST, EventDecoder, frame
from unigate_formats.openai_chat.answer_metadata import AnswerMetadata
from unigate_formats.openai_chat.chunk_template import ChunkTemplate
from unigate_formats.openai_chat.odd_messages import ODD_CHUNK, ChunkRepairs

_NULL_USAGE = b',"usage":null'
_ENVELOPE = {
    "id",
    "object",
    "created",
    "model",
    "choices",
    "usage",
    "service_tier",
    "system_fingerprint",
    "obfuscation",
}
_STATUS = {
    "invalid_request_error": 400,
    "rate_limit_exceeded": 429,
    "rate_limit_error": 429,
    "insufficient_quota": 429,
    "context_length_exceeded": 400,
    "overloaded": 503,
    "overloaded_error": 503,
}


class _Choice(msgspec.Struct, gc=False):
    index: int | None = None
    finish_reason: str | None = None


class _Chunk(msgspec.Struct, gc=False):
    """The few members of a chunk that are read."""

    id: str | None = None
    created: float | None = None
    model: str | None = None
    choices: list[_Choice] | None = None
    usage: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    error: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET


_decode_chunk = msgspec.json.Decoder(_Chunk).decode


class ChatChunkRewriter:
    """chat.completion.chunk → the same with the provider's prefix before the model.

    `hide_usage` takes out again what was asked for only to meter. Vendors that leave out id, created or model get
    those of an earlier chunk; usage on a chunk with choices becomes a chunk of its own, as OpenAI has it.
    """

    def __init__(self, provider: str, *, hide_usage: bool) -> None:
        self.metadata = AnswerMetadata()
        self.failure: GatewayError | None = None
        self._provider = provider
        self._hide_usage = hide_usage
        self._events = EventDecoder()
        # The bytes up to the model's name hardly ever change within a stream: found once, compared ever after.
        self._native_head = self._public_head = b"\0"
        self._template = ChunkTemplate()
        self._repairs = ChunkRepairs()
        self._started: set[int] = set()
        self._late_usage = b""
        self.done = False
        """Whether the vendor has said `[DONE]`: nothing of the answer comes after it."""

    def feed(self, chunk: bytes) -> bytes:
        """The client's bytes for the chunks that are complete now."""
        return self._pass(self._events.feed(chunk))

    def close(self) -> bytes:
        """The end of the stream. Raises UpstreamTruncated when neither [DONE] nor all finish reasons were seen."""
        out = self._pass(self._events.flush())
        if self.failure:
            raise self.failure
        if self.done:
            return out
        if not self._started or self._started - self.metadata.finish_reasons.keys():
            raise UpstreamTruncated("The provider's stream broke off before its end.")
        self.done = True
        return out + self._late_usage + DONE

    def _pass(self, events: list[bytes]) -> bytes:
        if self.failure:
            raise self.failure
        out: list[bytes] = []
        template = self._template
        for data in events:
            if self.done:
                break
            if not data.isascii():
                data = clean_text(data)  # noqa: PLW2901 - the same event
            if written := template.rewrite(data):
                out.append(written)
                continue
            try:
                out.append(self._event(data))
            except GatewayError as error:
                self.failure = error
                break
        if self.failure and not any(out):
            raise self.failure
        return b"".join(out)

    def _event(self, data: bytes) -> bytes:
        if data.startswith(LAST):
            if not self.metadata.finish_reasons:
                raise UpstreamTruncated("The provider's stream ended without a finish reason.")
            self.done = True
            return self._late_usage + DONE
        if ODD_CHUNK.search(data) or (self._repairs.renumbers and b'"tool_calls"' in data):
            data = self._repaired(data)
        try:
            chunk = _decode_chunk(data)
        except ValueError:
            data, chunk = _lenient_chunk(data)
        if chunk.error is not msgspec.UNSET and bytes(chunk.error) != b"null":
            raise stream_error(loads(bytes(chunk.error)))
        event = data
        data, ordinary = self._with_choices(data, chunk)
        if chunk.usage is not msgspec.UNSET:
            usage = bytes(chunk.usage)
            if usage != b"null":
                return self._with_usage(data, chunk, usage)
            if self._hide_usage:
                data = _without_null_usage(data)
        written = frame(self._renamed(data, chunk))
        if ordinary and chunk.id and chunk.model:
            self._template.learn(event, written)
        return written

    def _with_choices(self, data: bytes, chunk: _Chunk) -> tuple[bytes, bool]:
        """The chunk, with a role where a choice begins, and whether no choice begins or ends in it."""
        ordinary = bool(chunk.choices)
        for choice in chunk.choices or ():
            index = choice.index or 0
            if index not in self._started:
                self._started.add(index)
                data = _with_role(data, index)
                ordinary = False
            if choice.finish_reason:
                self.metadata.finish_reasons[index] = choice.finish_reason
                ordinary = False
        return data, ordinary

    def _repaired(self, data: bytes) -> bytes:
        try:
            made = self._repairs.repaired(data)
        except ValueError:
            return data
        if made is not data:
            # what was learned of calls may belong to another one
            self._template = ChunkTemplate()
        return made

    def _with_usage(self, data: bytes, chunk: _Chunk, usage: bytes) -> bytes:
        counted = loads(usage)
        if isinstance(counted, dict):
            self.metadata.count(counted)
        if self._hide_usage:
            if not chunk.choices and raw_members(data).keys() <= _ENVELOPE:
                return b""
            return frame(self._renamed(splice(data, {"usage": None}), chunk))
        data = self._renamed(data, chunk)
        if not chunk.choices:
            self._late_usage = b""
            return frame(data)
        self._late_usage = frame(splice(data, {"choices": b"[]"}))
        return frame(splice(data, {"usage": b"null"}))

    def _renamed(self, data: bytes, chunk: _Chunk) -> bytes:
        if data.startswith(self._native_head):
            return self._public_head + data[len(self._native_head) :]
        known_values = (("id", chunk.id, self.metadata.id), ("model", chunk.model, self.metadata.model))
        if missing := {name: dumps(known) for name, given, known in known_values if not given and known}:
            data = splice(data, missing)
        self.metadata.id = chunk.id or self.metadata.id
        self.metadata.model = chunk.model or self.metadata.model
        return self._learn(data)

    def _learn(self, data: bytes) -> bytes:
        """Rename by parsing, and remember where the model's name is."""
        if not self.metadata.model:
            return data
        public = dumps(f"{self._provider}/{self.metadata.model}")
        span = value_span(data, "model")
        if span is None:
            return splice(data, {"model": public})
        start, end = span
        self._native_head, self._public_head = data[:end], data[:start] + public
        return self._public_head + data[end:]


def _with_role(data: bytes, index: int) -> bytes:
    """The first chunk of a choice, whose delta some vendors send without the role."""
    choices = loads_object(data)["choices"]
    for choice in choices:
        match choice:
            case {"delta": dict(delta)} if delta and (choice.get("index") or 0) == index and not delta.get("role"):
                delta["role"] = "assistant"
                return splice(data, {"choices": dumps(choices)})
    return data


def _lenient_chunk(data: bytes) -> tuple[bytes, _Chunk]:
    """A chunk in which a vendor has put a value of another type than OpenAI, or a slip of spelling."""
    try:
        data = normalise_json(data)
        members: Json = loads_object(data)
    except ValueError as error:
        raise UpstreamProtocol("The provider's stream holds an event that is no JSON object.") from error
    choices = members.get("choices")
    usage = members.get("usage", msgspec.UNSET)
    fault = members.get("error", msgspec.UNSET)
    return data, _Chunk(
        id=_text(members.get("id")),
        model=_text(members.get("model")),
        choices=[
            _Choice(
                index=item.get("index") if isinstance(item.get("index"), int) else 0,
                finish_reason=_text(item.get("finish_reason")),
            )
            for item in (choices if isinstance(choices, list) else [])
            if isinstance(item, dict)
        ],
        usage=usage if usage is msgspec.UNSET else msgspec.Raw(dumps(usage)),
        error=fault if fault is msgspec.UNSET else msgspec.Raw(dumps(fault)),
    )


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _without_null_usage(data: bytes) -> bytes:
    # Inside a string the quotes would be escaped, so a single match is the member itself.
    at = data.find(_NULL_USAGE)
    if at >= 0 and data.rfind(_NULL_USAGE) == at:
        return data[:at] + data[at + len(_NULL_USAGE) :]
    return splice(data, {"usage": None})


def stream_error(error: Any) -> GatewayError:
    """The error object that a vendor has put in a stream of status 200; before the first event it becomes a status."""
    fault: Json = error if isinstance(error, dict) else {"message": str(error)}
    code, kind = fault.get("code"), _text(fault.get("type")) or SERVER_ERROR
    status = (
        code
        if isinstance(code, int) and 400 <= code <= 599
        else _STATUS.get(_text(code) or "", 0) or _STATUS.get(kind, 500)
    )
    return UpstreamError(
        _text(fault.get("message")) or "The provider reported an error.",
        status=status,
        type=kind if kind != SERVER_ERROR or status >= 500 else INVALID_REQUEST,
        code=_text(code),
        param=_text(fault.get("param")),
        retryable=status == 429 or status >= 500,
    )
