"""What the answer's translators need to know of the request, and the names both sides share."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from unigate_core.json import Json

PROVIDER = "anthropic"
"""Whose `NativePart`s are ours."""

FORMAT = "anthropic-v1"
"""The mark of our thought blocks in `reasoning_details`."""

JSON_TOOL = "json_output"
"""The tool whose input is the answer where the vendor has no JSON mode."""

THINKING = ("thinking", "redacted_thinking")


class RequestState(msgspec.Struct, frozen=True):
    """`emulated`: the answer comes as the input of `JSON_TOOL`. `server_tools`: the vendor may pause to run its own.

    `default_limit`: max_tokens is ours, not the client's. `prior` are the blocks of the rounds before this one.
    `plain`: there are no tools to call, so that nothing of the answer goes back to the vendor as it was.
    `renamed`: by tool, the client's names of properties that have another one at Anthropic.
    `names`: the client's spelling of chat parameters.
    """

    emulated: bool = False
    server_tools: bool = False
    default_limit: bool = False
    prior: tuple[Json, ...] = ()
    rounds: int = 0
    plain: bool = False
    renamed: Mapping[str, Mapping[str, str]] = msgspec.field(default_factory=dict)
    names: Mapping[str, str] = msgspec.field(default_factory=dict)
