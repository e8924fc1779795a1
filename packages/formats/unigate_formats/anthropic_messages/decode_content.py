"""Content blocks of a Messages request → neutral parts. https://docs.anthropic.com/en/api/messages"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from msgspec.structs import replace

from unigate_core.encrypted_content import EncryptedPayload
from unigate_core.errors import invalid_value
from unigate_core.json import Json, dumps_text
from unigate_core.media_types import sniff_base64
from unigate_formats.neutral.extensions import Extension, Extensions, read_extensions
from unigate_formats.neutral.notes import THINKING_DROPPED, add_note
from unigate_formats.neutral.request import FilePart, ImagePart, Part, TextPart, ThoughtPart, ToolCallPart
from unigate_formats.neutral.typed import array, mapping, string

Open = Callable[[str], EncryptedPayload | None]
"""Opens a token that stands in a signature; None: it is another vendor's, or of another key."""

_READ = {
    "document": frozenset({"context", "source", "title", "type"}),
    "image": frozenset({"source", "type"}),
    "search_result": frozenset({"content", "source", "title", "type"}),
    # citations of an earlier answer: they are for its reader
    "text": frozenset({"citations", "text", "type"}),
}
"""The members of a block that are read, by its type."""
_TEXT = _READ["text"]
_HOLDERS = TextPart | ImagePart | FilePart
_CALL = frozenset({"caller", "id", "input", "name", "type"})


class BlockReader:
    """Reads the blocks of one request. `dropped` has the paths of those that only Anthropic can read,
    `notes` whether thoughts are among them."""

    def __init__(self, open_token: Open, dropped: list[str]) -> None:
        self._open = open_token
        self._signatures: dict[str, str] = {}
        self.dropped = dropped
        self.notes: list[str] = []

    def content(self, content: Any, path: str) -> Iterator[Part]:
        """The parts of a message's content or of a tool's result. Raises RequestRefused."""
        if isinstance(content, str):
            yield TextPart(text=content, path=path)
        elif isinstance(content, list):
            for i, block in enumerate(content):
                yield from self.block(block, f"{path}[{i}]")
        elif content is not None:
            raise invalid_value(path, "content must be a string or a list of blocks.")

    def block(self, given: Any, path: str) -> Iterator[Part]:
        """The parts of one block; none for what only Anthropic can read."""
        block = _typed(given, path)
        marks = _marks(block, path)
        match block:
            case {"type": "text", "text": str(text)}:
                yield TextPart(text=text, path=path, extensions=marks)
            case {"type": "image", "source": dict(source)}:
                yield self._image(source, path, marks)
            case {"type": "document", "source": dict(source)}:
                yield from self._document(block, source, path, marks)
            case {"type": "thinking", "thinking": str(text)}:
                yield from self._thought(text, block.get("signature"), path)
            case {"type": "redacted_thinking", "data": str(data)}:
                yield from self._thought("", data, path)
            case {"type": "tool_use", "id": str(id_), "name": str(name)}:
                arguments = block.get("input")
                yield ToolCallPart(
                    id=id_,
                    name=name,
                    arguments=dumps_text({} if arguments is None else arguments),
                    path=path,
                    signature=self._signatures.get(id_),
                    extensions=read_extensions(block, _CALL, path),
                )
            case {"type": "search_result"}:
                text, inner = _search_result(block, path)
                yield TextPart(text=text, path=path, extensions=(*marks, *inner))
            case _:
                # results of Anthropic's own tools, which no other vendor can read
                self.dropped.append(path)

    def _image(self, source: Json, path: str, marks: Extensions) -> ImagePart | FilePart:
        kind = source.get("type")
        if kind == "base64" and isinstance(source.get("data"), str):
            data = source["data"]
            media_type = sniff_base64(data) or str(source.get("media_type") or "")
            if media_type == "application/pdf":
                return FilePart(data=data, media_type=media_type, path=path, extensions=marks)
            return ImagePart(data=data, media_type=media_type, path=path, extensions=marks)
        if kind == "url" and isinstance(source.get("url"), str):
            return ImagePart(url=source["url"], path=path, extensions=marks)
        if kind == "file":
            raise invalid_value(f"{path}.source", "files uploaded to Anthropic can be used there only.")
        raise invalid_value(f"{path}.source", "a source needs base64 data or a URL.")

    def _document(self, block: Json, source: Json, path: str, marks: Extensions) -> Iterator[Part]:
        """A document; what the client says of it, which the model is to read, comes before it."""
        name = string(block.get("title"), f"{path}.title") or ""
        context = string(block.get("context"), f"{path}.context") or ""
        head = "\n".join(text for text in (name, context) if text)
        if context and source.get("type") in ("base64", "url"):
            yield TextPart(text=context, path=f"{path}.context")
        match source:
            case {"type": "base64", "data": str(data)}:
                media_type = sniff_base64(data) or str(source.get("media_type") or "application/pdf")
                yield FilePart(data=data, media_type=media_type, filename=name, path=path, extensions=marks)
            case {"type": "text", "data": str(text)}:
                yield TextPart(text=f"{head}\n{text}" if head else text, path=path, extensions=marks)
            case {"type": "url", "url": str(url)}:
                yield FilePart(url=url, filename=name, path=path, extensions=marks)
            case {"type": "content", "content": content}:
                if head:
                    yield TextPart(text=head, path=path)
                yield from _marked_last(self.content(content, f"{path}.source.content"), path, marks)
            case _:
                raise invalid_value(f"{path}.source", "files uploaded to Anthropic can be used there only.")

    def _thought(self, text: str, token: Any, path: str) -> Iterator[Part]:
        """What another vendor needs again, which its answer carried in the signature."""
        payload = self._open(token) if isinstance(token, str) else None
        if payload is None:
            add_note(self.notes, THINKING_DROPPED)
            return
        self._signatures |= payload.signatures
        for block in payload.blocks:
            yield ThoughtPart(
                format=block.format, text=block.text or text, signature=block.signature, data=block.data, path=path
            )


def _typed(block: Any, path: str) -> Json:
    if not isinstance(block, dict) or not isinstance(block.get("type"), str):
        raise invalid_value(path, "a block must be an object with a type.")
    return block


def _marks(block: Json, path: str) -> Extensions:
    """What is not read of a block. Citations that are switched off ask for nothing."""
    known = _READ.get(block["type"])
    if known is None:
        return ()
    if block.get("citations") == {"enabled": False}:
        known |= {"citations"}
    return read_extensions(block, known, path)


def _marked_last(parts: Iterable[Part], path: str, marks: Extensions) -> list[Part]:
    """The parts of a document, the last of them with the members of the document itself."""
    listed = list(parts)
    holder = next((part for part in reversed(listed) if isinstance(part, _HOLDERS)), None)
    if not marks:
        return listed
    if holder is None:
        return [*listed, TextPart(text="", path=path, extensions=marks)]
    marked = replace(holder, extensions=(*holder.extensions, *marks))
    return [marked if part is holder else part for part in listed]


def _search_result(block: Json, path: str) -> tuple[str, Extensions]:
    """A search result of the client's own, as text under its title and source, and what is not read of its texts."""
    texts = []
    marks: list[Extension] = []
    for i, given in enumerate(array(block.get("content"), f"{path}.content")):
        place = f"{path}.content[{i}]"
        item = mapping(given, place)
        texts.append(string(item.get("text"), f"{place}.text") or "")
        marks += read_extensions(item, _TEXT, place)
    head = [str(block[key]) for key in ("title", "source") if block.get(key)]
    return "\n".join([*head, *texts]), tuple(marks)
