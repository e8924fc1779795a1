"""Output items of a response while they are written: each writes its own events, in OpenAI's order.

https://platform.openai.com/docs/api-reference/responses-streaming
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from unigate_core.encrypted_content import EncryptedPayload, PayloadBlock
from unigate_core.ids import padding
from unigate_core.json import Json, loads
from unigate_formats.neutral.events import Citation, ReasoningBlock, ToolCall
from unigate_formats.openai_chat.encode_stream import custom_input
from unigate_formats.openai_responses.response_object import ResponseContext, visible
from unigate_formats.openai_responses.tool_search import CALL as SEARCH_CALL
from unigate_formats.openai_responses.tool_search import item_arguments

Emit = Callable[[str, Json], None]
"""Writes one event: its type and its members."""


class Item(Protocol):
    """An item that is being written."""

    index: int

    def close(self, status: str) -> Json:
        """Tell its end; gives the whole item, with `encrypted_content` where there is any."""


class MessageItem:
    """A message: text and refusals. `base` is how many code points of text came in earlier messages."""

    def __init__(self, terms: ResponseContext, emit: Emit, index: int, base: int) -> None:
        self.index = index
        self.base = base
        self.length = 0
        self._emit = emit
        self._pads = terms.obfuscates
        self._id = terms.item_id("msg", index)
        self._content: list[Json] = []
        self._part: Json = {}
        self._pieces: list[str] = []
        emit("response.output_item.added", {"item": self._item("in_progress"), "output_index": index})

    def text(self, text: str, logprobs: list[Json]) -> None:
        """A piece of text."""
        self._open("output_text")
        self._pieces.append(text)
        self.length += len(text)
        self._part["logprobs"] += logprobs
        members: Json = {
            "content_index": len(self._content),
            "delta": text,
            "item_id": self._id,
            "logprobs": logprobs and [_short(item) for item in logprobs],
            "output_index": self.index,
        }
        if self._pads:
            members["obfuscation"] = padding(text)
        self._emit("response.output_text.delta", members)

    def refusal(self, text: str) -> None:
        """A piece of a refusal."""
        self._open("refusal")
        self._pieces.append(text)
        members: Json = {**self._place(), "delta": text}
        if self._pads:
            members["obfuscation"] = padding(text)
        self._emit("response.refusal.delta", members)

    def cite(self, citation: Citation) -> None:
        """A citation of the text so far."""
        self._open("output_text")
        annotation = {
            "type": "url_citation",
            "end_index": citation.end - self.base,
            "start_index": citation.start - self.base,
            "title": citation.title,
            "url": citation.url,
        }
        members = {**self._place(), "annotation": annotation, "annotation_index": len(self._part["annotations"])}
        self._part["annotations"].append(annotation)
        self._emit("response.output_text.annotation.added", members)

    def close(self, status: str) -> Json:
        """Tell its end."""
        self._close_part()
        item = self._item(status)
        self._emit("response.output_item.done", {"item": item, "output_index": self.index})
        return item

    def _open(self, kind: str) -> None:
        if self._part.get("type") == kind:
            return
        self._close_part()
        text: Json = {"type": kind, "annotations": [], "logprobs": [], "text": ""}
        self._part = text if kind == "output_text" else {"type": kind, "refusal": ""}
        self._emit("response.content_part.added", {**self._place(), "part": self._part})

    def _close_part(self) -> None:
        part = self._part
        if not part:
            return
        text, place = "".join(self._pieces), self._place()
        if part["type"] == "output_text":
            part["text"] = text
            self._emit("response.output_text.done", {**place, "logprobs": part["logprobs"], "text": text})
        else:
            part["refusal"] = text
            self._emit("response.refusal.done", {**place, "refusal": text})
        self._emit("response.content_part.done", {**place, "part": part})
        self._content.append(part)
        self._part, self._pieces = {}, []

    def _place(self) -> Json:
        return {"content_index": len(self._content), "item_id": self._id, "output_index": self.index}

    def _item(self, status: str) -> Json:
        return {
            "id": self._id,
            "type": "message",
            "status": status,
            "content": list(self._content),
            "role": "assistant",
        }


class ReasoningItem:
    """Thoughts: one summary part for each native block, and all blocks payload for the next turn."""

    def __init__(self, terms: ResponseContext, emit: Emit, index: int) -> None:
        self.index = index
        self._terms = terms
        self._emit = emit
        self._id = terms.item_id("rs", index)
        self._summary: list[Json] = []
        self._pieces: list[str] = []
        self._shown = False
        self._blocks: list[PayloadBlock] = []
        self._signatures: dict[str, str] = {}
        emit("response.output_item.added", {"item": self._item(), "output_index": index})

    def text(self, text: str) -> None:
        """A piece of a thought."""
        self._pieces.append(text)
        if not self._terms.shows_reasoning:
            return
        if not self._shown:
            self._shown = True
            self._emit("response.reasoning_summary_part.added", {**self._place(), "part": _summary("")})
        members: Json = {**self._place(), "delta": text}
        if self._terms.obfuscates:
            members["obfuscation"] = padding(text)
        self._emit("response.reasoning_summary_text.delta", members)

    def block(self, block: ReasoningBlock) -> None:
        """A thought is complete."""
        if block.text and not self._pieces:
            self.text(block.text)
        self._end_part()
        self._blocks.append(PayloadBlock(block.format, block.text, block.signature, block.data))

    def sign(self, call: ToolCall) -> None:
        """Keep the signature of a call; its own item has no place for it."""
        if call.signature:
            self._signatures[call.id] = call.signature

    def close(self, status: str) -> Json:
        """Tell its end."""
        if self._pieces:
            self._blocks.append(PayloadBlock("text", "".join(self._pieces)))
            self._end_part()
        item = self._item()
        terms = self._terms
        if self._blocks or self._signatures:
            payload = EncryptedPayload(terms.provider, terms.model, tuple(self._blocks), self._signatures)
            item["encrypted_content"] = terms.encrypt(payload)
        self._emit("response.output_item.done", {"item": visible(item, terms), "output_index": self.index})
        return item

    def _end_part(self) -> None:
        text = "".join(self._pieces)
        self._pieces = []
        if not self._shown:
            return
        place, part = self._place(), _summary(text)
        self._emit("response.reasoning_summary_text.done", {**place, "text": text})
        self._emit("response.reasoning_summary_part.done", {**place, "part": part})
        self._summary.append(part)
        self._shown = False

    def _place(self) -> Json:
        return {"item_id": self._id, "output_index": self.index, "summary_index": len(self._summary)}

    def _item(self) -> Json:
        return {"id": self._id, "type": "reasoning", "summary": list(self._summary)}


class CallItem:
    """A call of one of the client's tools. `ended`: its arguments are complete."""

    def __init__(self, terms: ResponseContext, emit: Emit, index: int, call: ToolCall) -> None:
        self.index = index
        self.ended = False
        self._emit = emit
        self._pads = terms.obfuscates
        self._call = call
        self._custom = call.name in terms.custom_names
        self._searches = call.name == terms.search_name
        namespace, name = terms.namespaced.get(call.name, ("", call.name))
        self._named = {"name": name, "namespace": namespace} if namespace else {"name": name}
        self._id = terms.item_id("tsc" if self._searches else "ctc" if self._custom else "fc", index)
        self._pieces: list[str] = []
        emit("response.output_item.added", {"item": self._item("in_progress", ""), "output_index": index})

    def arguments(self, text: str) -> None:
        """A piece of the arguments."""
        self._pieces.append(text)
        if not self._custom and not self._searches:
            self._delta("response.function_call_arguments.delta", text)

    def breaks_off(self) -> bool:
        """Whether the arguments are no whole JSON."""
        try:
            loads("".join(self._pieces) or "{}")
        except ValueError:
            return True
        return False

    def close(self, status: str) -> Json:
        """Tell its end."""
        text = "".join(self._pieces)
        place: Json = {"item_id": self._id, "output_index": self.index}
        if self._custom:
            text = custom_input(text)
            self._delta("response.custom_tool_call_input.delta", text)
            self._emit("response.custom_tool_call_input.done", {**place, "input": text})
        elif not self._searches:
            members = {**place, "arguments": text, "name": self._named["name"]}
            self._emit("response.function_call_arguments.done", members)
        item = self._item(status, text)
        self._emit("response.output_item.done", {"item": item, "output_index": self.index})
        return item

    def _delta(self, kind: str, text: str) -> None:
        members: Json = {"delta": text, "item_id": self._id, "output_index": self.index}
        if self._pads:
            members["obfuscation"] = padding(text)
        self._emit(kind, members)

    def _item(self, status: str, text: str) -> Json:
        if self._searches:
            item = {"id": self._id, "type": SEARCH_CALL, "status": status, "call_id": self._call.id}
            return {**item, "execution": "client", "arguments": item_arguments(text)}
        item = {"id": self._id, "type": "custom_tool_call" if self._custom else "function_call", "status": status}
        item["input" if self._custom else "arguments"] = text
        return {**item, "call_id": self._call.id, **self._named}


def response_logprobs(content: list[Any]) -> list[Json]:
    """Chat's log probabilities with the bytes that the Responses API requires."""
    return [
        {**_logprob(item), "top_logprobs": [_logprob(other) for other in item.get("top_logprobs") or ()]}
        for item in content
    ]


def _logprob(item: Json) -> Json:
    data = item.get("bytes")
    token = item.get("token") or ""
    return {"token": token, "bytes": list(token.encode()) if data is None else data, "logprob": item.get("logprob")}


def _short(item: Json) -> Json:
    top = [{"token": other["token"], "logprob": other["logprob"]} for other in item["top_logprobs"]]
    return {"token": item["token"], "logprob": item["logprob"], "top_logprobs": top}


def _summary(text: str) -> Json:
    return {"type": "summary_text", "text": text}
