"""Multipart bodies: read whole for handlers, or passed through chunk by chunk with the model renamed. RFC 7578"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from email.message import Message
from typing import Any

from python_multipart import MultipartParser
from python_multipart.exceptions import MultipartParseError

from unigate_common.codec import Json
from unigate_common.errors import RequestRefused
from unigate_common.provider import FormFile

_MODEL_PART = re.compile(rb'content-disposition:[^\r\n]*;\s*name="?model"?\s*(;|\r|$)', re.IGNORECASE)
_LONGEST_VALUE = 4096
_LONGEST_EPILOGUE = 1024


def boundary_of(content_type: str) -> bytes:
    """The boundary that a content type names. Raises RequestRefused."""
    message = Message()
    message["content-type"] = content_type
    boundary = message.get_param("boundary")
    if message.get_content_type() != "multipart/form-data" or not isinstance(boundary, str) or not boundary:
        raise _malformed("the content type must be multipart/form-data with a boundary")
    return boundary.encode()


class ModelRename:
    """Passes a multipart body through, the value of its `model` field replaced. Holds back one field's head at most."""

    def __init__(self, content_type: str, model: str) -> None:
        self._delimiter = b"--" + boundary_of(content_type)
        self._model = model.encode()
        self._held = b""
        self._done = False
        self._tail = b""

    def feed(self, chunk: bytes) -> bytes:
        """The bytes that can go on."""
        self._tail = (self._tail + chunk)[-_LONGEST_EPILOGUE:] if len(chunk) < _LONGEST_EPILOGUE else chunk
        if self._done:
            return chunk
        self._held += chunk
        out = []
        while not self._done:
            start = self._held.find(self._delimiter)
            if start < 0:
                keep = len(self._delimiter) - 1
                out.append(self._held[:-keep])
                self._held = self._held[-keep:]
                break
            head_end = self._held.find(b"\r\n\r\n", start)
            if head_end < 0:
                break
            if not _MODEL_PART.search(self._held, start, head_end + 2):
                out.append(self._held[: head_end + 4])
                self._held = self._held[head_end + 4 :]
                continue
            value_end = self._held.find(b"\r\n" + self._delimiter, head_end + 2)
            if value_end < 0 and len(self._held) - head_end < _LONGEST_VALUE:
                break
            out.append(self._held[: head_end + 4] + self._model + self._held[value_end:])
            self._held = b""
            self._done = True
        return b"".join(out)

    def close(self) -> bytes:
        """What was held back. Raises RequestRefused when the closing boundary never came.

        An upload that its client broke off looks like one that has ended; the vendor must not take it for whole.
        """
        if self._delimiter + b"--" not in self._tail:
            raise _malformed("the body ends before its closing boundary")
        held, self._held = self._held, b""
        return held


async def read_form(content_type: str, chunks: AsyncIterator[bytes]) -> Json:
    """The whole form: fields as strings, repeated fields as lists, files as lists of FormFile.

    A trailing `[]` in a field's name is left out, as OpenAI does. Raises RequestRefused.
    """
    reader = _FormReader()
    parser = MultipartParser(
        boundary_of(content_type),
        {
            "on_part_begin": reader.begin,
            "on_header_field": reader.header_field,
            "on_header_value": reader.header_value,
            "on_header_end": reader.header_end,
            "on_part_data": reader.data,
            "on_part_end": reader.end,
            "on_end": reader.finish,
        },
    )
    try:
        async for chunk in chunks:
            parser.write(chunk)
        parser.finalize()
    except MultipartParseError as error:
        raise _malformed("the body does not follow the multipart format") from error
    if not reader.complete:
        raise _malformed("the body ends before its closing boundary")
    return reader.form


class _FormReader:
    """Gathers what the parser finds."""

    def __init__(self) -> None:
        self.form: Json = {}
        self.complete = False
        self._headers: dict[str, str] = {}
        self._name = b""
        self._value = b""
        self._body: list[bytes] = []

    def begin(self) -> None:
        self._headers, self._body = {}, []

    def header_field(self, data: bytes, start: int, end: int) -> None:
        self._name += data[start:end]

    def header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def header_end(self) -> None:
        self._headers[self._name.decode("latin-1").lower()] = self._value.decode("utf-8", "replace")
        self._name = self._value = b""

    def data(self, data: bytes, start: int, end: int) -> None:
        self._body.append(data[start:end])

    def finish(self) -> None:
        self.complete = True

    def end(self) -> None:
        disposition = Message()
        disposition["content-disposition"] = self._headers.get("content-disposition", "")
        name = disposition.get_param("name", header="content-disposition")
        if not isinstance(name, str):
            raise _malformed("a part has no name")
        body = b"".join(self._body)
        filename = disposition.get_filename()
        many = name.endswith("[]")
        name = name.removesuffix("[]")
        if filename is not None:
            content_type = self._headers.get("content-type", "application/octet-stream")
            self.form.setdefault(name, []).append(FormFile(filename, content_type, body))
            return
        self._field(name, body.decode("utf-8", "replace"), many=many)

    def _field(self, name: str, value: str, *, many: bool) -> None:
        before: Any = self.form.get(name)
        if before is None:
            self.form[name] = [value] if many else value
        else:
            self.form[name] = [*(before if isinstance(before, list) else [before]), value]


def _malformed(reason: str) -> RequestRefused:
    return RequestRefused(f"Malformed multipart request: {reason}.", param=None, code="invalid_multipart")
