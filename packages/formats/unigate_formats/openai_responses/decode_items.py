"""Input items of a Responses request → turns. https://platform.openai.com/docs/guides/conversation-state

Items that the model made one after the other (reasoning, messages, calls) are one assistant turn; the outputs of its
calls follow as one tool turn, in the order of the calls.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import msgspec

from unigate_core.encrypted_content import EncryptedPayload
from unigate_core.errors import RequestRefused, invalid_value, unsupported_value
from unigate_core.json import Json
from unigate_formats.neutral.call_ids import unique_call_ids
from unigate_formats.neutral.extensions import Extensions, read_extensions
from unigate_formats.neutral.notes import THINKING_DROPPED, add_note
from unigate_formats.neutral.request import (
    FilePart,
    ImagePart,
    NativePart,
    Part,
    TextPart,
    ThoughtPart,
    ToolCallPart,
    ToolResultPart,
    Turn,
)
from unigate_formats.openai_chat.decode_content import image_part
from unigate_formats.openai_responses.compaction_item import DROPPED as COMPACTION_DROPPED
from unigate_formats.openai_responses.compaction_item import ITEM, read_summary
from unigate_formats.openai_responses.decode_content import response_parts
from unigate_formats.openai_responses.decode_tools import functions_of
from unigate_formats.openai_responses.flat_name import flat_name
from unigate_formats.openai_responses.image_item import CALL as IMAGE
from unigate_formats.openai_responses.image_item import has_image, image_url
from unigate_formats.openai_responses.tool_search import (
    CALL,
    NAME,
    OUTPUT,
    call_arguments,
    found_tools,
    is_run_by_client,
)

Item = tuple[Json, str]
"""An item and the JSON path it has in the request."""

RESULTS = frozenset({"function_call_output", "custom_tool_call_output", OUTPUT})
CALLS = frozenset({"function_call", "custom_tool_call", CALL})
BUILTIN_CALLS = frozenset({"web_search_call", "code_interpreter_call"})

KINDS = frozenset({"message", "reasoning", ITEM, IMAGE, *CALLS, *RESULTS, *BUILTIN_CALLS})
ASKING = frozenset({"item_reference"})
"""Items without which the answer would not be what was asked for."""

_ITEM = frozenset(
    {
        "arguments", "call_id", "content", "created_by", "execution", "id", "input", "name", "namespace", "output",
        "phase", "role", "status", "tools", "type",
    }
)  # fmt: skip


class ItemReader:
    """Reads the items of one request. `notes` says afterwards what was left out.

    `decrypt` opens `encrypted_content` and gives None for what is not ours or was made by another provider or model,
    `decrypt_any` for what is not ours.
    """

    def __init__(
        self,
        items: Sequence[Item],
        decrypt: Callable[[str], EncryptedPayload | None],
        decrypt_any: Callable[[str], EncryptedPayload | None] = lambda _: None,
    ) -> None:
        self._items = items
        self._decrypt = decrypt
        self._decrypt_any = decrypt_any
        self._signatures: dict[str, str] = {}
        self._outputs: defaultdict[str, deque[Item]] = defaultdict(deque)
        self._extensions: Extensions = ()
        self.notes: list[str] = []
        for item, path in items:
            if item_kind(item, path) in RESULTS:
                self._outputs[_call_id(item, path)].append((item, path))

    def turns(self) -> Iterator[Turn]:
        """The turns, in order. Raises RequestRefused."""
        parts: list[Part] = []
        start = ""
        for item, path in self._items:
            kind = item_kind(item, path)
            made = list(self._made(item, kind, path))
            if made or _is_models(item, kind):
                start = start if parts else path
                parts += made
                continue
            yield from self._answer(parts, start)
            parts = []
            if kind == ITEM:
                yield from self._summary(item, path)
            elif kind not in RESULTS:
                yield _message(item, path)
        yield from self._answer(parts, start)
        for waiting in self._outputs.values():
            if waiting:
                raise _unanswered(f"No tool call found for the output of call '{_call_id(*waiting[0])}'.")

    def _summary(self, item: Json, path: str) -> Iterator[Turn]:
        summary = read_summary(item, self._decrypt_any)
        if summary is not None:
            yield Turn(role="user", parts=(TextPart(summary, path=path),), path=path)
        else:
            add_note(self.notes, COMPACTION_DROPPED)

    def _answer(self, parts: list[Part], path: str) -> Iterator[Turn]:
        """The assistant's turn, and the results of its calls."""
        extensions, self._extensions = self._extensions, ()
        for turn in self._assistant(parts, path):
            yield msgspec.structs.replace(turn, extensions=extensions) if turn.role == "assistant" else turn

    def _assistant(self, parts: list[Part], path: str) -> Iterator[Turn]:
        if all(isinstance(part, ThoughtPart) for part in parts):
            return
        results = tuple(self._result(part) for part in parts if isinstance(part, ToolCallPart))
        unique, same_id = unique_call_ids(parts)
        if same_id:
            calls = [part for part in unique if isinstance(part, ToolCallPart)]
            results = tuple(
                msgspec.structs.replace(result, call_id=call.id) for call, result in zip(calls, results, strict=True)
            )
        yield Turn(role="assistant", parts=unique, path=path)
        if results:
            yield Turn(role="tool", parts=results, path=results[0].path)

    def _result(self, call: ToolCallPart) -> ToolResultPart:
        waiting = self._outputs.get(call.id)
        if not waiting:
            raise _unanswered(f"No tool output found for function call {call.id}.")
        item, path = waiting.popleft()
        if item.get("type") == OUTPUT:
            tools = [(tool, path) for tool in item.get("tools") or ()]
            text = found_tools(functions_of(tools, drop_unsupported=True))
            content: tuple[TextPart | ImagePart | FilePart, ...] = (TextPart(text=text, path=f"{path}.tools"),)
        else:
            content = tuple(_result_content(item.get("output"), f"{path}.output"))
        extensions = read_extensions(item, _ITEM, path)
        return ToolResultPart(call_id=call.id, name=call.name, content=content, path=path, extensions=extensions)

    def _made(self, item: Json, kind: str, path: str) -> Iterator[Part]:
        """What a model's item is made of; nothing for a client's item."""
        if kind == "message" and item.get("role") == "assistant":
            yield from response_parts(item.get("content"), f"{path}.content")
            self._extensions += read_extensions(item, _ITEM, path)
        elif kind == "reasoning":
            yield from self._thoughts(item, path)
        elif kind in BUILTIN_CALLS or (kind == CALL and not is_run_by_client(item)):
            yield from self._native(item, path)
        elif kind == IMAGE:
            yield _image(item, path)
        elif kind in CALLS:
            yield self._call(item, kind, path)

    def _thoughts(self, item: Json, path: str) -> Iterator[Part]:
        payload = self._open(item, THINKING_DROPPED)
        if payload is None:
            return
        self._signatures |= payload.signatures
        for block in payload.blocks:
            yield ThoughtPart(
                format=block.format, text=block.text, signature=block.signature, data=block.data, path=path
            )

    def _native(self, item: Json, path: str) -> Iterator[Part]:
        payload = self._open(item, "builtin_calls_dropped")
        if payload is not None and payload.native is not None:
            yield NativePart(format=payload.provider, value=payload.native, path=path)

    def _open(self, item: Json, note: str) -> EncryptedPayload | None:
        token = item.get("encrypted_content")
        payload = self._decrypt(token) if isinstance(token, str) else None
        if payload is None:
            add_note(self.notes, note)
        return payload

    def _call(self, item: Json, kind: str, path: str) -> ToolCallPart:
        custom = kind == "custom_tool_call"
        text = item.get("input" if custom else "arguments")
        name = item.get("name")
        if kind == CALL:
            name, text = NAME, call_arguments(text)
        if not isinstance(name, str) or not isinstance(text, str):
            raise invalid_value(path, "a call needs a name, and its arguments as text.")
        namespace = item.get("namespace")
        if isinstance(namespace, str) and namespace:
            name = flat_name(namespace, name)
        call_id = _call_id(item, path)
        signature = self._signatures.get(call_id)
        return ToolCallPart(
            id=call_id,
            name=name,
            arguments=text,
            path=path,
            custom=custom,
            signature=signature,
            extensions=read_extensions(item, _ITEM, path),
        )


def item_kind(item: Any, path: str) -> str:
    """The item's type, spelled out where OpenAI lets it be left out. Raises RequestRefused for what cannot be read."""
    if not isinstance(item, dict):
        raise RequestRefused(f"Invalid type for '{path}': expected an object.", param=path, code="invalid_type")
    kind = item.get("type")
    if kind is None:
        kind = "message" if "role" in item else "item_reference"
    if kind == "item_reference":
        raise RequestRefused(
            f"Item with id '{item.get('id')}' not found.", param="input", code="item_not_found", status=404
        )
    if kind in KINDS:
        return str(kind)
    raise unsupported_value(f"{path}.type", f"items of type '{kind}' belong to OpenAI's own tools.")


def is_foreign(kind: Any) -> bool:
    """Whether items of this type belong to tools of OpenAI's own, and can be left out."""
    return isinstance(kind, str) and kind not in KINDS and kind not in ASKING


def _is_models(item: Json, kind: str) -> bool:
    """Whether the model made it."""
    return kind not in (*RESULTS, ITEM) and (kind != "message" or item.get("role") == "assistant")


def _message(item: Json, path: str) -> Turn:
    role = item.get("role")
    if role not in ("user", "system", "developer"):
        raise invalid_value(f"{path}.role", f"'{role}' is not one of user, assistant, system and developer.")
    # A bare string is an item in itself.
    parts = tuple(response_parts(item.get("content"), path if path == "input" else f"{path}.content"))
    extensions = read_extensions(item, _ITEM, path)
    return Turn(role="user" if role == "user" else "system", parts=parts, path=path, extensions=extensions)


def _result_content(output: Any, path: str) -> Iterator[TextPart | ImagePart | FilePart]:
    for part in response_parts(output, path):
        if not isinstance(part, TextPart | ImagePart | FilePart):
            raise invalid_value(part.path, "an output can contain only text, images and files.")
        yield part


def _call_id(item: Json, path: str) -> str:
    call_id = item.get("call_id")
    if not isinstance(call_id, str) or not call_id:
        raise RequestRefused(
            f"Missing required parameter: '{path}.call_id'.", param=f"{path}.call_id", code="missing_required_parameter"
        )
    return call_id


def _unanswered(message: str) -> RequestRefused:
    return RequestRefused(message, param="input", code="invalid_value")


def _image(item: Json, path: str) -> Part:
    if not has_image(item):
        raise unsupported_value(path, "images can be found by their ids at OpenAI only; an item needs 'result'.")
    return image_part(image_url(item), None, f"{path}.result")
