"""A whole answer of Converse → neutral events.

https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html#API_runtime_Converse_ResponseSyntax
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from unigate_core.counts import members
from unigate_core.errors import UpstreamProtocol
from unigate_core.json import Json
from unigate_formats.bedrock_converse.decode_blocks import Blocks
from unigate_formats.bedrock_converse.decode_finish import finish
from unigate_formats.bedrock_converse.request_state import RequestState
from unigate_formats.bedrock_converse.usage import to_usage
from unigate_formats.neutral.events import Event, Start

TIERS = {"default": "default", "priority": "priority", "flex": "flex"}


def decode_answer(native: Json, state: Any = None) -> Iterator[Event]:
    """The events of an answer. Raises UpstreamProtocol when it is none."""
    match native:
        case {"output": {"message": {"content": list(content)}}}:
            pass
        case _:
            raise UpstreamProtocol("Bedrock's answer is not one of Converse.")
    state = state or RequestState()
    blocks = Blocks(state)
    tier = members(native.get("serviceTier")).get("type")
    yield Start(id="", model=state.model, service_tier=TIERS.get(str(tier)))
    for block in content:
        yield from blocks.whole(block)
    yield from blocks.close()
    if isinstance(native.get("usage"), dict):
        yield to_usage(native["usage"])
    yield from finish(native.get("stopReason"), calls=blocks.calls)
