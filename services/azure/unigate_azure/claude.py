"""Claude at Foundry: Anthropic's Messages API below `/anthropic/v1`, as it is but for the address.

https://learn.microsoft.com/en-us/azure/ai-foundry/foundry-models/how-to/use-foundry-models-claude
"""

from __future__ import annotations

from msgspec.structs import replace

from unigate_formats.neutral.native_api import NativeRequest
from unigate_formats.neutral.translation import NativeCall

VERSION = {"anthropic-version": "2023-06-01"}
PREFIX = "anthropic/v1/"


def place(call: NativeCall) -> NativeCall:
    """A translated request, at Foundry."""
    return replace(call, path=PREFIX + call.path, headers={**VERSION, **call.headers})


def place_native(request: NativeRequest, model: str) -> NativeRequest:
    """A request in Anthropic's API, at Foundry."""
    del model
    return NativeRequest(PREFIX + request.path, request.body, {**VERSION, **request.headers})
