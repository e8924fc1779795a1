"""OpenAI's own JSON on its way through: the model is renamed, all else stays as the client and the vendor wrote it.

How a servicer uses it, in order:

    sent = outgoing(route, operation, body, model=call.model)     # sent.body for the vendor; may raise RequestRefused
    sent.dropped                                                  # → Head.dropped_params

    answer = whole(body, provider=name, content_type=…)           # a whole answer: answer.body and answer.seen
    stream = stream_bytes(operation, provider=name, sent=sent)    # or a streamed one:
    data = stream.feed(chunk)                                     #   bytes for the client, b"" while none is complete
    data = stream.close()                                         #   the vendor's stream has ended
    stream.seen                                                   #   → Summary; complete after close

`feed` and `close` raise a GatewayError for an error inside the stream, `close` UpstreamTruncated when the end mark is
missing. Events that came before an error in the same read are returned first and the error is raised by the next call;
`stream.failure` has it at once. Media streams (audio bytes, no events) need none of this.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import msgspec

from unigate_core.errors import GatewayError, RequestRefused, UpstreamProtocol, unsupported_parameter
from unigate_core.json import Raw, dumps, loads, loads_object, raw_members
from unigate_core.json_splice import exchange_text, normalise_json, splice
from unigate_formats.neutral.operation import CHUNKED_OPERATIONS, Operation
from unigate_formats.neutral.parameters import Parameters, ParameterSupport
from unigate_formats.neutral.translation import PassThrough
from unigate_formats.openai_chat.answer_metadata import AnswerMetadata, decode_answer
from unigate_formats.openai_chat.odd_messages import ODD_ANSWER, plain_answer
from unigate_formats.openai_chat.rewrite import ChatChunkRewriter
from unigate_formats.openai_passthrough.foreign_history import without_foreign_history
from unigate_formats.openai_passthrough.stopped_answer import StoppedStream
from unigate_formats.openai_passthrough.verify_answer import check_whole
from unigate_formats.openai_responses.compaction_item import Decrypt
from unigate_formats.openai_responses.rewrite import TypedEventRewriter

_ACTED_ON = frozenset(
    {
        "audio", "background", "conversation", "duration", "input", "max_completion_tokens", "max_output_tokens",
        "max_tokens", "messages", "modalities", "model", "n", "previous_response_id", "prompt", "quality",
        "service_tier", "size", "store", "stream", "stream_options", "tools",
    }
)  # fmt: skip


class UpstreamRequest(msgspec.Struct, frozen=True):
    """The request for the vendor. `hide_usage`: the client did not ask for usage in the stream and must not see it.

    `stops` are sequences that the vendor does not mind: a chat is ended at them here.
    """

    body: bytes
    stream: bool = False
    hide_usage: bool = False
    dropped: tuple[str, ...] = ()
    stops: tuple[str, ...] = ()


class WholeAnswer(msgspec.Struct, frozen=True):
    """A whole answer for the client."""

    body: bytes
    metadata: AnswerMetadata


class StreamRewriter(Protocol):
    """A streamed answer on its way through, sans-I/O."""

    @property
    def metadata(self) -> AnswerMetadata:
        """What is known of the answer."""

    @property
    def failure(self) -> GatewayError | None:
        """The error that the next call raises."""

    @property
    def done(self) -> bool:
        """Whether the vendor has said `[DONE]`: nothing of the answer comes after it."""

    def feed(self, chunk: bytes) -> bytes:
        """The client's bytes for the events that this chunk completes."""

    def close(self) -> bytes:
        """The vendor's stream has ended: what is left to be said."""


def outgoing(
    route: PassThrough, operation: Operation, body: bytes, *, model: str, decrypt: Decrypt = lambda _: None
) -> UpstreamRequest:
    """The client's JSON body → the vendor's: model renamed, `provider_options` taken out, usage of streams asked for.

    An empty body stays empty. `model` is the vendor's name; a sub-path of responses gets none that it did not have.
    `decrypt` opens `encrypted_content` of the gateway's own. Raises RequestRefused when the body is no JSON object, and
    by the route's own table and edit.
    """
    if not body:
        return UpstreamRequest(b"")
    body, members = _members(body)
    changes: dict[str, bytes | None] = {"provider_options": None}
    if model and ("model" in members or operation is not Operation.RESPONSES_RESOURCE):
        changes["model"] = dumps(model)
    stream = bytes(members.get("stream", b"")) == b"true"
    hide_usage = False
    if stream and operation in CHUNKED_OPERATIONS:
        options = loads(bytes(members.get("stream_options", b"null"))) or {}
        hide_usage = not options.get("include_usage")
        if hide_usage:
            changes["stream_options"] = dumps({**options, "include_usage": True})
    dropped = (*_dropped(members, route.parameters or {}), *_misspelt(members))
    changes.update(dict.fromkeys(dropped))
    edits, left_out = without_foreign_history(operation, body, decrypt)
    if route.edit is not None:
        edits = {**edits, **route.edit({**loads_object(body), **edits})}
    changes.update({key: None if value is None else dumps(value) for key, value in edits.items()})
    return UpstreamRequest(
        splice(body, changes, members), stream=stream, hide_usage=hide_usage, dropped=(*dropped, *left_out)
    )


def _members(body: bytes) -> tuple[bytes, dict[str, Raw]]:
    try:
        return body, raw_members(body)
    except ValueError:
        try:
            body = normalise_json(body)
            return body, raw_members(body)
        except ValueError as error:
            raise RequestRefused("The request body is not a JSON object.", param=None, code="invalid_json") from error


def _dropped(members: Mapping[str, Raw], table: Parameters) -> tuple[str, ...]:
    """What the vendor cannot take by the route's table. Unlike in a translation, unknown parameters pass."""
    dropped = []
    for key in members:
        row = table.get(key)
        if (
            row is None
            or row.support not in (ParameterSupport.DROPPED, ParameterSupport.UNSUPPORTED)
            or row.is_neutral(loads(bytes(members[key])))
        ):
            continue
        if row.support is ParameterSupport.UNSUPPORTED:
            raise unsupported_parameter(key, row.note or "The provider has no equivalent of it.")
        dropped.append(key)
    return tuple(dropped)


def _misspelt(members: Mapping[str, Raw]) -> tuple[str, ...]:
    """Members that differ in their case alone from one that the gateway acts on.

    Some vendors' parsers ignore case, and would take `Model` for the model that nobody was allowed, priced or limited.
    """
    return tuple(key for key in members if key not in _ACTED_ON and key.casefold() in _ACTED_ON)


def whole(
    body: bytes, *, provider: str, content_type: str = "application/json", operation: Operation | None = None
) -> WholeAnswer:
    """A whole answer with the provider's prefix before its model; text and media pass unread.

    Raises GatewayError when it is no answer of the operation's, or should be JSON and is none.
    """
    metadata = AnswerMetadata()
    if operation is not None:
        body = check_whole(operation, body, content_type)
        if "json" not in content_type and body[:1].lstrip() == b"{":
            content_type = "application/json"
    if "json" not in content_type or not body:
        return WholeAnswer(body, metadata)
    try:
        if operation is Operation.CHAT and ODD_ANSWER.search(body):
            body = plain_answer(body)
        answer = decode_answer(body)
    except msgspec.ValidationError:
        return WholeAnswer(body, metadata)
    except ValueError as error:
        try:
            body = normalise_json(body)
        except ValueError:
            raise UpstreamProtocol("The provider's answer is not valid JSON.") from error
        return whole(body, provider=provider, content_type=content_type)
    metadata.read(answer)
    if not isinstance(answer.model, str):
        return WholeAnswer(body, metadata)
    return WholeAnswer(exchange_text(body, "model", answer.model, f"{provider}/{answer.model}"), metadata)


def stream_bytes(operation: Operation, *, provider: str, sent: UpstreamRequest) -> StreamRewriter:
    """What rewrites the streamed answer to a request."""
    if operation in CHUNKED_OPERATIONS:
        chunks = ChatChunkRewriter(provider, hide_usage=sent.hide_usage)
        return StoppedStream(chunks, sent.stops) if sent.stops else chunks
    return TypedEventRewriter(provider)
