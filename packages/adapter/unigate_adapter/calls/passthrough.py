"""A call passed through to a vendor that speaks OpenAI's format."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Sequence
from secrets import token_hex
from time import perf_counter_ns
from urllib.parse import quote

from msgspec import structs

from unigate.provider.v1 import provider_pb2 as pb
from unigate_adapter.adapter import Adapter
from unigate_adapter.answer_stats import AnswerStats
from unigate_adapter.calls.answer_errors import answer_errors
from unigate_adapter.calls.frames import AnswerFrames
from unigate_adapter.calls.handler import Write, head, summary
from unigate_adapter.calls.relaxed import RelaxedCall
from unigate_adapter.known_refusals import Key
from unigate_adapter.upstream import EVENT_STREAM, JSON, UpstreamAnswer
from unigate_core.encrypted_content import EncryptedPayload
from unigate_core.errors import GatewayError, RequestRefused, UpstreamError, UpstreamProtocol, invalid_json
from unigate_core.json import dumps
from unigate_core.multipart import FormRewriter
from unigate_core.sse import frame as sse_frame
from unigate_formats.neutral.operation import Operation
from unigate_formats.neutral.translation import PassThrough
from unigate_formats.openai_chat.answer_metadata import AnswerMetadata
from unigate_formats.openai_passthrough.relax_request import relaxed_body
from unigate_formats.openai_passthrough.rewrite_request import (
    UpstreamRequest,
    WholeAnswer,
    outgoing,
    stream_bytes,
    whole,
)
from unigate_formats.openai_passthrough.stopped_answer import stopped_answer
from unigate_formats.openai_responses.inline_previous_items import inline_previous_items

_RELAXED = frozenset(
    {
        Operation.CHAT,
        Operation.RESPONSES,
        Operation.EMBEDDINGS,
        Operation.IMAGES_GENERATIONS,
        Operation.AUDIO_SPEECH,
    }
)
_METHODS = frozenset({"GET", "POST", "DELETE"})
_RESOURCE_PATH = re.compile(r"responses/[A-Za-z0-9_-]+(?:/[A-Za-z0-9_-]+){0,3}(?:\?[A-Za-z0-9_.~%&=+,:\[\]-]*)?")


class PassthroughCall(RelaxedCall[UpstreamRequest]):
    """One passed-through call. `upload` is the client's multipart body where there is one, else `body` is JSON."""

    # a model with reasoning names each sampling parameter in a refusal of its own
    max_relaxations = 6

    def __init__(
        self,
        adapter: Adapter,
        route: PassThrough,
        operation: Operation,
        call: pb.Call,
        body: bytes,
        upload: AsyncIterator[bytes] | None = None,
    ) -> None:
        self._started = perf_counter_ns()
        self._adapter = adapter
        self._route = route
        self._operation = operation
        self._call = call
        self._body = body
        self._upload = upload
        # whether the vendor keeps the answer, under an id that it gives
        self._stores = operation is Operation.RESPONSES and call.response_state.store
        self._named = False
        self.stats = AnswerStats()
        self._upstream = adapter.upstream(self.stats, call.client_credential)

    async def whole(self) -> pb.InvokeResponse:
        """The vendor's answer in one piece."""
        sent = self._outgoing()
        if self._adapter.refusals.kept:
            sent = self._without_known(sent)
        while True:
            try:
                async with self._send(sent) as answer:
                    data = await answer.read()
                    content_type = answer.content_type or JSON
                    got = self._read_whole(data, content_type)
                    if sent.stops:
                        got = structs.replace(got, body=stopped_answer(got.body, sent.stops))
                    return pb.InvokeResponse(
                        body=got.body,
                        content_type="" if content_type.startswith(JSON) else content_type,
                        status=0 if answer.status == 200 else answer.status,
                        head=head(self.stats),
                        summary=self._summary(got.metadata),
                    )
            except UpstreamError as error:
                sent = self._after(sent, error)

    async def stream(self, write: Write) -> None:
        """The vendor's events, or its media as it comes."""
        sent = self._outgoing()
        if self._adapter.refusals.kept:
            sent = self._without_known(sent)
        while True:
            try:
                async with self._send(sent) as answer:
                    self._answered = True
                    content_type = answer.content_type
                    if content_type.startswith(EVENT_STREAM) or (sent.stream and not _is_whole(content_type)):
                        await self._events(answer, sent, write)
                    elif _is_whole(content_type):
                        await write(self._one_frame(await answer.read(), content_type, streamed=sent.stream))
                    else:
                        await self._media(answer, content_type, write)
                    return
            except UpstreamError as error:
                sent = self._after(sent, error)

    def _refusal_key(self) -> Key:
        return self._call.tenant, self._call.model, self._operation.value

    def _relaxed(self, sent: UpstreamRequest, errors: Sequence[GatewayError]) -> UpstreamRequest | None:
        if not self._call.drop_unsupported or self._upload is not None or self._operation not in _RELAXED:
            return None
        relaxed = relaxed_body(sent.body, errors)
        if relaxed is None:
            return None
        body, what = relaxed
        self.stats.dropped.update(what.dropped)
        self.stats.notes += what.notes
        return structs.replace(sent, body=body, stops=sent.stops or what.stops)

    async def _events(self, answer: UpstreamAnswer, sent: UpstreamRequest, write: Write) -> None:
        stream = stream_bytes(self._operation, provider=self._adapter.provider.name, sent=sent)
        frames = AnswerFrames(self._adapter, self._call, self.stats)
        data = b""
        try:
            while (chunk := await answer.chunk()) is not None:
                with answer_errors:
                    data = stream.feed(chunk)
                if answer.at_eof and not stream.failure:
                    break  # the last data goes with the summary: one message less for the hop
                if stream.done and not stream.failure:
                    await answer.finish()
                    break
                if data:
                    await write(self._data_frame(data, stream.metadata, frames))
                    data = b""
                if stream.failure:
                    raise stream.failure
            frame = pb.InvokeStreamResponse(data=data + stream.close(), summary=self._summary(stream.metadata))
        except GatewayError as error:
            if data:
                await write(self._data_frame(data, stream.metadata, frames))
            frame = frames.failed(error, lambda: self._summary(stream.metadata))
            if self._operation is not Operation.RESPONSES:
                frame.data = sse_frame(error.body or dumps(error.to_openai()))
        await write(frames.described(frame))

    def _data_frame(self, data: bytes, metadata: AnswerMetadata, frames: AnswerFrames) -> pb.InvokeStreamResponse:
        frame = pb.InvokeStreamResponse(data=data)
        if not frames.begun:
            frames.begin(frame)
        if self._stores and metadata.id and not self._named:
            self._named = True
            frame.keep.provider_response_id = metadata.id
        return frame

    def _read_whole(self, data: bytes, content_type: str) -> WholeAnswer:
        provider = self._adapter.provider.name
        with answer_errors:
            return whole(data, provider=provider, content_type=content_type, operation=self._operation)

    def _one_frame(self, data: bytes, content_type: str, *, streamed: bool) -> pb.InvokeStreamResponse:
        """A whole answer where frames are expected: to an upload, whose usage stands in it.

        Raises GatewayError, also for any to a request that asked for a stream of events.
        """
        got = self._read_whole(data, content_type)
        if streamed:
            raise UpstreamProtocol("The provider did not stream its answer.")
        return pb.InvokeStreamResponse(
            data=got.body, content_type=content_type, head=head(self.stats), summary=self._summary(got.metadata)
        )

    async def _media(self, answer: UpstreamAnswer, content_type: str, write: Write) -> None:
        frames = AnswerFrames(self._adapter, self._call, self.stats, content_type)
        try:
            while (chunk := await answer.chunk()) is not None:
                await write(frames.data(chunk))
            frame = pb.InvokeStreamResponse(summary=self._summary(AnswerMetadata()))
        except GatewayError as error:
            frame = frames.failed(error, lambda: self._summary(AnswerMetadata()))
        await write(frames.described(frame))

    def _outgoing(self) -> UpstreamRequest:
        if self._upload is not None:
            return UpstreamRequest(b"")
        try:
            body, earlier = self._body, self._call.response_state.input_items
            if earlier and self._operation in (Operation.RESPONSES, Operation.RESPONSES_RESOURCE):
                body, notes = inline_previous_items(body, earlier, self._decrypt)
                self.stats.notes += notes
            sent = outgoing(self._route, self._operation, body, model=self._call.model, decrypt=self._decrypt)
        except ValueError as error:
            raise invalid_json() from error
        self.stats.dropped.update(sent.dropped)
        return sent

    def _decrypt(self, token: str) -> EncryptedPayload | None:
        return self._adapter.cipher.decrypt(token, self._call.tenant)

    def _send(self, sent: UpstreamRequest) -> UpstreamAnswer:
        call = self._call
        path = self._route.path
        if "{model}" in path:
            path = path.replace("{model}", quote(call.model, safe=""))
        method, content_type = "POST", call.content_type or JSON
        if self._operation is Operation.RESPONSES_RESOURCE:
            method, resource = _resource(call)
            path = self._route.path.removesuffix(Operation.RESPONSES_RESOURCE.value) + resource
        if self._upload is None:
            return self._upstream.send(path, sent.body, method=method, content_type=content_type)
        rewriter = FormRewriter(call.content_type, call.model, f"unigate-{token_hex(16)}")
        body = _rewritten(rewriter, self._upload)
        return self._upstream.send(path, body, method=method, content_type=rewriter.content_type)

    def _summary(self, metadata: AnswerMetadata) -> pb.Summary:
        usage = None if self._call.usage_told else metadata.usage
        made = summary(self.stats, self._started, metadata, usage)
        if self._stores and metadata.id:
            made.keep.provider_response_id = metadata.id
            made.keep.provider_usage_told = metadata.usage is not None
            made.keep.provider_item_ids.extend(metadata.item_ids)
        if usage is not None:
            made.usage.audio_seconds = metadata.audio_seconds
        return made


def _is_whole(content_type: str) -> bool:
    """Whether an answer of this type cannot be a stream of anything."""
    return content_type.startswith((JSON, "text/html"))


def _resource(call: pb.Call) -> tuple[str, str]:
    """Method and path of a call that names them. Raises RequestRefused for any that is not below responses.

    The operator's key goes with it, so nothing else can be reached by any caller.
    """
    method = call.method or "POST"
    if method not in _METHODS or not _RESOURCE_PATH.fullmatch(call.path):
        raise RequestRefused(f"Invalid URL ({method} /v1/{call.path})", status=404, param=None, code=None)
    return method, call.path


async def _rewritten(rewriter: FormRewriter, upload: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    async for chunk in upload:
        data = rewriter.feed(chunk)
        if data:
            yield data
    yield rewriter.close()
