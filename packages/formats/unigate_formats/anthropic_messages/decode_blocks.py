"""Content blocks of an answer → neutral events. https://docs.anthropic.com/en/api/messages#response-content

A whole answer opens each block complete; a stream opens it empty and fills it by deltas. Both go through here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress

import msgspec

from unigate_core.errors import UpstreamProtocol
from unigate_core.json import Json, dumps_text, loads
from unigate_formats.anthropic_messages.decode_server_tools import server_tool
from unigate_formats.anthropic_messages.request_state import FORMAT, JSON_TOOL, RequestState
from unigate_formats.anthropic_messages.tool_schema import rename_members
from unigate_formats.neutral.events import (
    Citation,
    Event,
    Ignored,
    NativeCitation,
    Reasoning,
    ReasoningBlock,
    Text,
    ToolArguments,
    ToolCall,
    ToolEnd,
)

MAX_KEPT_CHARACTERS = 4 * 1024 * 1024
"""Characters of an answer up to which it can go back to the vendor, far more than any model says."""

_GROWING = {"text_delta": "text", "thinking_delta": "thinking", "signature_delta": "signature"}


class _Block(msgspec.Struct):
    """An open block. `start` is where its text begins in the answer's content, `call` its number among tool calls."""

    native: Json
    start: int
    call: int | None = None
    argued: bool = False
    pieces: dict[str, list[str]] = msgspec.field(default_factory=dict)

    def add(self, key: str, piece: str) -> None:
        self.pieces.setdefault(key, []).append(piece)

    def complete(self) -> Json:
        """The block as the vendor would have sent it whole."""
        joined: Json = {key: "".join(pieces) for key, pieces in self.pieces.items() if key != "renamed"}
        if "input" in joined:
            try:
                joined["input"] = loads(joined["input"])
            except ValueError:
                # An answer cut by max_tokens ends within the arguments.
                joined["input"] = {}
        return self.native | joined


class Blocks:
    """The blocks of one answer. `done` has those of earlier rounds too, as the vendor wants them back.

    `returnable`: they are complete. Of an answer that need not go back, or is too long, the text is not kept.

    Anthropic numbers all blocks; OpenAI numbers tool calls only and counts citations in the whole content.
    """

    def __init__(self, state: RequestState) -> None:
        self.done: list[Json] = list(state.prior)
        self.calls = sum(1 for block in self.done if block["type"] == "tool_use")
        self.returnable = not state.plain
        self._kept_characters = 0
        self._emulated = state.emulated
        self._renamed = state.renamed
        self._length = sum(len(block["text"]) for block in self.done if block["type"] == "text")
        self._open: dict[int, _Block] = {}

    def open(self, index: int, native: Json) -> Iterator[Event]:
        """A block begins, perhaps complete. Raises UpstreamProtocol for one without a type."""
        if not isinstance(native.get("type"), str):
            raise UpstreamProtocol("Anthropic's answer holds a content block without a type.")
        block = self._open[index] = _Block(native=dict(native), start=self._length)
        match native:
            case {"type": "text", "text": str(text)} if text:
                block.add("text", text)
                yield self._text(text)
            case {"type": "thinking", "thinking": str(text)} if text:
                block.add("thinking", text)
                yield Reasoning(text)
            case {"type": "tool_use", "id": str(id_), "name": str(name)}:
                if not (self._emulated and name == JSON_TOOL):
                    block.call = self.calls
                    self.calls += 1
                    yield ToolCall(index=block.call, id=id_, name=name)
                if native.get("input"):
                    yield from self._arguments(block, dumps_text(native["input"]))

    def delta(self, index: int, delta: Json) -> Sequence[Event]:
        """A block grows."""
        block = self._open.get(index)
        kind = delta.get("type", "")
        if block is None:
            return (Ignored(kind),)
        if key := _GROWING.get(kind):
            return self._grow(block, key, delta.get(key) or "")
        if kind == "input_json_delta":
            piece = delta.get("partial_json")
            return self._arguments(block, piece) if piece else ()
        if kind == "citations_delta":
            block.native["citations"] = [*(block.native.get("citations") or []), delta.get("citation")]
            return ()
        block.native |= {key: value for key, value in delta.items() if key != "type"}
        return (Ignored(kind),)

    def close(self, index: int) -> Iterator[Event]:
        """A block is complete."""
        block = self._open.pop(index, None)
        if block is None:
            return
        native = block.complete()
        match native:
            case {"type": "text"}:
                yield from _citations(native, block.start, self._length)
            case {"type": "thinking"}:
                yield ReasoningBlock(
                    format=FORMAT, text=native.get("thinking") or "", signature=native.get("signature") or None
                )
            case {"type": "redacted_thinking", "data": str(data)}:
                yield ReasoningBlock(format=FORMAT, data=data)
            case {"type": "tool_use"}:
                if not block.argued:
                    yield from self._arguments(block, "{}")
                if block.call is not None:
                    yield from self._renamed_arguments(block)
                    yield ToolEnd(block.call)
            case {"type": "server_tool_use"}:
                pass
            case _:
                yield server_tool(native, self.done) or Ignored(native.get("type", ""))
        self.done.append(native)

    def _renamed_arguments(self, block: _Block) -> Iterator[Event]:
        """Arguments whose properties have other names here: they can be sent once they are complete."""
        pieces = block.pieces.get("renamed")
        if pieces is None or block.call is None:
            return
        text = "".join(pieces)
        with suppress(ValueError):  # cut off by a limit: the client sees where
            text = dumps_text(rename_members(loads(text), self._renamed[block.native["name"]]))
        yield ToolArguments(index=block.call, text=text)

    def close_all(self) -> Iterator[Event]:
        """The answer is complete."""
        for index in list(self._open):
            yield from self.close(index)

    def _grow(self, block: _Block, key: str, piece: str) -> Sequence[Event]:
        if key == "text":
            self._keep(block, key, piece)
            return (self._text(piece),) if piece else ()
        block.add(key, piece)
        return (Reasoning(piece),) if piece and key == "thinking" else ()

    def _arguments(self, block: _Block, piece: str) -> Sequence[Event]:
        block.argued = True
        if block.native["type"] == "tool_use":
            self._keep(block, "input", piece)
        else:
            block.add("input", piece)
        if block.call is not None:
            if block.native["name"] in self._renamed:
                block.add("renamed", piece)
                return ()
            return (ToolArguments(index=block.call, text=piece),)
        return (self._text(piece),) if block.native["type"] == "tool_use" else ()

    def _keep(self, block: _Block, key: str, piece: str) -> None:
        self._kept_characters += len(piece)
        self.returnable = self.returnable and self._kept_characters <= MAX_KEPT_CHARACTERS
        if self.returnable:
            block.add(key, piece)

    def _text(self, text: str) -> Text:
        self._length += len(text)
        return Text(text)


def _citations(block: Json, start: int, end: int) -> Iterator[Event]:
    """Citations come before the text they cover, so they wait for the block's end; its span is theirs."""
    seen: set[str] = set()
    for citation in block.get("citations") or []:
        match citation:
            case {"type": "web_search_result_location", "url": str(url)}:
                if url not in seen:
                    seen.add(url)
                    yield Citation(url=url, title=citation.get("title") or "", start=start, end=end)
            case _:
                yield NativeCitation(value=citation)
