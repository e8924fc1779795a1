"""CountTokens, which knows some models only. https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_CountTokens.html"""

from __future__ import annotations

from urllib.parse import quote

from unigate_formats.neutral.native_api import TokenCounter

_COUNTED = ("messages", "system", "toolConfig")

COUNTER = TokenCounter(
    path=lambda model: f"model/{quote(model, safe='')}/count-tokens",
    body=lambda body, model: {"input": {"converse": {key: body[key] for key in _COUNTED if key in body}}},
    count=lambda answer: int(answer["inputTokens"]),
    partial=True,
)
