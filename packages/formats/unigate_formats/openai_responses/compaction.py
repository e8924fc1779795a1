"""Compaction: a conversation becomes a summary that the model writes, and one item that stands for it.

https://platform.openai.com/docs/guides/conversation-state#compaction-advanced

The summary is encrypted for the tenant, as OpenAI's is. Unlike thoughts it is plain text for any model, so that the
conversation can go on elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec import structs

from unigate_core.encrypted_content import Sealed
from unigate_core.json import Json, dumps
from unigate_formats.neutral.events import Finish, Start, Usage
from unigate_formats.neutral.request import ChatRequest, TextPart, ToolChoice, Turn
from unigate_formats.openai_responses.encode_stream import ResponseAnswerEncoder, ResponseStreamEncoder

TRIGGER = "compaction_trigger"
ITEM = "compaction"
_INSTRUCTION = (
    "Summarize the conversation so far, so that another model can go on with it knowing nothing else. Keep what was "
    "asked, what was decided and why, what was done and found, names, paths, numbers and code that are still needed, "
    "and what is left to do. Write the summary only."
)
_LEAD = "This is a summary of the conversation so far:\n\n"


def is_compaction(body: Json) -> bool:
    """Whether a request asks for a compaction instead of an answer: its last item is the trigger."""
    items = body.get("input")
    return isinstance(items, list) and bool(items) and isinstance(items[-1], dict) and items[-1].get("type") == TRIGGER


def asked_for_summary(chat: ChatRequest) -> ChatRequest:
    """The request with the wish for a summary at its end; tools stay, for earlier turns speak of them."""
    wish = Turn(role="user", parts=(TextPart(_INSTRUCTION, path="input"),), path="input")
    choice = ToolChoice(mode="none", path="tool_choice") if chat.tools else None
    return structs.replace(
        chat, turns=(*chat.turns, wish), tool_choice=choice, response_format=None, web_search=None, builtin_tools=()
    )


def read_summary(item: Json, path: str, decrypt: Callable[[str], Sealed | None]) -> Turn | None:
    """The turn that a compaction item stands for; None when it was made elsewhere."""
    token = item.get("encrypted_content")
    sealed = decrypt(token) if isinstance(token, str) else None
    if sealed is None or not isinstance(sealed.native, str):
        return None
    return Turn(role="user", parts=(TextPart(_LEAD + sealed.native, path=path),), path=path)


class _Compaction(ResponseStreamEncoder):
    """Gathers the summary; all else that the model says is no part of it."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._summary: list[str] = []
        self._rare = {Finish: self._on_finish}

    def _on_text(self, text: str) -> None:
        self._summary.append(text)

    def _on_arguments(self, index: int, text: str) -> None:
        """A call has no place in a summary."""

    def _on_finish(self, event: Finish) -> None:
        if event.choice or self._finish is not None:
            return
        self._begin(Start(id="", model=""))
        index = self._next_index()
        terms = self._terms
        sealed = Sealed(provider=terms.provider, model=terms.model, native="".join(self._summary).strip())
        item: Json = {"id": terms.item_id("cmp", index), "type": ITEM, "encrypted_content": terms.encrypt(sealed)}
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
        """The compacted conversation. Raises UpstreamProtocol when the answer never finished."""
        whole = self._finished(usage)
        members = {name: whole[name] for name in ("id", "created_at", "output", "usage")}
        return dumps({"object": "response.compaction", **members})

    def stored(self) -> None:
        """It is the client's to keep."""
