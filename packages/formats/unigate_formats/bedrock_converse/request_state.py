"""What the answer's translators need to know of the request, and the names both sides share."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

FORMAT = "bedrock-v1"
"""The mark of our thought blocks in `reasoning_details`."""


class RequestState(msgspec.Struct, frozen=True):
    """`model` as the client named it, since answers do not name one. `tools` are the names of the client's tools, by
    which its calls are distinguished from those of tools that Bedrock runs itself. `names` is the client's spelling of
    chat parameters."""

    model: str = ""
    tools: frozenset[str] = frozenset()
    names: Mapping[str, str] = msgspec.field(default_factory=dict)
