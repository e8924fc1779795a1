"""The parts of one candidate → events. https://ai.google.dev/api/caching#Part"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from unigate_common.codec import Json, dumps_text
from unigate_common.events import (
    Event,
    Ignored,
    Keep,
    Media,
    Reasoning,
    ReasoningBlock,
    Text,
    ToolArguments,
    ToolCall,
    ToolEnd,
)
from unigate_gemini.replay import FORMAT, is_worth_keeping, keep_blob
from unigate_gemini.request import Reading
from unigate_gemini.servertools import ServerTools


@dataclass
class Candidate:
    """One choice while it grows.

    `parts` repeats the turn for the next request, neighbouring pieces of text joined as a client would join them.
    `texts` are the native parts as far as they are text, which grounding counts in.
    """

    choice: int
    reading: Reading
    parts: list[Json] = field(default_factory=list)
    texts: list[list[str]] = field(default_factory=list)
    first_call: str | None = None
    calls: int = 0
    has_text: bool = False
    tools: ServerTools = field(default_factory=ServerTools)
    _thought: list[str] = field(default_factory=list)
    _open_text: bool = False

    def feed(self, parts: list[Json]) -> Iterator[Event]:
        """The events of the parts of one native event."""
        for i, part in enumerate(parts):
            yield from self._part(part, continues=i == 0)

    def close(self) -> Iterator[Event]:
        """What is only known when the candidate is complete: its last thought, tools without result, what to keep."""
        yield from self._end_thought(None)
        yield from self.tools.close(self.choice)
        if self.first_call and is_worth_keeping(self.parts):
            yield Keep(self.first_call, keep_blob(self.parts))

    def _part(self, part: Json, *, continues: bool) -> Iterator[Event]:
        signature = part.get("thoughtSignature")
        match part:
            case {"text": str(text), "thought": True}:
                yield from self._thoughts(text, signature)
                return
            case {"text": str(text)}:
                yield from self._text(text, signature, continues=continues)
                return
        yield from self._end_thought(None)
        self._open_text = False
        self.texts.append([])
        match part:
            case {"functionCall": dict(call)}:
                yield from self._call(call, signature)
            case {"inlineData": {"data": str(data), "mimeType": str(media_type)}} if not part.get("thought"):
                self.has_text = True
                yield Media(media_type, data, self.choice)
            case {"executableCode": _} | {"codeExecutionResult": _} | {"toolCall": _} | {"toolResponse": _}:
                self.parts.append(part)
                yield from self._server_tool(part)
            case _:
                yield Ignored(next((key for key in part if key != "thoughtSignature"), "part"))

    def _thoughts(self, text: str, signature: str | None) -> Iterator[Event]:
        self.texts.append([])
        self._open_text = False
        if text:
            self._thought.append(text)
            yield Reasoning(text, self.choice)
        if signature:
            yield from self._end_thought(signature)

    def _end_thought(self, signature: str | None) -> Iterator[Event]:
        if not self._thought and not signature:
            return
        text = "".join(self._thought)
        self._thought = []
        self.parts.append({"text": text, "thought": True} | ({"thoughtSignature": signature} if signature else {}))
        yield ReasoningBlock(FORMAT, text, signature, choice=self.choice)

    def _text(self, text: str, signature: str | None, *, continues: bool) -> Iterator[Event]:
        if not text and not signature:
            return
        yield from self._end_thought(None)
        if self._open_text and continues and self.texts:
            self.texts[-1].append(text)
        else:
            self.texts.append([text])
        if text:
            self.has_text = True
            self._add_text(text)
            yield Text(text, self.choice)
        if signature:
            yield self._sign_text(text, signature)

    def _add_text(self, text: str) -> None:
        if self._open_text:
            self.parts[-1] = self.parts[-1] | {"text": self.parts[-1]["text"] + text}
        else:
            self.parts.append({"text": text})
        self._open_text = True

    def _sign_text(self, text: str, signature: str) -> ReasoningBlock:
        self._open_text = False
        if text:
            self.parts[-1] = self.parts[-1] | {"thoughtSignature": signature}
            return ReasoningBlock(FORMAT, signature=signature, choice=self.choice)
        self.parts.append({"text": "", "thoughtSignature": signature})
        return ReasoningBlock(FORMAT, data=signature, choice=self.choice)

    def _call(self, call: Json, signature: str | None) -> Iterator[Event]:
        name, arguments = call.get("name", ""), call.get("args") or {}
        if name == self.reading.json_output:
            self.has_text = True
            yield Text(dumps_text(arguments), self.choice)
            return
        if self.calls and not self.reading.parallel:
            yield Ignored("parallel_calls_trimmed")
            return
        call_id = f"call_{self.reading.new_id()}"
        self.first_call = self.first_call or call_id
        index, self.calls = self.calls, self.calls + 1
        native: Json = {"functionCall": {"id": call_id, "name": name, "args": arguments}}
        self.parts.append(native | ({"thoughtSignature": signature} if signature else {}))
        yield ToolCall(index, call_id, name, signature, self.choice)
        yield ToolArguments(index, dumps_text(arguments), self.choice)
        yield ToolEnd(index, self.choice)

    def _server_tool(self, part: Json) -> Iterator[Event]:
        if self.reading.code_as_text:
            text = fenced(part)
            if text:
                self.has_text = True
                yield Text(text, self.choice)
        yield from self.tools.feed(part, self.choice)


def fenced(part: Json) -> str:
    """Code that the vendor ran, or what it printed, as a block of Markdown."""
    match part:
        case {"executableCode": {"code": str(code)}}:
            language = part["executableCode"].get("language", "").lower()
            return f"\n```{language}\n{code.rstrip()}\n```\n"
        case {"codeExecutionResult": {"output": str(output)}}:
            return f"\n```\n{output.rstrip()}\n```\n"
    return ""
