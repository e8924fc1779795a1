"""Calls that follow a refusal: of earlier reasoning that was not kept, and of a limit above the model's own."""

from __future__ import annotations

from msgspec.structs import replace

from unigate_core.errors import GatewayError
from unigate_deepseek.text_only import without_earlier_media
from unigate_formats.neutral.output_limit import limit_lowered
from unigate_formats.neutral.translation import NativeCall

_limit_lowered = limit_lowered("max_tokens")
_response_limit_lowered = limit_lowered("max_output_tokens")


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


def relax(call: NativeCall, error: GatewayError) -> NativeCall | None:
    """The call without what the model refuses: tokens beyond its limit, or media of earlier turns.

    The limit's name is another in DeepSeek's Responses API.
    """
    return _limit_lowered(call, error) or _response_limit_lowered(call, error) or without_earlier_media(call, error)
