"""What the frames of every streamed answer have in common: the first holds its head, the last how it ended."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from unigate.provider.v1 import provider_pb2 as pb
from unigate_adapter.adapter import Adapter
from unigate_adapter.answer_stats import AnswerStats
from unigate_adapter.calls.envelope import error_message
from unigate_adapter.calls.handler import head
from unigate_core.errors import GatewayError


class AnswerFrames(msgspec.Struct):
    """One streamed answer. An empty `content_type` is that of events. `begun`: a frame was described, and so written.

    Where events are many, `begun` is asked for in place of a call for each of them.
    """

    adapter: Adapter
    call: pb.Call
    stats: AnswerStats
    content_type: str = ""
    begun: bool = False

    def begin(self, frame: pb.InvokeStreamResponse) -> None:
        """Tell in the first frame what is known by then."""
        self.begun = True
        frame.head.CopyFrom(head(self.stats))
        frame.content_type = self.content_type

    def described(self, frame: pb.InvokeStreamResponse) -> pb.InvokeStreamResponse:
        """The frame, with the head where it is the first."""
        if not self.begun:
            self.begin(frame)
        return frame

    def data(self, data: bytes) -> pb.InvokeStreamResponse:
        """A frame of bytes."""
        return self.described(pb.InvokeStreamResponse(data=data))

    def failed(self, error: GatewayError, summary: Callable[[], pb.Summary]) -> pb.InvokeStreamResponse:
        """The last frame after an error, which is safe to be shown. Raises the error where there is no first frame."""
        self.adapter.sanitise(error, self.call.client_credential)
        if not self.begun:
            raise error from error.__cause__
        return pb.InvokeStreamResponse(error=error_message(error), summary=summary())
