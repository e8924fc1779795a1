"""The item that stands for a conversation: its summary, encrypted for the tenant, as OpenAI's is.

Unlike thoughts it is plain text for any model, so that the conversation can go on elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable

from unigate_core.encrypted_content import EncryptedPayload
from unigate_core.json import Json

TRIGGER = "compaction_trigger"
ITEM = "compaction"
DROPPED = "compaction_dropped"
"""The note on an item whose summary cannot be read."""
_LEAD = "This is a summary of the conversation so far:\n\n"

Decrypt = Callable[[str], EncryptedPayload | None]
"""Opens `encrypted_content`; None for what was not made by the gateway for this tenant."""


def read_summary(item: Json, decrypt: Decrypt) -> str | None:
    """The words for the model that a compaction item holds; None when it was made elsewhere."""
    token = item.get("encrypted_content")
    payload = decrypt(token) if isinstance(token, str) else None
    return _LEAD + payload.native if payload is not None and isinstance(payload.native, str) else None
