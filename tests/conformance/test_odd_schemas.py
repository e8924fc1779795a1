"""Schemas that no sane client writes: they are served or refused, and break nothing."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.mark.parametrize(
    "parameters",
    [
        {"type": [None, []]},
        {"type": []},
        {"type": ["object", 1], "properties": {"a": {"type": [{}]}}},
        {"type": "object", "properties": {"a": {"enum": [[], {}], "type": [None]}}},
    ],
)
async def test_odd_types_are_no_bug(connect: Any, provider: str, parameters: Any) -> None:
    tool = {"type": "function", "function": {"name": "f", "parameters": parameters}}
    async with connect(provider) as client:
        answer = await client.raw("hi", tools=[tool])
    assert not answer.HasField("error") or answer.error.status < 500, answer.error
