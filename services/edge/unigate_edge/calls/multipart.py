"""The one thing the edge reads in a multipart body: which model is asked for. RFC 7578

Fields come in any order, so the file may stand before the model's name. What has to wait until then waits on disk.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from tempfile import SpooledTemporaryFile
from typing import IO

from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import MultipartParser, parse_options_header

from unigate_common.errors import RequestRefused
from unigate_edge.errors import wrong_content_type

CHUNK = 256 * 1024
_IN_MEMORY = 1024 * 1024
_NAME_LIMIT = 512


class FormScan:
    """Looks for one text field in a body that comes in pieces."""

    def __init__(self, content_type: bytes, field: bytes) -> None:
        """Raises GatewayError when the body is no form."""
        media_type, options = parse_options_header(content_type)
        boundary = options.get(b"boundary")
        if media_type != b"multipart/form-data" or not boundary:
            raise wrong_content_type(content_type.decode("latin-1"), "multipart/form-data")
        self._field = field
        self._header = [b"", b""]
        self._wanted = False
        self._value = b""
        self.found: str | None = None
        self._parser = MultipartParser(
            boundary,
            {
                "on_part_begin": self._part_begins,
                "on_header_begin": self._header_begins,
                "on_header_field": self._header_name,
                "on_header_value": self._header_value,
                "on_header_end": self._header_ends,
                "on_part_data": self._data,
                "on_part_end": self._part_ends,
            },
        )

    def feed(self, chunk: bytes) -> None:
        """Read on. Raises GatewayError when this is no form."""
        try:
            self._parser.write(chunk)
        except MultipartParseError as error:
            raise RequestRefused(
                "The multipart body of the request cannot be parsed.", param=None, code="invalid_multipart"
            ) from error

    def _part_begins(self) -> None:
        self._wanted, self._value = False, b""

    def _header_begins(self) -> None:
        self._header = [b"", b""]

    def _header_name(self, data: bytes, start: int, end: int) -> None:
        self._header[0] += data[start:end]

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._header[1] += data[start:end]

    def _header_ends(self) -> None:
        if self._header[0].lower() == b"content-disposition":
            _, options = parse_options_header(self._header[1])
            self._wanted = options.get(b"name") == self._field and b"filename" not in options

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self._wanted and len(self._value) <= _NAME_LIMIT:
            self._value += data[start:end]

    def _part_ends(self) -> None:
        if self._wanted and self.found is None:
            self.found = self._value.decode("utf-8", "replace")


async def read_until_found(scan: FormScan, chunks: AsyncIterator[bytes], hold: Callable[[int], None]) -> IO[bytes]:
    """Read on until the field is found or the body ends. Returns what was read, from its start; close it.

    `hold` is told how many bytes wait.
    """
    waiting: IO[bytes] = SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115
    try:
        async for chunk in chunks:
            hold(len(chunk))
            waiting.write(chunk)
            scan.feed(chunk)
            if scan.found is not None:
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
