"""POST /v1/completions. https://platform.openai.com/docs/api-reference/completions/create"""

from __future__ import annotations

from typing import Annotated, ClassVar

from msgspec import Meta

from unigate_edge.validation.chat import StreamOptions
from unigate_edge.validation.types import Penalty, Ratio, Request, Temperature, TokenIds


class CompletionRequest(Request, frozen=True):
    """The body of a completion request. The prompt is a text, texts, a text's tokens, or several texts' tokens."""

    must_fit: ClassVar[frozenset[str] | None] = frozenset({"max_tokens", "model", "n", "stream", "stream_options"})

    model: str
    prompt: str | Annotated[list[str | int | TokenIds], Meta(min_length=1)]
    suffix: str | None = None
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    echo: bool | None = None
    max_tokens: Annotated[int, Meta(ge=0)] | None = None
    temperature: Temperature | None = None
    top_p: Ratio | None = None
    n: Annotated[int, Meta(ge=1, le=128)] | None = None
    best_of: Annotated[int, Meta(ge=1, le=20)] | None = None
    stop: str | list[str] | None = None
    presence_penalty: Penalty | None = None
    frequency_penalty: Penalty | None = None
    logit_bias: dict[str, float] | None = None
    logprobs: Annotated[int, Meta(ge=0, le=5)] | None = None
    seed: int | None = None
    user: str | None = None
