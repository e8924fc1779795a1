"""What every simulated model says: it echoes the user, calls the tools it is given, quotes what they answer.

A user text with `[[words:500]]` gets that many words more, for long streams. One with `[[call:name {"a": 1}]]` makes
the model call that tool with these arguments.
"""

import json
import re
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from unigate_simulator.schema_instance import instance
from unigate_simulator.wire import Json, Object, count, dumps, joined, pieces

_CALL: Final = re.compile(r"\[\[call:([\w-]+) (\{.*?\})\]\]", re.DOTALL)
_WORDS: Final = re.compile(r"\[\[words:(\d{1,6})\]\]")
REFUSAL: Final = "I'm sorry, but I can't help with that."


class Finish(StrEnum):
    STOP = "stop"
    STOP_SEQUENCE = "stop_sequence"
    LENGTH = "length"
    TOOLS = "tools"
    REFUSAL = "refusal"
    SAFETY = "safety"


class Choice(StrEnum):
    """Whether tools may, must or must not be called."""

    AUTO = "auto"
    NONE = "none"
    REQUIRED = "required"


@dataclass(frozen=True, slots=True)
class Tool:
    name: str
    schema: Json = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Prompt:
    """A vendor's request as far as it decides the answer."""

    user_text: str = ""
    context: str = ""
    """All text that goes in, for counting tokens."""
    attachments: tuple[str, ...] = ()
    """Media of the last user turn: `[image image/png 68 bytes]`."""
    tool_results: tuple[str, ...] = ()
    """Filled only when the last turn answers tool calls."""
    tools: tuple[Tool, ...] = ()
    tool_choice: Choice = Choice.AUTO
    forced_tool: str | None = None
    parallel_tools: bool = True
    schema: Json = None
    json_mode: bool = False
    thinking: bool = False
    max_tokens: int | None = None
    stop: tuple[str, ...] = ()
    fault: str | None = None


@dataclass(frozen=True, slots=True)
class ToolCall:
    name: str
    arguments: Object


@dataclass(frozen=True, slots=True)
class Answer:
    text: str
    reasoning: str = ""
    calls: tuple[ToolCall, ...] = ()
    finish: Finish = Finish.STOP
    stop_sequence: str | None = None
    input_tokens: int = 0
    output_tokens: int = 0
    """Reasoning included."""
    reasoning_tokens: int = 0

    @property
    def refused(self) -> bool:
        return self.finish is Finish.REFUSAL


def attachment(kind: str, media_type: str, size: int) -> str:
    return f"[{kind} {media_type} {size} bytes]"


def answer(prompt: Prompt) -> Answer:
    """The same prompt always gets the same answer and the same token counts."""
    reasoning = f"The user said: {prompt.user_text[:80]} Let me answer that." if prompt.thinking else ""
    input_tokens = count(prompt.context or prompt.user_text) + 3
    if prompt.fault == "refusal":
        return _counted("" if reasoning else REFUSAL, "", Finish.REFUSAL, input_tokens, text_shown=REFUSAL)
    if prompt.fault == "empty":
        return _counted("", "", Finish.STOP, input_tokens)
    if prompt.fault == "safety":
        return _counted("You said:", "", Finish.SAFETY, input_tokens)
    if calls := _calls(prompt):
        spent = sum(count(call.name) + count(dumps(call.arguments).decode()) for call in calls)
        thought = count(reasoning)
        return Answer("", reasoning, calls, Finish.TOOLS, None, input_tokens, spent + thought, thought)
    return _limited(_stopped(_text(prompt), prompt.stop), reasoning, prompt.max_tokens, input_tokens)


def _counted(text: str, reasoning: str, finish: Finish, input_tokens: int, text_shown: str | None = None) -> Answer:
    shown = text if text_shown is None else text_shown
    return Answer(shown, reasoning, (), finish, None, input_tokens, count(shown) + count(reasoning), count(reasoning))


def _text(prompt: Prompt) -> str:
    if prompt.schema is not None:
        return dumps(instance(prompt.schema, "answer")).decode()
    said = " ".join((prompt.user_text or "nothing", *prompt.attachments))
    quoted = "; ".join(prompt.tool_results)
    spoken = f"The tool answered: {quoted}" if prompt.tool_results else f"You said: {said}"
    if asked := _WORDS.search(prompt.user_text):
        spoken += "".join(f" word{number}" for number in range(1, int(asked[1]) + 1))
    return dumps({"answer": spoken}).decode() if prompt.json_mode else spoken


def _calls(prompt: Prompt) -> tuple[ToolCall, ...]:
    if not prompt.tools or prompt.tool_choice is Choice.NONE:
        return ()
    must = prompt.tool_choice is Choice.REQUIRED or prompt.forced_tool is not None
    if prompt.tool_results and not must:
        return ()
    if asked := _CALL.search(prompt.user_text):
        with suppress(ValueError):
            return tuple(ToolCall(tool.name, json.loads(asked[2])) for tool in prompt.tools if tool.name == asked[1])
    named = [tool for tool in prompt.tools if tool.name == prompt.forced_tool]
    mentioned = [tool for tool in prompt.tools if tool.name in prompt.user_text]
    ranked = named or [*mentioned, *(tool for tool in prompt.tools if tool not in mentioned)]
    wanted = 2 if prompt.parallel_tools and "parallel" in prompt.user_text.lower() else 1
    chosen = (ranked * 2)[:wanted] if len(ranked) < wanted else ranked[:wanted]
    return tuple(ToolCall(tool.name, _arguments(tool)) for tool in chosen)


def _arguments(tool: Tool) -> Object:
    made: Any = instance(tool.schema or {"type": "object"})
    return made if isinstance(made, dict) else {}


def _stopped(text: str, stop: tuple[str, ...]) -> tuple[str, str | None]:
    """The text up to the first stop sequence in it, and which one it was."""
    found = [(text.index(one), one) for one in stop if one and one in text]
    if not found:
        return text, None
    position, sequence = min(found)
    return text[:position], sequence


def _limited(stopped: tuple[str, str | None], reasoning: str, limit: int | None, input_tokens: int) -> Answer:
    """Reasoning counts against the limit as the vendors count it."""
    text, sequence = stopped
    thoughts, words = pieces(reasoning), pieces(text)
    finish = Finish.STOP_SEQUENCE if sequence is not None else Finish.STOP
    if limit is not None and len(thoughts) + len(words) > limit:
        thoughts = thoughts[:limit]
        words = words[: limit - len(thoughts)]
        finish, sequence = Finish.LENGTH, None
    return Answer(
        text="".join(words),
        reasoning="".join(thoughts),
        finish=finish,
        stop_sequence=sequence,
        input_tokens=input_tokens,
        output_tokens=len(thoughts) + len(words),
        reasoning_tokens=len(thoughts),
    )


def context(*parts: str | None) -> str:
    return joined(part for part in parts if part)
