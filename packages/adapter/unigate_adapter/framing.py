"""How a vendor's stream is cut into events."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol


class FrameDecoder(Protocol):
    """Bytes of a stream, split anywhere, to the data of its events; one per call. Server-sent events by default."""

    def feed(self, chunk: bytes) -> Sequence[bytes]:
        """The data of the events that this chunk completes. Raises UpstreamProtocol."""

    def flush(self) -> Sequence[bytes]:
        """The stream has ended: what was not closed."""
