"""usageMetadata → Usage. https://ai.google.dev/api/generate-content#UsageMetadata

promptTokenCount holds the cached tokens already; tool use and thoughts are counted beside prompt and candidates.
"""

from __future__ import annotations

from unigate_common.codec import Json
from unigate_common.events import Usage


def usage_of(metadata: Json) -> Usage:
    """The tokens of one call; what the vendor leaves out is 0."""
    prompt = metadata.get("promptTokenCount", 0) + metadata.get("toolUsePromptTokenCount", 0)
    thoughts = metadata.get("thoughtsTokenCount", 0)
    output = metadata.get("candidatesTokenCount", 0) + thoughts
    given = _by_modality(metadata.get("promptTokensDetails"))
    made = _by_modality(metadata.get("candidatesTokensDetails"))
    return Usage(
        input=prompt,
        output=output,
        cache_read=metadata.get("cachedContentTokenCount", 0),
        reasoning=thoughts,
        input_audio=given.get("AUDIO", 0),
        output_audio=made.get("AUDIO", 0),
        input_image=given.get("IMAGE", 0) + given.get("VIDEO", 0),
        output_image=made.get("IMAGE", 0) + made.get("VIDEO", 0),
        total=metadata.get("totalTokenCount", prompt + output),
    )


def tells_tokens(metadata: Json | None) -> bool:
    """Early chunks of some endpoints have a usageMetadata without any count."""
    return metadata is not None and ("totalTokenCount" in metadata or "promptTokenCount" in metadata)


def _by_modality(details: list[Json] | None) -> dict[str, int]:
    counts: dict[str, int] = {}
    for detail in details or []:
        modality = detail.get("modality", "")
        counts[modality] = counts.get(modality, 0) + detail.get("tokenCount", 0)
    return counts
