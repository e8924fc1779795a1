"""Compaction: a conversation becomes a summary that the model writes, and one item that stands for it.

https://platform.openai.com/docs/guides/conversation-state#compaction-advanced
"""

from __future__ import annotations

from typing import Any

from msgspec import structs

from unigate_core.encrypted_content import EncryptedPayload
from unigate_core.errors import UpstreamProtocol
from unigate_core.json import Json, dumps
from unigate_formats.neutral.events import Finish, Refusal, Start, Usage
from unigate_formats.neutral.request import ChatRequest, TextPart, ToolChoice, Turn
from unigate_formats.openai_responses.compaction_item import ITEM, TRIGGER
from unigate_formats.openai_responses.encode_stream import INCOMPLETE, ResponseAnswerEncoder, ResponseStreamEncoder

_INSTRUCTION = (
    "Summarize the conversation so far, so that another model can go on with it knowing nothing else. Keep what was "
    "asked, what was decided and why, what was done and found, names, paths, numbers and code that are still needed, "
    "and what is left to do. Write the summary only."
)


def is_compaction(body: Json) -> bool:
    """Whether a request asks for a compaction instead of an answer: its last item is the trigger."""
    items = body.get("input")
    return isinstance(items, list) and bool(items) and isinstance(items[-1], dict) and items[-1].get("type") == TRIGGER


def asked_for_summary(chat: ChatRequest) -> ChatRequest:
    """The request with an instruction to summarise at its end; tools stay, for earlier turns refer to them."""
    instruction = Turn(role="user", parts=(TextPart(_INSTRUCTION, path="input"),), path="input")
    choice = ToolChoice(mode="none", path="tool_choice") if chat.tools else None
    return structs.replace(
        chat,
        turns=(*chat.turns, instruction),
        tool_choice=choice,
        response_format=None,
        web_search=None,
        builtin_tools=(),
    )


class _Compaction(ResponseStreamEncoder):
    """Gathers the summary; all else that the model says is no part of it."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._summary: list[str] = []
        self._refused = False
        self._rare = {Finish: self._on_finish, Refusal: self._on_refusal}

    def _on_text(self, text: str) -> None:
        self._summary.append(text)

    def _on_arguments(self, index: int, text: str) -> None:
        """A call has no place in a summary."""

    def _on_refusal(self, event: Refusal) -> None:
        self._refused = True

    def _on_finish(self, event: Finish) -> None:
        """The summary is whole, or there is no item: the client would replace the conversation by what was cut off."""
        if event.choice or self._finish is not None:
            return
        self._begin(Start(id="", model=""))
        reason = "content_filter" if self._refused else event.reason
        if reason in INCOMPLETE:
            self._finish = reason
            return
        summary = "".join(self._summary).strip()
        if not summary:
            raise UpstreamProtocol("The provider's model wrote no summary of the conversation.")
        index = self._next_index()
        terms = self._terms
        token = terms.encrypt(EncryptedPayload(provider=terms.provider, model=terms.model, native=summary))
        item: Json = {"id": terms.item_id("cmp", index), "type": ITEM, "encrypted_content": token}
        self._emit("response.output_item.added", {"output_index": index, "item": item})
        self._output[index] = item
        self._emit("response.output_item.done", {"output_index": index, "item": item})
        self._finish = "stop"


class CompactionStreamEncoder(_Compaction):
    """The event stream of a response whose one item is the compaction."""


class CompactionAnswerEncoder(_Compaction, ResponseAnswerEncoder):
    """The same as one response object."""


class CompactionResourceEncoder(CompactionAnswerEncoder):
    """The answer of `/v1/responses/compact`."""

    def close(self, usage: Usage | None) -> bytes:
        """The compacted conversation, which has no status. Raises UpstreamProtocol when the summary is not whole."""
        whole = self._finished(usage)
        if whole["status"] != "completed":
            raise UpstreamProtocol(f"The summary is incomplete: {whole['incomplete_details']['reason']}.")
        members = {name: whole[name] for name in ("id", "created_at", "output", "usage")}
        return dumps({"object": "response.compaction", **members})

    def stored(self) -> None:
        """It is the client's to keep."""
