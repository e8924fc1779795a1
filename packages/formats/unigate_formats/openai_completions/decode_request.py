"""OpenAI's completion request → ChatRequest. https://platform.openai.com/docs/api-reference/completions/create

A prompt becomes a message of the user. What the model answers is the completion.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from msgspec.structs import replace

from unigate_core.errors import invalid_value, unsupported_parameter
from unigate_core.json import Json
from unigate_formats.neutral import token_ids
from unigate_formats.neutral.embeddings import DECODED
from unigate_formats.neutral.request import ChatRequest
from unigate_formats.openai_chat.decode_messages import decode_messages
from unigate_formats.openai_chat.decode_request import decode_request as decode_chat

MAX_PROMPTS: Final = 32
"""Each prompt is a call of its own."""
PROMPT_AS_MESSAGE: Final = "prompt_as_message"
SUFFIX_IN_PROMPT: Final = "suffix_in_prompt"
_BETWEEN: Final = (
    "The user's message holds the beginning and the end of a text, marked by <prefix> and <suffix>. Write what stands "
    "between them, and nothing else: no explanation, no repetition of either, no code fence."
)
_NAMES: Final = {"messages": "prompt", "top_logprobs": "logprobs"}


def decode_request(body: Json, *, drop_unsupported: bool = False) -> ChatRequest:
    """Read a completion request; its turns are those of the first prompt. Raises RequestRefused."""
    logprobs = body.get("logprobs")
    if logprobs is not None and body.get("echo"):
        raise unsupported_parameter("echo", "There are no log probabilities of the prompt.")
    chat = decode_chat(
        {
            **body,
            "messages": _messages(prompts(body)[0], body.get("suffix")),
            "logprobs": logprobs is not None,
            "top_logprobs": logprobs or None,
        },
        drop_unsupported=drop_unsupported,
    )
    notes = [*chat.notes, PROMPT_AS_MESSAGE]
    if body.get("suffix"):
        notes.append(SUFFIX_IN_PROMPT)
    if any(map(token_ids.is_ids, _given(body))):
        notes.append(DECODED)
    return replace(chat, names={**chat.names, **_NAMES}, notes=tuple(notes))


def chats(chat: ChatRequest, body: Json) -> list[ChatRequest]:
    """The request once for each prompt."""
    suffix = body.get("suffix")
    others = prompts(body)[1:]
    return [chat, *(replace(chat, turns=tuple(decode_messages(_messages(each, suffix)))) for each in others)]


def prompts(body: Json) -> list[str]:
    """The texts to be continued. Raises RequestRefused."""
    given = _given(body)
    if not given:
        raise invalid_value("prompt", "it is empty.")
    if len(given) > MAX_PROMPTS:
        raise invalid_value("prompt", f"at most {MAX_PROMPTS} prompts are taken for this model.")
    return [_text(each) for each in given]


def _given(body: Json) -> Sequence[Any]:
    prompt = body.get("prompt")
    return prompt if isinstance(prompt, list) and not token_ids.is_ids(prompt) else [prompt]


def _text(prompt: Any) -> str:
    text = token_ids.decode(prompt) if token_ids.is_ids(prompt) else prompt
    if not isinstance(text, str):
        raise invalid_value("prompt", "it must be a text, texts, a text's tokens, or several texts' tokens.")
    if not text:
        raise invalid_value("prompt", "this model needs a text that is not empty.")
    return text


def _messages(prompt: str, suffix: str | None) -> list[Json]:
    if not suffix:
        return [{"role": "user", "content": prompt}]
    return [
        {"role": "system", "content": _BETWEEN},
        {"role": "user", "content": f"<prefix>{prompt}</prefix>\n<suffix>{suffix}</suffix>"},
    ]
