"""A call served by a handler: embeddings, images, audio of a vendor with formats of its own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing
from time import perf_counter_ns

from unigate.provider.v1 import provider_pb2 as pb
from unigate_adapter.adapter import Adapter
from unigate_adapter.answer_stats import AnswerStats
from unigate_adapter.calls.answer_errors import answer_errors
from unigate_adapter.calls.frames import AnswerFrames
from unigate_adapter.calls.handler import Write, head, one_frame, request_object, summary
from unigate_adapter.upstream import EVENT_STREAM, UpstreamAnswer, native_object
from unigate_core.errors import GatewayError
from unigate_core.form_reader import check_form, read_form
from unigate_core.json import Json, dumps
from unigate_core.sse import frame as sse_frame
from unigate_formats.neutral.events import Usage
from unigate_formats.neutral.parameters import check_parameters, without
from unigate_formats.neutral.translation import Handler, NativeCall, ResultStream

MAX_CONCURRENCY = 4


class OperationCall:
    """One call of a handler. `upload` is the client's multipart body where there is one, else `body` is JSON."""

    def __init__(
        self,
        adapter: Adapter,
        handler: Handler,
        call: pb.Call,
        body: bytes,
        upload: AsyncIterator[bytes] | None = None,
    ) -> None:
        self._started = perf_counter_ns()
        self._adapter = adapter
        self._handler = handler
        self._call = call
        self._body = body
        self._upload = upload
        self.stats = AnswerStats()
        self._upstream = adapter.upstream(self.stats, call.client_credential)

    async def whole(self) -> pb.InvokeResponse:
        """All native answers, as one."""
        return await self._whole(await self._calls())

    async def _whole(self, calls: Sequence[NativeCall]) -> pb.InvokeResponse:
        gate = asyncio.Semaphore(MAX_CONCURRENCY)
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(self._fetch_object(call, gate)) for call in calls]
        answers: list[Json | None] = [task.result() for task in tasks]
        state = calls[0].state
        extra = self._handler.follow_up([answer for answer in answers if answer is not None], state)
        if extra is not None:
            try:
                answers.append(await self._fetch_object(extra, gate))
            except GatewayError:
                answers.append(None)
        with answer_errors:
            product = self._handler.answer(answers, state)
        self.stats.notes += product.notes
        return pb.InvokeResponse(
            body=product.body,
            content_type=product.content_type,
            head=head(self.stats),
            summary=self._summary(product.usage),
        )

    async def stream(self, write: Write) -> None:
        """The native stream, translated read by read; a handler without streams answers in one frame."""
        calls = await self._calls()
        if self._handler.stream is None or not calls[0].stream:
            await write(one_frame(await self._whole(calls)))
            return
        product = self._handler.stream(calls[0].state)
        async with self._send(calls[0]) as answer:
            await self._stream(answer, product, write)

    async def _stream(self, answer: UpstreamAnswer, product: ResultStream, write: Write) -> None:
        frames = AnswerFrames(self._adapter, self._call, self.stats, product.content_type)
        try:
            async with aclosing(self._pieces(answer, product)) as pieces:
                async for data in pieces:
                    await write(frames.data(data))
            frame = pb.InvokeStreamResponse(summary=self._summary(product.usage))
        except GatewayError as error:
            frame = frames.failed(error, lambda: self._summary(product.usage))
            if product.content_type.startswith(EVENT_STREAM):
                frame.data = sse_frame(dumps(error.to_openai()))
        await write(frames.described(frame))

    async def _pieces(self, answer: UpstreamAnswer, product: ResultStream) -> AsyncGenerator[bytes, None]:
        """The client's bytes, those of one read at a time, none of them empty."""
        decoder = self._upstream.frames()
        while (chunk := await answer.chunk()) is not None:
            data, error = _made(product, decoder.feed(chunk))
            if data:
                yield data
            if error:
                raise error
        data, error = _made(product, decoder.flush(), end=True)
        if data:
            yield data
        if error:
            raise error

    async def _calls(self) -> Sequence[NativeCall]:
        call, provider = self._call, self._adapter.provider
        body = await self._request()
        dropped = check_parameters(
            body, self._handler.parameters, provider=provider.name, drop_unsupported=call.drop_unsupported
        )
        self.stats.dropped.update(dropped)
        body = {**without(body, dropped), "model": call.model}
        if self._upload is not None:
            check_form(body)
        model = await self._adapter.models.model(call.model)
        fetched = await self._adapter.media.fetch_all(self._handler.fetch(body))
        context = self._adapter.context(call, model, fetched)
        calls = self._handler.calls(body, context)
        for native in calls[:1]:
            self.stats.dropped.update(native.dropped)
            self.stats.notes += native.notes
        return calls

    async def _request(self) -> Json:
        if self._upload is not None:
            return await read_form(self._call.content_type, self._counted(self._upload))
        return request_object(self._body)

    async def _counted(self, upload: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        async for chunk in upload:
            self.stats.hold(len(chunk))
            yield chunk

    async def _fetch_object(self, call: NativeCall, gate: asyncio.Semaphore) -> Json:
        async with gate, self._send(call) as answer:
            native = native_object(await answer.read())
            wanted = self._handler.answer_headers
            return native | {name: answer.headers[name] for name in wanted if name in answer.headers}

    def _send(self, call: NativeCall) -> UpstreamAnswer:
        return self._upstream.send(call.path, dumps(call.body), method=call.method, headers=call.headers)

    def _summary(self, usage: Usage | None) -> pb.Summary:
        return summary(self.stats, self._started, self.stats, usage)


def _made(product: ResultStream, native: Sequence[bytes], *, end: bool = False) -> tuple[bytes, GatewayError | None]:
    """The bytes of one read. What came before an error is not lost with it."""
    made: list[bytes] = []
    try:
        with answer_errors:
            made.extend(product.feed(native_object(data)) for data in native)
            if end:
                made.append(product.close())
    except GatewayError as error:
        return b"".join(made), error
    return b"".join(made), None
