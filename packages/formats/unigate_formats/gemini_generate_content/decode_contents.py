"""Contents of a generateContent request → turns. https://ai.google.dev/api/caching#Content"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterator
from typing import Any

from msgspec import structs

from unigate_core.encrypted_content import PREFIX, EncryptedPayload
from unigate_core.errors import RequestRefused, invalid_value
from unigate_core.json import Json, dumps_text
from unigate_formats.gemini_generate_content.decode_media import inline_part, linked_part
from unigate_formats.gemini_generate_content.member import member, repeated, unknown_paths
from unigate_formats.gemini_generate_content.server_tools import CODE, fenced
from unigate_formats.neutral.call_ids import GivenCall, calls_of
from unigate_formats.neutral.notes import THINKING_DROPPED, add_note
from unigate_formats.neutral.request import (
    FilePart,
    ImagePart,
    Part,
    TextPart,
    ThoughtPart,
    ToolCallPart,
    ToolResultPart,
    Turn,
)
from unigate_formats.neutral.typed import mapping, string

Open = Callable[[str], EncryptedPayload | None]
"""Opens a token that stands in a thought signature; None: it is another vendor's, or of another key."""

_PART = (
    "text", "thought", "thoughtSignature", "inlineData", "fileData", "functionCall", "functionResponse",
    *CODE,
)  # fmt: skip
_CONTENT = ("parts", "role")
_CALL = ("args", "id", "name")
_RESPONSE = ("id", "name", "parts", "response")


class ContentReader:
    """Reads the contents of one request. `dropped` has the paths of what only Gemini can read."""

    def __init__(self, open_token: Open, dropped: list[str]) -> None:
        self._open = open_token
        self.dropped = dropped
        self._signatures: dict[str, str] = {}
        self.notes: list[str] = []

    def system(self, content: Any) -> Iterator[Turn]:
        """The system instruction as a turn, if there is any."""
        path = "systemInstruction"
        if isinstance(content, str):
            yield Turn(role="system", parts=(TextPart(text=content, path=path),), path=path)
        elif isinstance(content, dict):
            self.dropped += unknown_paths(content, _CONTENT, path)
            parts = [part for given, at in _parts(content, path) for part in self._part(given, at)]
            if parts:
                yield Turn(role="system", parts=tuple(parts), path=path)

    def turns(self, contents: Any) -> Iterator[Turn]:
        """The turns, in order. Neighbours of one role are one. Raises RequestRefused."""
        calls: list[GivenCall] = []
        for role, parts, path in self._merged(contents):
            results = [(part, at) for part, at in parts if member(part, "functionResponse") is not None]
            if calls or results:
                yield self._results(calls, results, path)
            calls = []
            made = tuple(part for given, at in parts for part in self._part(given, at))
            if role == "model":
                made, calls = calls_of(made)
            if made:
                yield Turn(role="assistant" if role == "model" else "user", parts=made, path=path)
        if calls:
            raise _unanswered(path)

    def _results(self, calls: list[GivenCall], results: list[tuple[Json, str]], path: str) -> Turn:
        """The results by the id of their call, else by its name and place."""
        waiting = list(calls)
        found: dict[str, ToolResultPart] = {}
        for part, at in results:
            given = mapping(member(part, "functionResponse"), f"{at}.functionResponse")
            self.dropped += unknown_paths(given, _RESPONSE, f"{at}.functionResponse")
            id_, name = given.get("id"), given.get("name")
            asked = next((each for each in waiting if id_ and each[0] == id_), None) or next(
                (each for each in waiting if each[1].name == name), None
            )
            if asked is None:
                raise invalid_value(at, "a function response must follow the turn with its function call.")
            waiting.remove(asked)
            call = asked[1]
            found[call.id] = ToolResultPart(
                call_id=call.id, name=call.name, content=tuple(self._result(given, at)), path=at,
                is_error="error" in mapping(given.get("response"), f"{at}.functionResponse.response"),
            )  # fmt: skip
        if waiting:
            raise _unanswered(path)
        return Turn(role="tool", parts=tuple(found[call.id] for _, call in calls), path=path)

    def _result(self, given: Json, path: str) -> Iterator[TextPart | ImagePart | FilePart]:
        response: Json = given.get("response") or {}
        match response:
            case {"output": str(text)} | {"result": str(text)} | {"error": str(text)} if len(response) == 1:
                yield TextPart(text=text, path=path)
            case _:
                yield TextPart(text=dumps_text(response), path=path)
        parts = f"{path}.functionResponse.parts"
        for i, part in enumerate(repeated(given.get("parts"), parts)):
            for made in self._part(part, f"{parts}[{i}]"):
                if isinstance(made, TextPart | ImagePart | FilePart):
                    yield made
                else:
                    # what the model got from a tool
                    self.dropped.append(f"{parts}[{i}]")

    def _part(self, given: Any, path: str) -> Iterator[Part]:
        if not isinstance(given, dict):
            raise invalid_value(path, "a part must be an object.")
        unknown = unknown_paths(given, _PART, path)
        self.dropped += unknown
        yield from self._thoughts(member(given, "thoughtSignature"), path)
        text, call = given.get("text"), member(given, "functionCall")
        inline, file = member(given, "inlineData"), member(given, "fileData")
        if isinstance(text, str):
            if not given.get("thought"):
                yield TextPart(text=text, path=path)
        elif isinstance(call, dict):
            self.dropped += unknown_paths(call, _CALL, f"{path}.functionCall")
            made = _call(call, path)
            yield structs.replace(made, signature=self._signatures.get(made.id))
        elif isinstance(inline, dict):
            yield inline_part(inline, path, self.dropped)
        elif isinstance(file, dict):
            yield linked_part(file, path, self.dropped)
        elif code := fenced({name: member(given, name) for name in CODE}):
            yield TextPart(text=code, path=path)
        elif member(given, "functionResponse") is None and not unknown:
            self.dropped.append(path)

    def _thoughts(self, signature: Any, path: str) -> Iterator[ThoughtPart]:
        """What another vendor needs again, which its answer carried in a thought signature."""
        if not isinstance(signature, str):
            return
        payload = self._open(token_of(signature))
        if payload is None:
            add_note(self.notes, THINKING_DROPPED)
            return
        self._signatures |= payload.signatures
        for block in payload.blocks:
            yield ThoughtPart(
                format=block.format, text=block.text, signature=block.signature, data=block.data, path=path
            )

    def _merged(self, contents: Any) -> Iterator[tuple[str, list[tuple[Json, str]], str]]:
        """Role, parts with their paths, and path of each turn."""
        if isinstance(contents, dict):
            contents = [contents]
        if not isinstance(contents, list) or not contents:
            raise invalid_value("contents", "at least one content is needed.")
        role, path = "", ""
        parts: list[tuple[Json, str]] = []
        for i, content in enumerate(contents):
            at = f"contents[{i}]"
            if not isinstance(content, dict):
                raise invalid_value(at, "a content must be an object.")
            self.dropped += unknown_paths(content, _CONTENT, at)
            now = "model" if content.get("role") == "model" else "user"
            if now != role and parts:
                yield role, parts, path
                parts = []
            if not parts:
                role, path = now, at
            parts += _parts(content, at)
        if parts:
            yield role, parts, path


def token_of(signature: str) -> str:
    """The gateway's token inside a thought signature, which is base64; empty: it is not the gateway's."""
    try:
        token = base64.b64decode(signature.translate(str.maketrans("-_", "+/")) + "==").decode("ascii")
    except (binascii.Error, ValueError):
        return ""
    return token if token.startswith(PREFIX) else ""


def _parts(content: Json, path: str) -> list[tuple[Json, str]]:
    found = []
    for i, part in enumerate(repeated(content.get("parts"), f"{path}.parts")):
        at = f"{path}.parts[{i}]"
        found.append(({"text": part} if isinstance(part, str) else mapping(part, at), at))
    return found


def _call(call: Json, path: str) -> ToolCallPart:
    name = call.get("name")
    if not isinstance(name, str):
        raise invalid_value(f"{path}.functionCall.name", "a function call needs a name.")
    place = "_".join(re.findall(r"[0-9]+", path))
    id_ = string(call.get("id"), f"{path}.functionCall.id") or f"call_{place}"
    return ToolCallPart(id=id_, name=name, arguments=dumps_text(call.get("args") or {}), path=path)


def _unanswered(path: str) -> RequestRefused:
    return RequestRefused(
        f"{path}: the number of function response parts must be equal to the number of function call parts of the "
        "function call turn.",
        param=path,
        code="invalid_value",
    )
