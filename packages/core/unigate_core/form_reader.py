"""A multipart form read whole, for handlers: fields as strings, arrays as lists, files with their names and types."""

from __future__ import annotations

from collections.abc import AsyncIterator

import msgspec

from unigate_core.errors import RequestRefused
from unigate_core.json import Json
from unigate_core.multipart import ARRAY_FIELDS, FormParser, Part, malformed

FILE_FIELDS = frozenset({"file", "image", "mask"})
MAX_FIELD_BYTES = 1024 * 1024
"""Of a field that is no file."""


class FormFile(msgspec.Struct, frozen=True):
    """An uploaded file of a multipart request."""

    filename: str
    content_type: str
    data: bytes


async def read_form(content_type: str, chunks: AsyncIterator[bytes]) -> Json:
    """The whole form: fields as strings, arrays as lists, files as lists of FormFile.

    A trailing `[]` in a field's name is left out, as OpenAI does. Raises RequestRefused.
    """
    reader = _FormReader()
    parser = FormParser(content_type, begin=reader.begin, data=reader.data, end=reader.end)
    async for chunk in chunks:
        parser.feed(chunk)
    parser.close()
    return reader.form


def check_form(form: Json) -> None:
    """Raises RequestRefused for a file, or for several values, in the place of a text."""
    for name, value in form.items():
        if not isinstance(value, list):
            continue
        has_file = any(isinstance(each, FormFile) for each in value)
        if name not in (FILE_FIELDS if has_file else ARRAY_FIELDS):
            kind = "a file" if has_file else "an array"
            message = f"Invalid type for '{name}': expected a text, but got {kind} instead."
            raise RequestRefused(message, param=name, code="invalid_type")


class _FormReader:
    """Gathers what the parser finds."""

    def __init__(self) -> None:
        self.form: Json = {}
        self._part = Part("", None, "")
        self._body: list[bytes] = []
        self._size = 0

    def begin(self, part: Part) -> None:
        self._part, self._body, self._size = part, [], 0

    def data(self, data: bytes) -> None:
        self._size += len(data)
        if self._part.filename is None and self._size > MAX_FIELD_BYTES:
            raise malformed(f"the field '{self._part.base_name}' is longer than {MAX_FIELD_BYTES} bytes")
        self._body.append(data)

    def end(self) -> None:
        part, body = self._part, b"".join(self._body)
        if part.filename is not None:
            filename = part.filename.encode("latin-1").decode("utf-8", "replace")
            content_type = part.content_type or "application/octet-stream"
            self._array(part.base_name).append(FormFile(filename, content_type, body))
            return
        value = body.decode("utf-8", "replace")
        if part.base_name in self.form or part.name.endswith("[]"):
            self._array(part.base_name).append(value)
        else:
            self.form[part.base_name] = value

    def _array(self, name: str) -> list[str | FormFile]:
        """The values that a field has, as a list that goes on."""
        before = self.form.get(name, [])
        values: list[str | FormFile] = before if isinstance(before, list) else [before]
        self.form[name] = values
        return values
