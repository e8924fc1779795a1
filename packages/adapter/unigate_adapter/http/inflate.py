"""A compressed body → its bytes, never many at a time: a few kilobytes can hold gigabytes."""

from __future__ import annotations

import zlib

from unigate_core.errors import UpstreamProtocol

STEP = 1024 * 1024
"""Bytes of output at a time."""
_PLAIN = frozenset({"", "identity"})
_ZLIB = frozenset({"gzip", "x-gzip", "deflate"})
_GZIP = b"\x1f\x8b"
# zlib's own form, or gzip's, recognised by its first bytes
_ANY_FORM = 32 + zlib.MAX_WBITS


class Inflater:
    """Sans-I/O: feed what came in, take what comes out until there is nothing."""

    def __init__(self) -> None:
        self._inflate = zlib.decompressobj(_ANY_FORM)
        self._pending = b""
        self._begun = False

    def feed(self, data: bytes) -> None:
        """Take compressed bytes."""
        self._pending += data

    def take(self) -> bytes:
        """At most STEP bytes; empty: feed more. Raises UpstreamProtocol for what is not compressed as it says."""
        if not self._pending:
            return b""
        if self._inflate.eof:
            if not self._pending.startswith(_GZIP):
                self._pending = b""  # padding
                return b""
            # gzip's members may stand one after another
            self._inflate = zlib.decompressobj(_ANY_FORM)
        try:
            out = self._inflate.decompress(self._pending, STEP)
        except zlib.error as error:
            if self._begun:
                raise UpstreamProtocol("The provider's answer is not compressed as it says.") from error
            # "deflate" without zlib's head, as some servers read the RFC
            self._begun, self._inflate = True, zlib.decompressobj(-zlib.MAX_WBITS)
            return self.take()
        self._begun = True
        self._pending = self._inflate.unconsumed_tail or self._inflate.unused_data
        return out

    def close(self) -> None:
        """The body has ended. Raises UpstreamProtocol when that is too early."""
        if not self._inflate.eof:
            raise UpstreamProtocol("The provider's compressed answer broke off.")


def inflater_of(encoding: str) -> Inflater | None:
    """What undoes a Content-Encoding; None for none. Raises UpstreamProtocol for others, and for several in a row."""
    encoding = encoding.strip().lower()
    if encoding in _PLAIN:
        return None
    if encoding in _ZLIB:
        return Inflater()
    raise UpstreamProtocol("The provider's answer is compressed in a way that it was not asked for.")
