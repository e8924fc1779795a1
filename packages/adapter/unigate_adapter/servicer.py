"""The RPCs of an adapter: find how the call is served, serve it, and turn every fault into the contract's error."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

from grpc import StatusCode
from grpc.aio import ServicerContext

from unigate.provider.v1 import provider_pb2 as pb
from unigate.provider.v1 import provider_pb2_grpc
from unigate_adapter.adapter import Adapter
from unigate_adapter.answer_stats import AnswerStats
from unigate_adapter.calls.bridged_embeddings import BridgedEmbeddings
from unigate_adapter.calls.count_tokens import CountTokensCall
from unigate_adapter.calls.envelope import OPERATIONS, error_message, internal_error
from unigate_adapter.calls.handler import CallHandler, Write, head
from unigate_adapter.calls.native import NativeCall
from unigate_adapter.calls.operation import OperationCall
from unigate_adapter.calls.passthrough import PassthroughCall
from unigate_adapter.calls.translated import TranslatedCall
from unigate_adapter.capabilities import capabilities
from unigate_adapter.held_bytes import Hold
from unigate_adapter.schema_rules import check_schema_fault
from unigate_adapter.telemetry.metrics import Observed, Telemetry
from unigate_core.errors import (
    INVALID_REQUEST,
    GatewayError,
    RequestRefused,
    UpstreamProtocol,
    drop_tracebacks,
    nested_too_deeply,
)
from unigate_core.telemetry.logs import get_logger
from unigate_formats.client_formats import CLIENT_FORMATS, OTHER_CLIENT_FORMATS
from unigate_formats.neutral.operation import Operation
from unigate_formats.neutral.translation import Handler, PassThrough, Translation
from unigate_formats.openai_responses import COMPACT

log = get_logger()

EARLY_HEAD_SECONDS = 1.0
"""A vendor that takes longer to begin gets its head sent ahead, so that the edge can commit to its headers."""

Context = ServicerContext[Any, Any]


class ProviderServicer(provider_pb2_grpc.ProviderServiceServicer):
    """Serves one provider."""

    def __init__(self, adapter: Adapter, telemetry: Telemetry) -> None:
        self._adapter = adapter
        self._telemetry = telemetry

    async def GetCapabilities(self, request: pb.GetCapabilitiesRequest, context: Context) -> pb.GetCapabilitiesResponse:
        """See the contract."""
        return await capabilities(self._adapter, refresh=request.refresh)

    async def Invoke(self, request: pb.InvokeRequest, context: Context) -> pb.InvokeResponse:
        """See the contract."""
        with self._telemetry.call(request, context, stream=False) as observed, self._adapter.held.call() as hold:
            run: CallHandler | None = None
            try:
                run = self._held_run(hold, request.call, request.body)
                answer = await run.whole()
            except Exception as error:  # noqa: BLE001 - the boundary: every fault becomes an answer
                answer = pb.InvokeResponse(error=self._error(error, request.call, run))
                if run is not None:
                    answer.head.CopyFrom(head(run.stats))
            observed.whole(answer)
            return answer

    async def InvokeStream(  # type: ignore[override]
        self, request: pb.InvokeStreamRequest, context: Context
    ) -> None:
        """See the contract."""
        with self._telemetry.call(request, context, stream=True) as observed, self._adapter.held.call() as hold:
            frames = _FrameWriter(observed, context.write, ahead=True)
            await self._stream(lambda: self._held_run(hold, request.call, request.body), request.call, frames)

    async def InvokeUpload(  # type: ignore[override]
        self, request_iterator: AsyncIterator[pb.InvokeUploadRequest], context: Context
    ) -> None:
        """See the contract."""
        first = await anext(aiter(request_iterator), None)
        if first is None or not first.HasField("call"):
            error = RequestRefused("The first frame of an upload must be its call.", param=None, code=None)
            await context.write(pb.InvokeUploadResponse(whole=pb.InvokeResponse(error=error_message(error))))
            return
        call = first.call
        with self._telemetry.call(first, context, stream=True) as observed, self._adapter.held.call() as hold:
            # Ahead of the first frame it is not known yet whether the answer is a whole one.
            frames = _FrameWriter(observed, _UploadAnswer(context).write, ahead=False)
            upload = _chunks(request_iterator)
            await self._stream(lambda: self._held_run(hold, call, b"", upload), call, frames)

    async def Session(  # type: ignore[override]
        self, request_iterator: AsyncIterator[pb.SessionRequest], context: Context
    ) -> None:
        """See the contract."""
        await context.abort(StatusCode.UNIMPLEMENTED, "Sessions are not served yet.")

    async def _stream(self, make: Callable[[], CallHandler], call: pb.Call, frames: _FrameWriter) -> None:
        run: CallHandler | None = None
        try:
            run = make()
            frames.begin(run.stats)
            await run.stream(frames.write)
        except Exception as error:  # noqa: BLE001 - as above
            frame = pb.InvokeStreamResponse(error=self._error(error, call, run))
            if run is not None:
                frame.head.CopyFrom(head(run.stats))
            await frames.write(frame)
        finally:
            frames.close()

    def _held_run(
        self, hold: Hold, call: pb.Call, body: bytes, upload: AsyncIterator[bytes] | None = None
    ) -> CallHandler:
        hold.add(len(body))
        run = self._run(call, body, upload)
        run.stats.hold = hold.add
        return run

    def _run(self, call: pb.Call, body: bytes, upload: AsyncIterator[bytes] | None = None) -> CallHandler:
        adapter = self._adapter.serving(call.model)
        operation = OPERATIONS.get(call.operation)
        if call.client_format not in (pb.CLIENT_FORMAT_UNSPECIFIED, pb.CLIENT_FORMAT_OPENAI):
            return self._other_format(adapter, operation, call, body)
        how = adapter.provider.operations.get(operation) if operation else None
        if how is None and operation is Operation.RESPONSES_RESOURCE and call.path == COMPACT:
            operation = Operation.RESPONSES
            how = adapter.provider.operations.get(operation)
        if call.HasField("schema_fault"):
            check_schema_fault(call.schema_fault, how)
        if isinstance(how, PassThrough) and operation:
            return PassthroughCall(adapter, how, operation, call, body, upload)
        if isinstance(how, Handler):
            return OperationCall(adapter, how, call, body, upload)
        if operation is not None and operation in CLIENT_FORMATS:
            how = how or adapter.provider.chat_translation
            if isinstance(how, Translation):
                return TranslatedCall(adapter, how, CLIENT_FORMATS[operation], call, body)
        raise self._unsupported(operation)

    def _other_format(self, adapter: Adapter, operation: Operation | None, call: pb.Call, body: bytes) -> CallHandler:
        """A call in another vendor's format than OpenAI's: passed through where the provider has that API itself."""
        provider = adapter.provider
        api = provider.native.get(call.client_format)
        if api is not None and (operation is None or operation in api.operations):
            return NativeCall(adapter, api, call, body)
        how = provider.operations.get(Operation.EMBEDDINGS)
        if operation is Operation.EMBEDDINGS and isinstance(how, PassThrough | Handler):
            return BridgedEmbeddings(adapter, how, call, body)
        translation = provider.chat_translation
        client_format = OTHER_CLIENT_FORMATS.get(call.client_format)
        if translation is None or client_format is None:
            raise self._unsupported(operation)
        if operation is Operation.COUNT_TOKENS:
            return CountTokensCall(adapter, translation, client_format, call, body)
        if operation is not Operation.CHAT:
            raise self._unsupported(operation)
        return TranslatedCall(adapter, translation, client_format, call, body)

    def _unsupported(self, operation: Operation | None) -> RequestRefused:
        return RequestRefused(
            f"The provider '{self._adapter.provider.name}' has no {operation.value if operation else 'such'} endpoint.",
            param="model",
            code="unsupported_endpoint",
            status=404,
            type=INVALID_REQUEST,
        )

    def _error(self, error: Exception, call: pb.Call, run: CallHandler | None) -> pb.Error:
        first = error.exceptions[0] if isinstance(error, ExceptionGroup) else error
        if isinstance(first, RecursionError):
            asked = run is not None and run.stats.sent_ns
            first = UpstreamProtocol("The provider's answer is nested too deeply.") if asked else nested_too_deeply()
        if isinstance(first, GatewayError):
            safe = self._adapter.sanitise(first, call.client_credential)
        else:
            log.error("unexpected_error", request_id=call.request_id, exc_info=first)
            safe = internal_error(call.request_id)
        drop_tracebacks(error)
        return error_message(safe)


class _FrameWriter:
    """Writes frames; with `ahead` the head alone when the first of them is late."""

    def __init__(self, observed: Observed, write: Write, *, ahead: bool) -> None:
        self._observed = observed
        self._write = write
        self._ahead = ahead
        self._begun = False
        self._stats = AnswerStats()
        self._task: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None

    def begin(self, stats: AnswerStats) -> None:
        """The answer is being made."""
        self._stats = stats
        if self._ahead:
            self._timer = asyncio.get_running_loop().call_later(EARLY_HEAD_SECONDS, self._due)

    async def write(self, frame: pb.InvokeStreamResponse) -> None:
        """Write a frame. Before the first, the head stays where it is, or has gone out already."""
        if not self._begun:
            await self._begin()
        if not self._stats.first_data_ns and frame.data:
            self._stats.first_data_ns = self._stats.read_ns
        self._observed.frame(frame)
        await self._write(frame)

    def close(self) -> None:
        """The call has ended."""
        if self._timer is not None:
            self._timer.cancel()
        if self._task is not None:
            self._task.cancel()

    async def _begin(self) -> None:
        self._begun = True
        if self._timer is not None:
            self._timer.cancel()
        if self._task is not None:
            await self._task

    def _due(self) -> None:
        self._task = asyncio.ensure_future(self._send_head())

    async def _send_head(self) -> None:
        frame = pb.InvokeStreamResponse(head=head(self._stats))
        self._observed.frame(frame)
        await self._write(frame)


class _UploadAnswer:
    """Parts of an event stream as they come; of anything else one whole answer, whose type and length are known."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._whole: pb.InvokeResponse | None = None
        self._parts = False
        self._data: list[bytes] = []

    async def write(self, frame: pb.InvokeStreamResponse) -> None:
        """Take the next frame of the answer."""
        if self._whole is None and not self._parts:
            self._parts = not frame.content_type or frame.content_type.startswith("text/event-stream")
            self._whole = None if self._parts else pb.InvokeResponse(head=frame.head, content_type=frame.content_type)
        if self._whole is None:
            await self._context.write(pb.InvokeUploadResponse(part=frame))
            return
        self._data.append(frame.data)
        if frame.HasField("error"):
            self._whole.error.CopyFrom(frame.error)
        elif frame.HasField("summary"):
            self._whole.body = b"".join(self._data)
            self._whole.summary.CopyFrom(frame.summary)
        else:
            return
        await self._context.write(pb.InvokeUploadResponse(whole=self._whole))


async def _chunks(requests: AsyncIterator[pb.InvokeUploadRequest]) -> AsyncIterator[bytes]:
    async for request in requests:
        yield request.chunk
