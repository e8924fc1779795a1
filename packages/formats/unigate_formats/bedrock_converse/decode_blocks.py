"""Content blocks of an answer → neutral events.

https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ContentBlock.html

A whole answer opens each block complete; a stream opens it empty, or not at all, and fills it by deltas.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from unigate_core.counts import members
from unigate_core.json import Json, dumps, dumps_text, loads_object
from unigate_formats.bedrock_converse.request_state import FORMAT, RequestState
from unigate_formats.neutral.events import (
    Citation,
    Event,
    Ignored,
    Media,
    NativeCitation,
    Reasoning,
    ReasoningBlock,
    ReplayBlob,
    ServerTool,
    Text,
    ToolArguments,
    ToolCall,
    ToolEnd,
)

_IMAGES = {"png": "image/png", "jpeg": "image/jpeg", "gif": "image/gif", "webp": "image/webp"}


class _Block(msgspec.Struct):
    """An open block. `call` is its number among tool calls, `server` a call of a tool that Bedrock runs."""

    call: int | None = None
    server: Json | None = None
    result: Json | None = None
    argued: bool = False
    thought: list[str] = msgspec.field(default_factory=list)
    signature: str = ""
    redacted: list[str] = msgspec.field(default_factory=list)
    arguments: list[str] = msgspec.field(default_factory=list)
    thinks: bool = False


class Blocks:
    """The blocks of one answer."""

    def __init__(self, state: RequestState) -> None:
        self.calls = 0
        self._tools = state.tools
        self._ids: list[str] = []
        self._thoughts: list[Json] = []
        self._servers: dict[str, Json] = {}
        self._open: dict[int, _Block] = {}
        self._length = 0
        self._starts: dict[int, int] = {}
        self._cited: dict[int, dict[str, str]] = {}

    def whole(self, block: Json) -> Iterator[Event]:
        """A complete block."""
        match block:
            case {"toolUse": dict(use)}:
                yield from self.start(-1, {"toolUse": use})
                yield from self.delta(-1, {"toolUse": {"input": dumps_text(use.get("input") or {})}})
            case {"toolResult": dict(result)}:
                yield from self.start(-1, {"toolResult": result})
                yield from self.delta(-1, {"toolResult": result.get("content") or []})
            case {"reasoningContent": dict(thought)}:
                yield from self.delta(-1, {"reasoningContent": members(thought.get("reasoningText")) or thought})
            case {"citationsContent": dict(cited)}:
                for item in cited.get("content") or []:
                    yield from self.delta(-1, {"text": item.get("text") or ""})
                for citation in cited.get("citations") or []:
                    yield from self._cite(-1, citation)
            case {"image": {"format": str(kind), "source": {"bytes": str(data)}}}:
                yield Media(media_type=_IMAGES.get(kind, f"image/{kind}"), data=data)
            case _:
                yield from self.delta(-1, block)
        yield from self.stop(-1)

    def start(self, index: int, start: Json) -> Iterator[Event]:
        """A block begins that is more than text."""
        block = self._open[index] = _Block()
        match start:
            case {"toolUse": {"toolUseId": str(id_), "name": str(name)} as use}:
                if use.get("type") == "server_tool_use" and name not in self._tools:
                    block.server = {"toolUseId": id_, "name": name}
                    return
                block.call = self.calls
                self.calls += 1
                self._ids.append(id_)
                yield ToolCall(index=block.call, id=id_, name=name)
            case {"toolResult": dict(result)}:
                block.result = {key: value for key, value in result.items() if key != "content"}
            case _:
                yield from (Ignored(kind) for kind in start)

    def delta(self, index: int, delta: Json) -> Iterable[Event]:
        """A block grows, or begins with text or a thought, which no start announces."""
        text = delta.get("text")
        if isinstance(text, str):
            return self._text(index, text) if text else ()
        block = self._open.setdefault(index, _Block())
        match delta:
            case {"toolUse": {"input": str(piece)}}:
                return self._arguments(block, piece)
            case {"reasoningContent": dict(thought)}:
                return self._thought(block, thought)
            case {"toolResult": list(content)} if block.result is not None:
                block.result["content"] = [*block.result.get("content", ()), *content]
                return ()
            case {"citation": dict(citation)}:
                return self._cite(index, citation)
            case {"image": {"source": {"bytes": str(data)}}}:
                return (Media(media_type="image/png", data=data),)
        return tuple(Ignored(kind) for kind in delta)

    def stop(self, index: int) -> Iterator[Event]:
        """A block is complete. Its citations may come before the text that they cover, which is the block's."""
        start = self._starts.pop(index, self._length)
        for url, title in self._cited.pop(index, {}).items():
            yield Citation(url=url, title=title, start=start, end=self._length)
        block = self._open.pop(index, None)
        if block is None:
            return
        if block.call is not None:
            if not block.argued:
                yield ToolArguments(index=block.call, text="{}")
            yield ToolEnd(block.call)
        elif block.server is not None:
            self._servers[block.server["toolUseId"]] = block.server | {"input": _object("".join(block.arguments))}
        elif block.result is not None:
            yield self._server_tool(block.result)
        elif block.thinks:
            yield self._complete_thought(block)

    def close(self) -> Iterator[Event]:
        """The answer is complete: what was not stopped, and what the model must see again beside its calls."""
        for index in list(self._open | self._cited):
            yield from self.stop(index)
        if self._thoughts:
            blob = dumps(self._thoughts)
            yield from (ReplayBlob(call_id=id_, blob=blob) for id_ in self._ids)

    def _text(self, index: int, text: str) -> Iterable[Event]:
        self._starts.setdefault(index, self._length)
        self._length += len(text)
        return (Text(text),)

    def _cite(self, index: int, citation: Any) -> Iterable[Event]:
        """A page of the web waits for the block's end; any other citation is passed on as it is."""
        match citation:
            case {"location": {"web": {"url": str(url), **page}}}:
                title = citation.get("title") or page.get("domain")
                self._cited.setdefault(index, {}).setdefault(url, title if isinstance(title, str) else "")
                return ()
        return (NativeCitation(value=citation),)

    def _arguments(self, block: _Block, piece: str) -> Iterable[Event]:
        if block.call is None:
            block.arguments.append(piece)
            return ()
        block.argued = block.argued or bool(piece)
        return (ToolArguments(index=block.call, text=piece),) if piece else ()

    def _thought(self, block: _Block, thought: Json) -> Iterable[Event]:
        block.thinks = True
        block.signature += thought.get("signature") or ""
        if isinstance(thought.get("redactedContent"), str):
            block.redacted.append(thought["redactedContent"])
        text = thought.get("text") or ""
        block.thought.append(text)
        return (Reasoning(text),) if text else ()

    def _complete_thought(self, block: _Block) -> ReasoningBlock:
        text = "".join(block.thought)
        if block.redacted:
            # each piece is base64 of its own
            self._thoughts += [{"redactedContent": piece} for piece in block.redacted]
            return ReasoningBlock(format=FORMAT, data=block.redacted[0] if len(block.redacted) == 1 else None)
        signed = {"signature": block.signature} if block.signature else {}
        self._thoughts.append({"reasoningText": {"text": text, **signed}})
        return ReasoningBlock(format=FORMAT, text=text, signature=block.signature or None)

    def _server_tool(self, result: Json) -> Event:
        """A tool that Bedrock ran, with its result."""
        use = self._servers.pop(str(result.get("toolUseId")), None)
        if use is None or use["name"] != "nova_code_interpreter":
            return Ignored("toolResult")
        outputs = [members(item.get("json")) for item in result.get("content") or [] if isinstance(item, dict)]
        return ServerTool(
            kind="code_interpreter",
            id=use["toolUseId"],
            code=str(use["input"].get("snippet") or ""),
            outputs=tuple(str(out.get(key)) for out in outputs for key in ("stdOut", "stdErr") if out.get(key)),
            failed=result.get("status") == "error",
            native=[use, result],
        )


def _object(text: str) -> Json:
    """Arguments as an object; empty for what is none."""
    try:
        return loads_object(text.encode())
    except ValueError:
        return {}
