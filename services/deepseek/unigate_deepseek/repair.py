"""A second chance after the one refusal that can be healed: DeepSeek misses earlier reasoning that nobody kept."""

from __future__ import annotations

from msgspec.structs import replace

from unigate_core.errors import GatewayError
from unigate_formats.neutral.translation import NativeCall


def repair(call: NativeCall, error: GatewayError) -> NativeCall | None:
    """The call with empty reasoning on every earlier answer, which DeepSeek accepts; None when that is not the fault.

    It happens where the gateway took a model for one that does not think.
    """
    if error.code != "gateway_bug" or "messages" not in call.body:
        return None
    messages = [
        {**message, "reasoning_content": message.get("reasoning_content") or ""}
        if message["role"] == "assistant"
        else message
        for message in call.body["messages"]
    ]
    if messages == call.body["messages"]:
        return None
    return replace(call, body={**call.body, "messages": messages})
