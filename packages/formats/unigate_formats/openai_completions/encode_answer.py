"""Neutral events → one text_completion. https://platform.openai.com/docs/api-reference/completions/object"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from unigate_core.json import Json, dumps
from unigate_formats.neutral.events import Usage
from unigate_formats.neutral.request import ChatRequest
from unigate_formats.openai_chat.encode_answer import ChatAnswerEncoder

_SHOWN_AS_TEXT = frozenset({"role", "content", "refusal"})


class CompletionAnswerEncoder(ChatAnswerEncoder):
    """Gathers a whole completion: a chat's answer with its message written as text."""

    def __init__(
        self, chat: ChatRequest, *, provider: str, created: int, fallback_id: str, echoed: Sequence[str]
    ) -> None:
        """`echoed` are the prompts to repeat before the answers, in order; empty: none."""
        super().__init__(chat, provider=provider, created=created, fallback_id=fallback_id)
        self._echoed = echoed
        self._n = chat.n

    def close(self, usage: Usage | None) -> bytes:
        """The completion object. Raises UpstreamProtocol when a choice never finished."""
        answer = self._answer_object(usage)
        answer["id"] = completion_id(answer["id"])
        answer["object"] = "text_completion"
        answer["choices"] = [self._completion(choice) for choice in answer["choices"]]
        return dumps(answer)

    def _completion(self, choice: Json) -> Json:
        message, index = choice["message"], choice["index"]
        prompt = echoed_prompt(self._echoed, index, self._n)
        text = message["content"] or message["refusal"] or ""
        beside = {name: value for name, value in message.items() if value and name not in _SHOWN_AS_TEXT}
        logprobs = choice["logprobs"]
        return {
            "text": prompt + text,
            "index": index,
            "logprobs": text_logprobs(logprobs["content"], 0)[0] if logprobs else None,
            "finish_reason": choice["finish_reason"],
            **beside,
        }


def completion_id(chat_id: str) -> str:
    """The id of a completion, from that of a chat."""
    return f"cmpl-{chat_id.removeprefix('chatcmpl-')}"


def echoed_prompt(echoed: Sequence[str], choice: int, n: int) -> str:
    """The prompt that a choice repeats, empty: none. Each prompt has `n` choices in a row."""
    return echoed[choice // n] if echoed else ""


def text_logprobs(content: Sequence[Json], offset: int) -> tuple[Json, int]:
    """A chat's log probabilities in the form of completions, and the offset of the next token.

    `offset` is where the first token stands in the answer's text, in Unicode code points.
    """
    offsets: list[int] = []
    for token in content:
        offsets.append(offset)
        offset += len(token.get("token") or "")
    form: dict[str, Any] = {
        "tokens": [token.get("token") for token in content],
        "token_logprobs": [token.get("logprob") for token in content],
        "top_logprobs": [
            {top.get("token"): top.get("logprob") for top in token.get("top_logprobs") or ()} for token in content
        ],
        "text_offset": offsets,
    }
    return form, offset
