"""A whole answer of the Messages API → neutral events. https://docs.anthropic.com/en/api/messages"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from unigate_core.counts import members
from unigate_core.errors import UpstreamProtocol
from unigate_core.json import Json
from unigate_formats.anthropic_messages.decode_blocks import Blocks
from unigate_formats.anthropic_messages.decode_finish import finish
from unigate_formats.anthropic_messages.request_state import RequestState
from unigate_formats.anthropic_messages.usage import to_usage
from unigate_formats.neutral.events import Event, Start

_TIERS = {"standard": "default", "priority": "priority"}


def decode_answer(message: Json, state: Any = None) -> Iterator[Event]:
    """The events of a message. Raises UpstreamProtocol when it is none."""
    match message:
        case {"id": str(), "model": str(), "content": list(content)}:
            pass
        case _:
            raise UpstreamProtocol("Anthropic's answer is not a message.")
    state = state or RequestState()
    blocks = Blocks(state)
    yield start(message)
    for index, block in enumerate(content):
        yield from blocks.open(index, block)
        yield from blocks.close(index)
    if isinstance(message.get("usage"), dict):
        yield to_usage(message["usage"])
    yield from finish(message.get("stop_reason"), message.get("stop_details"), blocks, state)


def start(message: Json) -> Start:
    """The first event, from a message or from the head of one."""
    tier = members(message.get("usage")).get("service_tier")
    known = _TIERS.get(tier) if isinstance(tier, str) else None
    return Start(id=message["id"], model=message["model"], service_tier=known)
