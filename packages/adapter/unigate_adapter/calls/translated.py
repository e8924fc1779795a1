"""A call served by translation: chat completions, and responses by the bridge."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import aclosing
from time import perf_counter_ns, time

from unigate.provider.v1 import provider_pb2 as pb
from unigate_adapter.adapter import Adapter
from unigate_adapter.answer_stats import AnswerStats
from unigate_adapter.calls.answer_errors import answer_errors
from unigate_adapter.calls.frames import AnswerFrames
from unigate_adapter.calls.handler import Write, head, request_object, summary
from unigate_adapter.calls.vendor_chat import ChatExchange
from unigate_core.errors import GatewayError, RequestRefused
from unigate_formats.client_formats import ClientFormat, FormatContext
from unigate_formats.neutral.check_chat import check_chat
from unigate_formats.neutral.drop_extensions import drop_extensions
from unigate_formats.neutral.encoder import Encoder
from unigate_formats.neutral.events import Event
from unigate_formats.neutral.parameters import check_parameters, without
from unigate_formats.neutral.request import TOOL_SEARCH
from unigate_formats.neutral.root_object import RootValue, with_root_object
from unigate_formats.neutral.tool_names import with_own_names, with_portable_names
from unigate_formats.neutral.translation import NativeCall, Translation


class TranslatedCall:
    """One translated call."""

    def __init__(
        self, adapter: Adapter, translation: Translation, client_format: ClientFormat, call: pb.Call, body: bytes
    ) -> None:
        self._started = perf_counter_ns()
        self._adapter = adapter
        self._translation = translation
        self._format = client_format
        self._call = call
        self._body = body
        self._names: Mapping[str, str] = {}
        self._tool_names: Mapping[str, str] = {}
        self._root: RootValue | None = None
        self.stats = AnswerStats()
        upstream = adapter.upstream(self.stats, call.client_credential)
        self._exchange = ChatExchange(
            translation, upstream, self.stats, adapter.refusals, (call.tenant, call.model, "chat")
        )

    async def whole(self) -> pb.InvokeResponse:
        """Gather all events, then frame them."""
        try:
            encoder, calls = await self._prepare()
            async with aclosing(self._exchange.events(calls)) as batches:
                async for batch in batches:
                    with answer_errors:
                        encoder.write(self._as_asked(batch))
            with answer_errors:
                body = encoder.close(self.stats.usage)
        except GatewayError as error:
            raise self._renamed(error) from error.__cause__
        with answer_errors:
            answer_summary = self._summary()
        stored = encoder.stored()
        if stored:
            answer_summary.keep.response, answer_summary.keep.input_items = stored
        return pb.InvokeResponse(body=body, head=head(self.stats), summary=answer_summary)

    async def stream(self, write: Write) -> None:
        """One frame for each read from the vendor that has something to report."""
        encoder: Encoder | None = None
        frames = AnswerFrames(self._adapter, self._call, self.stats, self._format.content_type(self._call))
        blobs = 0
        try:
            encoder, calls = await self._prepare()
            async with aclosing(self._exchange.events(calls)) as batches:
                async for batch in batches:
                    with answer_errors:
                        frame = pb.InvokeStreamResponse(data=encoder.write(self._as_asked(batch)))
                    if len(self.stats.keep) > blobs:
                        blobs = len(self.stats.keep)
                        frame.keep.replay.update(self.stats.keep)
                    if frame.data or frame.HasField("keep"):
                        if not frames.begun:
                            frames.begin(frame)
                        await write(frame)
            with answer_errors:
                frame = pb.InvokeStreamResponse(data=encoder.close(self.stats.usage), summary=self._summary())
            stored = encoder.stored()
            if stored:
                frame.keep.response, frame.keep.input_items = stored
        except GatewayError as error:
            frame = frames.failed(self._renamed(error), self._summary)
            if encoder is not None:
                frame.data = encoder.fail(error)
        await write(frames.described(frame))

    async def _prepare(self) -> tuple[Encoder, list[NativeCall]]:
        call, provider = self._call, self._adapter.provider
        body = request_object(self._body)
        table = self._translation.parameters
        if self._format.parameters is not None:
            own = self._format.parameters(table)
            dropped = check_parameters(body, own, provider=provider.name, drop_unsupported=call.drop_unsupported)
            self.stats.dropped.update(dropped)
            body = without(body, dropped)
        format_context = FormatContext(provider.name, table, self._adapter.cipher, time)
        chat = self._format.read(body, call, format_context)
        self._names = chat.names
        if self._format.parameters is None:
            chat, dropped = check_chat(chat, table, provider=provider.name, drop_unsupported=call.drop_unsupported)
            self.stats.dropped.update(dropped)
        extensions = drop_extensions(chat, self._translation.extensions, drop_unsupported=call.drop_unsupported)
        self.stats.dropped.update(chat.dropped, extensions)
        self.stats.notes += chat.notes
        context = self._adapter.context(call, await self._adapter.models.model(call.model))
        if not (chat.tool_search and TOOL_SEARCH in context.model.features):
            self.stats.dropped.update(chat.deferred)
        kinds = self._translation.inline(chat)
        if kinds:
            chat = await self._adapter.media.inline(chat, kinds, self._translation.reads_url)
        portable = chat
        if self._format.parameters is None:
            portable, self._tool_names = with_portable_names(chat)
            portable, self._root = with_root_object(portable)
            self.stats.notes += portable.notes[len(chat.notes) :]
        calls = self._exchange.prepare(self._format.chats(portable, body), context)
        return self._format.encoder(chat, body, call, format_context), calls

    def _as_asked(self, batch: list[Event]) -> list[Event]:
        """The events with the client's own names of its tools, and its own form of a structured answer."""
        if self._tool_names:
            batch = with_own_names(batch, self._tool_names)
        return batch if self._root is None else self._root.unwrapped(batch)

    def _renamed(self, error: GatewayError) -> GatewayError:
        """The error with its parameter in the client's spelling, also where our own words name it."""
        if self._format.parameters is None:
            # a vendor's own error body is in OpenAI's format, which this client does not read
            error.body = b""
        name = self._names.get(error.param or "")
        if name is not None:
            if isinstance(error, RequestRefused):
                error.message = error.message.replace(f"'{error.param}'", f"'{name}'")
            error.param = name
        return error

    def _summary(self) -> pb.Summary:
        return summary(self.stats, self._started, self.stats, self.stats.usage)
