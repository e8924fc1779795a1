"""Multipart forms: one parser, and so one meaning, for the edge and the adapters. RFC 7578

The edge scans a form for the fields that decide who may send it (`FormScan`), a handler reads it whole
(`form_reader`), and a pass-through writes it anew, part by part (`FormRewriter`). The vendor's parser thus sees nothing
but what was understood here: no second `model`, no header that another parser would read in another way, no epilogue.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import msgspec
from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import MultipartParser, parse_options_header

from unigate_core.errors import RequestRefused

ARRAY_FIELDS = frozenset({"image", "include", "keywords", "known_speaker_names", "known_speaker_references",
                          "languages", "timestamp_granularities"})  # fmt: skip
"""Fields that may stand in a form several times. OpenAI's clients write them with a trailing `[]`."""
SINGLE_FIELDS = frozenset({"model", "n", "prompt"})
"""Fields that the edge decides by. Others that are written with `[]` may be arrays, whether they are known or not."""

MAX_PARTS = 256
_SCAN_BYTES = 64 * 1024

_BOUNDARY = re.compile(r"[0-9A-Za-z'()+_,./:=? -]{0,69}[0-9A-Za-z'()+_,./:=?-]")
_NAME = re.compile(r'[^\x00-\x1f"\\\x7f]{1,200}')
_PLAIN_TEXT = re.compile(r"[\x20-\x7e]{1,200}")
_IDENTITY = frozenset({"", "7bit", "8bit", "binary"})


def boundary_of(content_type: str) -> str:
    """The boundary that a content type names. Raises RequestRefused."""
    media_type, options = parse_options_header(content_type)
    boundary = options.get(b"boundary", b"").decode("latin-1")
    if media_type.strip() != b"multipart/form-data" or not _BOUNDARY.fullmatch(boundary):
        raise malformed("the content type must be multipart/form-data with a boundary")
    return boundary


class Part(msgspec.Struct, frozen=True):
    """The head of one part. Text is as in the headers, each byte one character."""

    name: str
    filename: str | None
    content_type: str

    @property
    def base_name(self) -> str:
        """The field's name without the `[]` of an array."""
        return self.name.removesuffix("[]")


class FormParser:
    """Calls `begin`, `data` and `end` for each part of a form that comes in pieces. Sans-I/O.

    A field that is no array may stand there once, in whatever spelling: the first and the last of two are for two
    readers two different values.
    """

    def __init__(
        self,
        content_type: str,
        *,
        begin: Callable[[Part], None],
        data: Callable[[bytes], None],
        end: Callable[[], None],
    ) -> None:
        """Raises RequestRefused when the content type is that of no form."""
        self._begin = begin
        self._data = data
        self._complete = False
        self._headers: list[tuple[str, str]] = []
        self._name = self._value = b""
        self._seen: set[str] = set()
        self._arrays: set[str] = set()
        self._parts = 0
        self._parser = MultipartParser(
            boundary_of(content_type).encode(),
            {
                "on_part_begin": self._part_begin,
                "on_header_field": self._header_field,
                "on_header_value": self._header_value,
                "on_header_end": self._header_end,
                "on_headers_finished": self._headers_finished,
                "on_part_data": self._part_data,
                "on_part_end": end,
                "on_end": self._finish,
            },
        )

    def feed(self, chunk: bytes) -> None:
        """Read on. Raises RequestRefused when this is no form."""
        try:
            self._parser.write(chunk)
        except MultipartParseError as error:
            raise malformed("the body does not follow the multipart format") from error

    def close(self) -> None:
        """The body has ended. Raises RequestRefused when its closing boundary never came.

        An upload that its client broke off looks like one that has ended; it must not be taken for a whole one.
        """
        if not self._complete:
            raise malformed("the body ends before its closing boundary")

    def _part_begin(self) -> None:
        self._headers = []
        self._parts += 1
        if self._parts > MAX_PARTS:
            raise malformed(f"there are more than {MAX_PARTS} parts")

    def _header_field(self, data: bytes, start: int, end: int) -> None:
        self._name += data[start:end]

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _header_end(self) -> None:
        self._headers.append((self._name.decode("latin-1").lower(), self._value.decode("latin-1")))
        self._name = self._value = b""

    def _headers_finished(self) -> None:
        part = _part(self._headers)
        key = part.base_name.casefold()
        is_array = part.base_name in ARRAY_FIELDS or (key in self._arrays and part.name.endswith("[]"))
        if key in self._seen and not is_array:
            raise RequestRefused(
                f"The form has the field '{part.base_name}' more than once.",
                param=part.base_name,
                code="duplicate_parameter",
            )
        self._seen.add(key)
        if part.name.endswith("[]") and key not in SINGLE_FIELDS:
            self._arrays.add(key)
        self._begin(part)

    def _part_data(self, data: bytes, start: int, end: int) -> None:
        self._data(data[start:end])

    def _finish(self) -> None:
        self._complete = True


def _part(headers: list[tuple[str, str]]) -> Part:
    """The head of a part. Raises RequestRefused for one that two readers would read in two ways."""
    fields = dict(headers)
    if len(fields) < len(headers):
        raise malformed("a part has a header twice")
    if fields.get("content-transfer-encoding", "").strip().lower() not in _IDENTITY:
        raise malformed("parts must not be encoded")
    kind, options = parse_options_header(fields.get("content-disposition", ""))
    name = options.get(b"name", b"").decode("latin-1")
    if kind.strip() != b"form-data" or not _NAME.fullmatch(name):
        raise malformed("a part has no name")
    filename = options.get(b"filename")
    content_type = fields.get("content-type", "").strip()
    return Part(
        name,
        None if filename is None else filename.decode("latin-1"),
        content_type if _PLAIN_TEXT.fullmatch(content_type) else "",
    )


class FormScan:
    """Reads the fields of a form up to its first file, and on until one of them is found.

    `fields` are those read so far, `filename` the first file's. Values are cut beyond 64 KiB.
    """

    def __init__(self, content_type: str, field: str) -> None:
        """Raises RequestRefused when the content type is that of no form."""
        self.fields: dict[str, str] = {}
        self._field = field
        self._part: Part | None = None
        self._value = bytearray()
        self.filename = ""
        self._file_seen = False
        self._parser = FormParser(content_type, begin=self._begin, data=self._data, end=self._end)

    @property
    def found(self) -> str | None:
        """The value of the field, None while it is not there."""
        return self.fields.get(self._field)

    @property
    def done(self) -> bool:
        """Whether there is no need to read on."""
        return self._file_seen and self.found is not None

    def feed(self, chunk: bytes) -> None:
        """Read on. Raises RequestRefused when this is no form."""
        self._parser.feed(chunk)

    def _begin(self, part: Part) -> None:
        self._part = part if part.filename is None else None
        if part.filename is not None:
            self._file_seen, self.filename = True, self.filename or part.filename

    def _data(self, data: bytes) -> None:
        if self._part is not None and len(self._value) < _SCAN_BYTES:
            self._value += data[:_SCAN_BYTES]

    def _end(self) -> None:
        if self._part is not None:
            self.fields[self._part.name] = self._value.decode("utf-8", "replace")
        self._value.clear()


class FormRewriter:
    """A form written anew as it comes in, with another value of its `model` field; files byte for byte.

    `content_type` belongs to what is written. Without a model the field stays as it is.
    """

    def __init__(self, content_type: str, model: str, boundary: str) -> None:
        """`boundary` is one that the client cannot know: parsers differ in where they see one within a content.

        Raises RequestRefused when the content type is that of no form.
        """
        self._model = model.encode()
        self._out: list[bytes] = []
        self._dropping = False
        self._parser = FormParser(content_type, begin=self._begin, data=self._data, end=self._end)
        self._delimiter = b"--" + boundary.encode()
        self.content_type = f"multipart/form-data; boundary={boundary}"

    def feed(self, chunk: bytes) -> bytes:
        """The bytes that can go on. Raises RequestRefused."""
        self._parser.feed(chunk)
        return self._take()

    def close(self) -> bytes:
        """The end of the form. Raises RequestRefused when its closing boundary never came."""
        self._parser.close()
        return self._take() + self._delimiter + b"--\r\n"

    def _take(self) -> bytes:
        data = b"".join(self._out)
        self._out.clear()
        return data

    def _begin(self, part: Part) -> None:
        head = f'Content-Disposition: form-data; name="{part.name}"'
        if part.filename is not None:
            head += f'; filename="{_quoted(part.filename)}"'
        if part.content_type:
            head += f"\r\nContent-Type: {part.content_type}"
        self._out.append(b"%b\r\n%b\r\n\r\n" % (self._delimiter, head.encode("latin-1")))
        self._dropping = bool(self._model) and part.filename is None and part.name == "model"
        if self._dropping:
            self._out.append(self._model)

    def _data(self, data: bytes) -> None:
        if not self._dropping:
            self._out.append(data)

    def _end(self) -> None:
        self._out.append(b"\r\n")


def _quoted(filename: str) -> str:
    """A filename as it may stand between quotes, in the escapes that browsers use."""
    printable = "".join(character for character in filename if character >= " " and character != "\x7f")
    return printable.replace('"', "%22").replace("\\", "%5C")


def malformed(reason: str) -> RequestRefused:
    """The refusal of a form that cannot be read, or only in two ways."""
    return RequestRefused(f"Malformed multipart request: {reason}.", param=None, code="invalid_multipart")
