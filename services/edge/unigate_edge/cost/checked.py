"""Usage as an adapter tells it, which may be anybody's: nothing in it is negative, so that no key gains credit."""

from __future__ import annotations

from typing import Final

from unigate.provider.v1 import provider_pb2 as pb
from unigate_core.counts import second_count, token_count

_COUNTS: Final = tuple(name for name in pb.Usage.DESCRIPTOR.fields_by_name if name.endswith("_tokens"))


def checked(summary: pb.Summary) -> pb.Summary:
    """The summary, the counts of its usage within bounds. It is changed in place where they are not."""
    if summary.HasField("usage"):
        usage = summary.usage
        for name in _COUNTS:
            count = getattr(usage, name)
            sound = token_count(count)
            if sound != count:
                setattr(usage, name, sound)
        usage.audio_seconds = second_count(usage.audio_seconds)
    return summary
