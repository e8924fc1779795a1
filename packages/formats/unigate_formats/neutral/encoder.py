"""Neutral events → OpenAI's output formats, written once for all providers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from unigate_core.errors import GatewayError
from unigate_formats.neutral.events import Event, Usage


class Encoder(Protocol):
    """Turns events into bytes for the client. An encoder of whole answers gives all its bytes in `close`."""

    def write(self, events: Iterable[Event]) -> bytes:
        """The bytes of these events; empty while nothing can be said yet."""

    def close(self, usage: Usage | None) -> bytes:
        """The end of the answer. `usage` is None when the vendor gave none."""

    def fail(self, error: GatewayError) -> bytes:
        """The error as the client gets it after the first byte."""

    def stored(self) -> tuple[bytes, bytes] | None:
        """A finished response and its input items, where they are to be stored. Known after `close`."""
