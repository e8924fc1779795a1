"""The parts of one candidate → events. https://ai.google.dev/api/caching#Part"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from unigate_core.json import Json, dumps_text
from unigate_formats.gemini_generate_content.replay import FORMAT, is_worth_keeping, keep_blob
from unigate_formats.gemini_generate_content.request_state import RequestState
from unigate_formats.gemini_generate_content.server_tools import ServerTools, fenced
from unigate_formats.neutral.events import (
    Event,
    Ignored,
    Media,
    Reasoning,
    ReasoningBlock,
    ReplayBlob,
    Text,
    ToolArguments,
    ToolCall,
    ToolEnd,
)


class Candidate(msgspec.Struct):
    """One choice while it grows.

    `parts` repeats the turn for the next request, neighbouring pieces of text joined as a client would join them.
    `texts` are the native parts as far as they are text, which grounding counts in; both lack their text where the
    request is plain. `has_content` is true when there is text or media.
    """

    choice: int
    state: RequestState
    parts: list[Json] = msgspec.field(default_factory=list)
    texts: list[list[str]] = msgspec.field(default_factory=list)
    tools: ServerTools = msgspec.field(default_factory=ServerTools)
    first_call: str | None = None
    calls: int = 0
    has_content: bool = False
    _thought: list[str] = msgspec.field(default_factory=list)
    _run: list[str] = msgspec.field(default_factory=list)

    def feed(self, parts: list[Json]) -> Iterator[Event]:
        """The events of the parts of one native event."""
        for position, part in enumerate(parts):
            match part:
                case {"text": str(text), "thought": True}:
                    yield from self._thoughts(text, part.get("thoughtSignature"))
                case {"text": str(text)}:
                    yield from self._text(text, part.get("thoughtSignature"), first=position == 0)
                case _:
                    yield from self._rare(part)

    def more_text(self, content: Json) -> Text | None:
        """The piece that a lone plain part adds to the open text; None when there is anything else to it."""
        parts: list[Json] = content.get("parts") or []
        if not self._run or len(parts) != 1 or parts[0].keys() != {"text"}:
            return None
        text = parts[0]["text"]
        if not text:
            return None
        if not self.state.plain:
            self._run.append(text)
            self.texts[-1].append(text)
        return Text(text, self.choice)

    def close(self) -> Iterator[Event]:
        """What is only known when the candidate is complete: its last thought, tools without result, what to keep."""
        yield from self._end_thought()
        self._end_run()
        yield from self.tools.close(self.choice)
        if self.first_call and not self.state.plain and is_worth_keeping(self.parts):
            yield ReplayBlob(self.first_call, keep_blob(self.parts))

    def _thoughts(self, text: str, signature: str | None) -> Iterator[Event]:
        self._end_run()
        if not self._thought:
            self.texts.append([])
        if text:
            self._thought.append(text)
            yield Reasoning(text, self.choice)
        if signature:
            yield from self._end_thought(signature)

    def _end_thought(self, signature: str | None = None) -> Iterator[Event]:
        if not self._thought and not signature:
            return
        text = "".join(self._thought)
        self._thought = []
        self.parts.append(_signed({"text": text, "thought": True}, signature))
        yield ReasoningBlock(FORMAT, text, signature, choice=self.choice)

    def _text(self, text: str, signature: str | None, *, first: bool) -> Iterator[Event]:
        if not text and not signature:
            return
        yield from self._end_thought()
        stored = "" if self.state.plain else text
        if self._run and first:
            self.texts[-1].append(stored)
        else:
            self.texts.append([stored])
        if text:
            self.has_content = True
            self._run.append(stored)
            yield Text(text, self.choice)
        if signature and text:
            self._end_run(signature)
            yield ReasoningBlock(FORMAT, signature=signature, choice=self.choice)
        elif signature:
            self._end_run()
            self.parts.append(_signed({"text": ""}, signature))
            yield ReasoningBlock(FORMAT, data=signature, choice=self.choice)

    def _end_run(self, signature: str | None = None) -> None:
        if self._run:
            self.parts.append(_signed({"text": "".join(self._run)}, signature))
            self._run = []

    def _rare(self, part: Json) -> Iterator[Event]:
        yield from self._end_thought()
        self._end_run()
        self.texts.append([])
        match part:
            case {"functionCall": dict(call)}:
                yield from self._call(call, part.get("thoughtSignature"))
            case {"inlineData": {"data": str(data), "mimeType": str(media_type)}} if not part.get("thought"):
                self.has_content = True
                yield Media(media_type, data, self.choice, part.get("thoughtSignature"))
            case {"executableCode": _} | {"codeExecutionResult": _} | {"toolCall": _} | {"toolResponse": _}:
                yield from self._server_tool(part)
            case _:
                yield Ignored(next((key for key in part if key != "thoughtSignature"), "part"))

    def _call(self, call: Json, signature: str | None) -> Iterator[Event]:
        name, arguments = call.get("name", ""), call.get("args") or {}
        if name == self.state.json_output:
            self.has_content = True
            yield Text(dumps_text(arguments), self.choice)
            return
        if self.calls and not self.state.parallel:
            yield Ignored("parallel_calls_trimmed")
            return
        # Google's own ids are short and repeat in a conversation, or are missing.
        call_id = f"call_{self.state.new_id()}"
        self.first_call = self.first_call or call_id
        index, self.calls = self.calls, self.calls + 1
        self.parts.append(_signed({"functionCall": {"id": call_id, "name": name, "args": arguments}}, signature))
        yield ToolCall(index, call_id, name, signature, self.choice)
        yield ToolArguments(index, dumps_text(arguments), self.choice)
        yield ToolEnd(index, self.choice)

    def _server_tool(self, part: Json) -> Iterator[Event]:
        self.parts.append(part)
        text = fenced(part) if self.state.code_as_text else ""
        if text:
            self.has_content = True
            self.texts[-1].append(text)
            yield Text(text, self.choice)
        yield from self.tools.feed(part, self.choice)


def _signed(part: Json, signature: str | None) -> Json:
    return part | {"thoughtSignature": signature} if signature else part
