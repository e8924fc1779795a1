"""A call in the vendor's own API: the client's bytes go through, and the vendor's come back."""

from __future__ import annotations

import re
from collections.abc import Sequence
from time import perf_counter_ns
from urllib.parse import quote

from unigate.provider.v1 import provider_pb2 as pb
from unigate_adapter.adapter import Adapter
from unigate_adapter.answer_stats import AnswerStats
from unigate_adapter.calls.answer_errors import answer_errors
from unigate_adapter.calls.frames import AnswerFrames
from unigate_adapter.calls.handler import Write, head, summary
from unigate_adapter.calls.relaxed import RelaxedCall
from unigate_adapter.framing import FrameDecoder
from unigate_adapter.known_refusals import Key
from unigate_adapter.upstream import EVENT_STREAM, JSON, UpstreamAnswer, native_object
from unigate_core.errors import GatewayError, RequestRefused, UpstreamError, UpstreamTruncated
from unigate_core.sse import EventSplitter
from unigate_core.sse import frame as sse_frame
from unigate_formats.neutral.native_api import AnswerReader, NativeApi, NativeRequest

MAX_TOLD = 10
"""Of one member in all elements of a list, as many places are reported."""
_PATH = re.compile(r"[A-Za-z0-9_./{}:-]+(?:\?[A-Za-z0-9_.~%&=+,:\[\]$-]*)?")


class Reframed:
    """The events of a stream in frames that are not server-sent events, as server-sent events."""

    def __init__(self, decoder: FrameDecoder) -> None:
        self._decoder = decoder

    def feed(self, chunk: bytes) -> list[bytes]:
        """The events that this chunk completes."""
        return [_server_sent(data) for data in self._decoder.feed(chunk)]

    def flush(self) -> bytes:
        """The stream has ended."""
        return b"".join(_server_sent(data) for data in self._decoder.flush())


class NativeCall(RelaxedCall[NativeRequest]):
    """One call."""

    # a client that is ahead of its cloud has several members too many
    max_relaxations = 12

    def __init__(self, adapter: Adapter, api: NativeApi, call: pb.Call, body: bytes) -> None:
        self._started = perf_counter_ns()
        self._adapter = adapter
        self._api = api
        self._call = call
        self._body = api.rewrite(body, call.model, call.public_model) if body else body
        self._reader: AnswerReader = api.reader("" if call.public_model == call.model else call.public_model)
        self.stats = AnswerStats()
        self._upstream = adapter.upstream(self.stats, call.client_credential, api.response_headers)

    async def whole(self) -> pb.InvokeResponse:
        """The vendor's answer in one piece."""
        sent = self._request()
        while True:
            try:
                async with self._send(sent) as answer:
                    received = await answer.read()
                    with answer_errors:
                        data = self._reader.whole(received)
                    return pb.InvokeResponse(
                        body=data,
                        content_type=answer.content_type,
                        status=0 if answer.status == 200 else answer.status,
                        head=head(self.stats),
                        summary=self._summary(),
                    )
            except UpstreamError as error:
                sent = self._after(sent, error)

    async def stream(self, write: Write) -> None:
        """The vendor's events as they come."""
        sent = self._request()
        while True:
            try:
                async with self._send(sent) as answer:
                    self._answered = True
                    await self._pass_on(answer, write)
                    return
            except UpstreamError as error:
                sent = self._after(sent, error)

    async def _pass_on(self, answer: UpstreamAnswer, write: Write) -> None:
        content_type = answer.content_type
        splitter = self._splitter(content_type)
        content = "" if splitter is not None else content_type or JSON
        frames = AnswerFrames(self._adapter, self._call, self.stats, content)
        try:
            if splitter is not None:
                rest = await self._events(answer, splitter, frames, write)
            else:
                rest = await self._pieces(answer, frames, write)
            last = pb.InvokeStreamResponse(data=rest, summary=self._summary())
        except GatewayError as error:
            last = frames.failed(error, self._summary)
        await write(frames.described(last))

    async def _events(
        self, answer: UpstreamAnswer, splitter: EventSplitter | Reframed, frames: AnswerFrames, write: Write
    ) -> bytes:
        """Events, as they come; gives what goes with the end."""
        reader = self._reader
        while (chunk := await answer.chunk()) is not None:
            with answer_errors:
                data = b"".join(map(reader.event, splitter.feed(chunk)))
            if data:
                await write(frames.data(data))
        with answer_errors:
            rest = splitter.flush()
            data = reader.event(rest) if rest else b""
        if not reader.ended() and reader.error() is None:
            if data:
                await write(frames.data(data))
            raise UpstreamTruncated("The provider's stream broke off before its end.")
        return data

    def _splitter(self, content_type: str) -> EventSplitter | Reframed | None:
        """What cuts a stream of events, None for any other answer."""
        backend = self._adapter.provider.backend
        if content_type.startswith(EVENT_STREAM):
            return EventSplitter()
        return Reframed(backend.frames()) if content_type.startswith(backend.stream_type) else None

    async def _pieces(self, answer: UpstreamAnswer, frames: AnswerFrames, write: Write) -> bytes:
        """An array of chunks, or any other answer: passed on as it comes, read at its end."""
        pieces: list[bytes] = []
        while (chunk := await answer.chunk()) is not None:
            self.stats.hold(len(chunk))
            pieces.append(chunk)
            await write(frames.data(chunk))
        with answer_errors:
            self._reader.whole(b"".join(pieces))
        return b""

    def _request(self) -> NativeRequest:
        call = self._call
        path = call.path
        if not _PATH.fullmatch(path):
            raise RequestRefused(f"Invalid URL ({path})", status=404, param=None, code=None)
        path = path.replace("{model}", quote(call.model, safe="/"))
        if "/." in path.partition("?")[0]:
            raise RequestRefused(f"Invalid URL ({path})", status=404, param=None, code=None)
        sent = NativeRequest(path, self._body, dict(call.client_headers))
        if self._api.place is not None:
            sent = self._api.place(sent, call.model)
        return self._without_known(sent) if self._adapter.refusals.kept else sent

    def _refusal_key(self) -> Key:
        return self._call.tenant, self._call.model, f"native/{self._call.operation}"

    def _send(self, sent: NativeRequest) -> UpstreamAnswer:
        return self._upstream.send(sent.path, sent.body, method=self._call.method or "POST", headers=sent.headers)

    def _relaxed(self, sent: NativeRequest, errors: Sequence[GatewayError]) -> NativeRequest | None:
        relax = self._api.relax
        relaxed = relax(sent, errors) if relax is not None and self._call.drop_unsupported else None
        if relaxed is None:
            return None
        left, dropped = relaxed
        self.stats.dropped.update(dropped[:MAX_TOLD])
        return left

    def _summary(self) -> pb.Summary:
        metadata = self._reader.metadata
        return summary(self.stats, self._started, metadata, metadata.usage)


def _server_sent(data: bytes) -> bytes:
    """An event under its own type, where it names one."""
    kind = native_object(data).get("type")
    return sse_frame(data, kind if isinstance(kind, str) else "")
