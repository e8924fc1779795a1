"""Embeddings asked for as Gemini's API does, from a provider that has them as OpenAI's API does."""

from __future__ import annotations

from unigate.provider.v1 import provider_pb2 as pb
from unigate_adapter.adapter import Adapter
from unigate_adapter.answer_stats import AnswerStats
from unigate_adapter.calls.answer_errors import answer_errors
from unigate_adapter.calls.handler import CallHandler, Write, head, one_frame, request_object
from unigate_adapter.calls.operation import OperationCall
from unigate_adapter.calls.passthrough import PassthroughCall
from unigate_core.json import dumps, loads
from unigate_formats.gemini_generate_content.embeddings_bridge import from_embeddings, to_embeddings
from unigate_formats.gemini_generate_content.parameters import EMBEDDINGS
from unigate_formats.neutral.operation import Operation
from unigate_formats.neutral.translation import Handler, PassThrough

BATCH = ":batchEmbedContents"


class BridgedEmbeddings:
    """One request, served by the provider's own operation. Raises RequestRefused when it is made."""

    def __init__(self, adapter: Adapter, how: PassThrough | Handler, call: pb.Call, body: bytes) -> None:
        self._batch = BATCH in call.path
        dropped: list[str] = []
        asked = to_embeddings(
            request_object(body),
            call.model,
            dropped,
            drop_unsupported=call.drop_unsupported,
            with_options=isinstance(how, Handler) and how.parameters is EMBEDDINGS,
        )
        self._count = len(asked["input"])
        self._call = self._served_by(adapter, how, call, dumps(asked))
        self.stats: AnswerStats = self._call.stats
        self.stats.dropped.update(dropped)

    async def whole(self) -> pb.InvokeResponse:
        """The embeddings. Raises GatewayError."""
        answer = await self._call.whole()
        with answer_errors:
            answer.body = dumps(from_embeddings(loads(answer.body), count=self._count, batch=self._batch))
        answer.head.CopyFrom(head(self.stats))
        return answer

    async def stream(self, write: Write) -> None:
        """The embeddings, where frames are expected."""
        await write(one_frame(await self.whole()))

    @staticmethod
    def _served_by(adapter: Adapter, how: PassThrough | Handler, call: pb.Call, body: bytes) -> CallHandler:
        if isinstance(how, PassThrough):
            return PassthroughCall(adapter, how, Operation.EMBEDDINGS, call, body)
        return OperationCall(adapter, how, call, body)
