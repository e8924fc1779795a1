"""Answers that are lists, numbers or words where vendors make JSON objects only: as the one member of an object.

Gemini's clients ask for such answers (`response_schema=list[Recipe]`); schemas for OpenAI and others are of an object.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final

from msgspec.structs import replace

from unigate_core.json import Json, loads
from unigate_formats.neutral.events import Event, Finish, Text
from unigate_formats.neutral.request import ChatRequest

MEMBER: Final = "value"
_BEGIN: Final = re.compile(rf'\s*\{{\s*"{MEMBER}"\s*:\s*')
_TAIL: Final = " \t\r\n}"
_LONGEST_BEGIN: Final = 100
_LONGEST_TAIL: Final = 1000
_SHARED: Final = ("$defs", "definitions", "$schema")


def with_root_object(chat: ChatRequest) -> tuple[ChatRequest, RootValue | None]:
    """The request with a schema that begins with an object, and what takes the value out of the answer again."""
    form = chat.response_format
    if form is None or form.schema is None or _is_object(form.schema):
        return chat, None
    shared: Json = {name: form.schema[name] for name in _SHARED if name in form.schema}
    value = {name: part for name, part in form.schema.items() if name not in shared}
    schema: Json = {
        **shared, "type": "object", "properties": {MEMBER: value}, "required": [MEMBER], "additionalProperties": False,
    }  # fmt: skip
    return replace(chat, response_format=replace(form, schema=schema)), RootValue(bare=form.bare)


def _is_object(schema: Json) -> bool:
    """Whether the answer is an object, as far as the schema says."""
    kind = schema.get("type")
    if kind is None:
        return not schema.keys() & {"anyOf", "enum", "items", "oneOf"}
    return kind in ("object", ["object"])


class RootValue:
    """Takes the one member out of an object whose text comes in pieces, in each choice.

    `bare`: a string without its quotes, which is known when it is complete.
    """

    def __init__(self, *, bare: bool = False) -> None:
        self._make: Callable[[], _Unwrapper] = _BareUnwrapper if bare else _Unwrapper
        self._choices: dict[int, _Unwrapper] = {}

    def unwrapped(self, events: Sequence[Event]) -> list[Event]:
        """The events with the value's own text. What is no such object stays as it is."""
        made: list[Event] = []
        for event in events:
            if isinstance(event, Text):
                text = self._unwrapper(event.choice).feed(event.text)
                if text:
                    made.append(replace(event, text=text))
                continue
            if isinstance(event, Finish) and (unwrapper := self._choices.pop(event.choice, None)):
                rest = unwrapper.close()
                made += [Text(rest, event.choice)] if rest else []
            made.append(event)
        return made

    def _unwrapper(self, choice: int) -> _Unwrapper:
        if choice not in self._choices:
            self._choices[choice] = self._make()
        return self._choices[choice]


class _Unwrapper:
    def __init__(self) -> None:
        self._held = ""
        self._begun = self._is_other = False

    def feed(self, text: str) -> str:
        held = self._held + text
        if self._is_other:
            return text
        if not self._begun:
            match = _BEGIN.match(held)
            if match is None:
                self._held = held
                self._is_other = len(held) > _LONGEST_BEGIN
                return self._let_go() if self._is_other else ""
            self._begun, held = True, held[match.end() :]
        # what may be the end of the object waits until more comes
        end = max(len(held.rstrip(_TAIL)), len(held) - _LONGEST_TAIL)
        self._held = held[end:]
        return held[:end]

    def close(self) -> str:
        if not self._begun:
            return self._let_go()
        left = self._held.rstrip()
        return left[:-1].rstrip() if left.endswith("}") else self._let_go()

    def _let_go(self) -> str:
        held, self._held = self._held, ""
        return held


class _BareUnwrapper(_Unwrapper):
    def __init__(self) -> None:
        super().__init__()
        self._value = ""

    def feed(self, text: str) -> str:
        self._value += super().feed(text)
        return ""

    def close(self) -> str:
        text = (self._value + super().close()).strip()
        try:
            value = loads(text)
        except ValueError:
            return text
        return value if isinstance(value, str) else text
