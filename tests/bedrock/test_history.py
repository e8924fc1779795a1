"""Thoughts of others and cache breakpoints of a conversation at Converse: kept, or told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from unigate_formats.neutral.translation import NativeCall

Translate = Callable[..., NativeCall]
CALL = {"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}
HOUR = {"type": "ephemeral", "ttl": "1h"}


def marked(mark: Any) -> dict[str, Any]:
    return {"type": "text", "text": "t", "cache_control": mark}


def test_thoughts_of_another_vendor_are_told(translate: Translate) -> None:
    thought = {"format": "anthropic-v1", "type": "reasoning.text", "text": "t", "signature": "s"}
    history = [
        {"role": "user", "content": "q"},
        {"role": "assistant", "content": "a", "reasoning_details": [thought]},
        {"role": "user", "content": "q"},
    ]
    assert translate(messages=history).notes == ("thinking_dropped",)
    own = thought | {"format": "bedrock-v1"}
    history[1] = {"role": "assistant", "content": "a", "reasoning_details": [own]}
    assert translate(messages=history).notes == ()


def test_a_lifetime_of_the_cache_is_told(translate: Translate) -> None:
    tool = {"type": "function", "function": {"name": "f"}, "cache_control": HOUR}
    call = translate(messages=[{"role": "user", "content": [marked(HOUR)]}], tools=[tool])
    assert call.dropped == ("messages[0].content[0].cache_control.ttl", "tools[0].cache_control.ttl")
    assert translate(messages=[{"role": "user", "content": [marked({"type": "ephemeral", "ttl": "5m"})]}]).dropped == ()


def test_a_mark_inside_a_result_stands_after_it(translate: Translate) -> None:
    call = translate(
        messages=[
            {"role": "user", "content": "q"},
            {"role": "assistant", "tool_calls": [CALL]},
            {"role": "tool", "tool_call_id": "c", "content": [marked({"type": "ephemeral"})]},
        ]
    )
    content = call.body["messages"][-1]["content"]
    assert [next(iter(block)) for block in content] == ["toolResult", "cachePoint"]
