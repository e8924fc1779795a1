"""What the answer's translators need to know of the request, and the names both sides share."""

from __future__ import annotations

import msgspec

FORMAT = "bedrock-v1"
"""The mark of our thought blocks in `reasoning_details`."""


class RequestState(msgspec.Struct, frozen=True):
    """`model` as the client named it, since answers do not name one. `tools` are the names of the client's tools, by
    which its calls are told from those of tools that Bedrock runs itself."""

    model: str = ""
    tools: frozenset[str] = frozenset()
