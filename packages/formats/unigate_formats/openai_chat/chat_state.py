"""What the readers of a vendor's answer need to know of the request."""

from __future__ import annotations

import msgspec


class ChatState(msgspec.Struct, frozen=True):
    """`parallel`: more than one tool call may be passed on. `thought_format` marks the vendor's thoughts."""

    parallel: bool = True
    thought_format: str = "text"
