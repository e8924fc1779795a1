"""Usage as an adapter reports it, which is not trusted: nothing in it is negative, so that no key gains credit."""

from __future__ import annotations

from operator import attrgetter
from typing import Final

from unigate.provider.v1 import provider_pb2 as pb
from unigate_core.counts import MAX_SECONDS, MAX_TOKENS, second_count, token_count

_COUNTS: Final = tuple(name for name in pb.Usage.DESCRIPTOR.fields_by_name if name.endswith("_tokens"))
_counts = attrgetter(*_COUNTS)


def checked(summary: pb.Summary) -> pb.Summary:
    """The summary, the counts of its usage within bounds. It is changed in place where they are not."""
    if summary.HasField("usage"):
        usage = summary.usage
        counts = _counts(usage)
        if min(counts) < 0 or max(counts) > MAX_TOKENS:
            for name, count in zip(_COUNTS, counts, strict=True):
                setattr(usage, name, token_count(count))
        if not 0 <= usage.audio_seconds <= MAX_SECONDS:
            usage.audio_seconds = second_count(usage.audio_seconds)
    return summary
