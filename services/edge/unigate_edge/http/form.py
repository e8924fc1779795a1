"""An upload on its way to the adapter: what has to wait until its model is known waits on disk.

Fields of a form come in any order, so the file may stand before the model's name.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from tempfile import SpooledTemporaryFile
from typing import IO

from unigate_core.multipart import FormScan

CHUNK = 256 * 1024
_IN_MEMORY = 1024 * 1024


async def read_until_found(scan: FormScan, chunks: AsyncIterator[bytes], hold: Callable[[int], None]) -> IO[bytes]:
    """Read on until the scan is done or the body ends. Returns what was read, from its start; close it.

    `hold` is called with the number of bytes that wait.
    """
    waiting: IO[bytes] = SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115
    try:
        async for chunk in chunks:
            hold(len(chunk))
            waiting.write(chunk)
            scan.feed(chunk)
            if scan.done:
                break
    except BaseException:
        waiting.close()
        raise
    waiting.seek(0)
    return waiting


async def in_frames(waiting: IO[bytes], chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The whole body in frames of at most CHUNK bytes, and few that are much smaller."""
    while chunk := waiting.read(CHUNK):
        yield chunk
    pending = bytearray()
    async for chunk in chunks:
        pending += chunk
        while len(pending) >= CHUNK:
            yield bytes(pending[:CHUNK])
            del pending[:CHUNK]
    if pending:
        yield bytes(pending)
