"""How many tokens a request has, asked in another vendor's format: by this vendor's own counter, else an estimate."""

from __future__ import annotations

from time import perf_counter_ns, time

from msgspec import structs

from unigate.provider.v1 import provider_pb2 as pb
from unigate_adapter.adapter import Adapter
from unigate_adapter.answer_stats import AnswerStats
from unigate_adapter.calls.answer_errors import answer_errors
from unigate_adapter.calls.handler import Write, head, one_frame, request_object, summary
from unigate_adapter.upstream import native_object
from unigate_core.errors import UpstreamError
from unigate_core.json import dumps
from unigate_formats.client_formats import ClientFormat, FormatContext
from unigate_formats.neutral.check_chat import check_chat
from unigate_formats.neutral.estimate_tokens import estimate_tokens
from unigate_formats.neutral.request import ChatRequest
from unigate_formats.neutral.tool_names import with_portable_names
from unigate_formats.neutral.translation import Translation

ESTIMATED = "tokens_estimated"
_NOT_COUNTED = frozenset({400, 404})
"""How a vendor says that it does not count for this model."""


class CountTokensCall:
    """One count."""

    def __init__(
        self, adapter: Adapter, translation: Translation, client_format: ClientFormat, call: pb.Call, body: bytes
    ) -> None:
        self._started = perf_counter_ns()
        self._adapter = adapter
        self._translation = translation
        self._format = client_format
        self._call = call
        self._body = body
        self.stats = AnswerStats()

    async def whole(self) -> pb.InvokeResponse:
        """The count in the client's format. Raises GatewayError."""
        call, provider, table = self._call, self._adapter.provider, self._translation.parameters
        format_context = FormatContext(provider.name, table, self._adapter.cipher, time)
        chat = self._format.read(self._format.counted(request_object(self._body)), call, format_context)
        chat, _ = with_portable_names(chat)
        chat, _ = check_chat(chat, table, provider=provider.name, drop_unsupported=True)
        count = await self._count(structs.replace(chat, stream=False))
        if count is None:
            count = estimate_tokens(chat)
            self.stats.notes.append(ESTIMATED)
        return pb.InvokeResponse(
            body=dumps(self._format.count(count)),
            head=head(self.stats),
            summary=summary(self.stats, self._started, self.stats, None),
        )

    async def stream(self, write: Write) -> None:
        """The count, where frames are expected."""
        await write(one_frame(await self.whole()))

    async def _count(self, chat: ChatRequest) -> int | None:
        """What the vendor counts, None where it has no counter."""
        counter, call = self._adapter.provider.token_counter, self._call
        if counter is None:
            return None
        context = self._adapter.context(call, await self._adapter.models.model(call.model))
        context = structs.replace(context, drop_unsupported=True)
        kinds = self._translation.inline(chat)
        if kinds:
            chat = await self._adapter.media.inline(chat, kinds, self._translation.reads_url)
        native = self._translation.request(chat, context)
        upstream = self._adapter.upstream(self.stats, call.client_credential)
        body = dumps(counter.body(native.body, call.model))
        try:
            async with upstream.send(counter.path(call.model), body, headers=native.headers) as answer:
                native_answer = native_object(await answer.read())
        except UpstreamError as error:
            if error.status in _NOT_COUNTED and counter.partial:
                return None
            raise
        with answer_errors:
            return counter.count(native_answer)
