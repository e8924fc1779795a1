"""Messages and deltas of vendors that write them otherwise than OpenAI → as OpenAI does, for its SDKs to read them.

Mistral's and Z.ai's models with reasoning answer a list of parts in place of a text, with the thoughts among them.
Calls come without a place or all with the same (Google, Ollama), without an id, or with arguments that are no text.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

from unigate_core.counts import members
from unigate_core.ids import call_id
from unigate_core.json import Json, dumps, dumps_text, loads_object
from unigate_core.json_splice import splice

_LIST: Final = rb'"content":\s?\[|"arguments":\s?\{'
ODD_CHUNK: Final = re.compile(
    _LIST + rb'|"tool_calls":\s?\[\s?\{(?:(?!"index")|.{0,200}?"(?:id|name)":\s?")', re.DOTALL
)
"""What a chunk has that may be otherwise than OpenAI's, and any chunk that begins a call."""
ODD_ANSWER: Final = re.compile(_LIST + rb'|"tool_calls":\s?\[\s*\{(?!\s*"id":\s?"[^"])')


def plain(message: Json) -> Json:
    """A message or a delta with a text for its content; itself where that is none of a list.

    Thoughts among the parts become `reasoning_content`, what is neither stays in `content_parts`.
    """
    content = message.get("content")
    if not isinstance(content, list):
        return message
    texts = [part["text"] for part in content if _is(part, "text") and isinstance(part.get("text"), str)]
    thoughts = [_thought(part) for part in content if _is(part, "thinking")]
    others = [part for part in content if not _is(part, "text") and not _is(part, "thinking")]
    made = {**message, "content": "".join(texts) or (None if thoughts else "")}
    if thoughts:
        made["reasoning_content"] = "".join(thoughts)
    if others:
        made["content_parts"] = others
    return made


def arguments_text(value: Any) -> str:
    """The arguments of a call, which some vendors write as an object."""
    return value if isinstance(value, str) else "" if value is None else dumps_text(value)


def plain_answer(body: bytes) -> bytes:
    """A whole chat completion as OpenAI writes it; itself where it is."""
    return _rewritten(body, "message", lambda call, _: _whole_call(call))


class CallIndexes:
    """The calls of one streamed choice, counted from 0 in the order in which they begin."""

    def __init__(self) -> None:
        self._ids: list[str] = []
        self._by_place: dict[int | None, int] = {}

    def place(self, call: Json) -> tuple[int, bool]:
        """The call's number, and whether it begins here: by its own number, else by its id."""
        native, given = call.get("index"), call.get("id")
        place = native if isinstance(native, int) else None
        own_id = given if isinstance(given, str) else ""
        known = self._by_place.get(place)
        if known is None and place is None and own_id and own_id in self._ids:
            known = self._ids.index(own_id)
        is_another = known is not None and bool(own_id and self._ids[known]) and own_id != self._ids[known]
        if known is not None and not (is_another and members(call.get("function")).get("name")):
            return known, False
        self._by_place[place] = len(self._ids)
        self._ids.append(own_id)
        return len(self._ids) - 1, True


class ChunkRepairs:
    """The chunks of one stream as OpenAI writes them."""

    def __init__(self) -> None:
        self._indexes: dict[Any, CallIndexes] = {}
        self.renumbers = False
        """Whether calls have other numbers than the vendor's, so that every chunk of theirs must be looked at."""

    def repaired(self, data: bytes) -> bytes:
        """The chunk, itself where it is in order."""
        return _rewritten(data, "delta", self._call)

    def _call(self, call: Json, choice: Any) -> Json:
        index, begins = self._indexes.setdefault(choice, CallIndexes()).place(call)
        if call.get("index") != index:
            self.renumbers = True
        made = {**call, "index": index}
        if begins and not call.get("id"):
            made["id"] = call_id()
        return _with_text(made)


def _rewritten(body: bytes, name: str, with_call: Callable[[Json, Any], Json]) -> bytes:
    """The body with what each choice says (`message`, `delta`) in order; `with_call` gets a call and its choice."""
    choices = loads_object(body).get("choices")
    changed = False
    for choice in choices if isinstance(choices, list) else ():
        said = members(members(choice).get(name))
        made = plain(said)
        calls = said.get("tool_calls")
        if isinstance(calls, list) and calls:
            made = {**made, "tool_calls": [with_call(members(call), choice.get("index")) for call in calls]}
        if made != said:
            choice[name] = made
            changed = True
    return splice(body, {"choices": dumps(choices)}) if changed else body


def _whole_call(call: Json) -> Json:
    made = call if call.get("id") else {**call, "id": call_id()}
    return _with_text(made if made.get("type") else {**made, "type": "function"})


def _with_text(call: Json) -> Json:
    function = members(call.get("function"))
    given = function.get("arguments")
    if given is None or isinstance(given, str):
        return call
    return {**call, "function": {**function, "arguments": arguments_text(given)}}


def _thought(part: Json) -> str:
    thinking = part.get("thinking")
    if isinstance(thinking, list):
        return "".join(str(each.get("text")) for each in thinking if _is(each, "text"))
    return thinking if isinstance(thinking, str) else ""


def _is(part: Any, kind: str) -> bool:
    return isinstance(part, dict) and part.get("type") == kind
