"""usageMetadata → Usage. https://ai.google.dev/api/generate-content#UsageMetadata

promptTokenCount holds the cached tokens already; tool use and thoughts are counted beside prompt and candidates.
"""

from __future__ import annotations

from unigate_core.counts import members, token_count
from unigate_core.json import Json
from unigate_formats.neutral.events import Usage


def usage_of(metadata: Json) -> Usage:
    """The tokens of one call; what the vendor leaves out is 0."""
    prompt = token_count(metadata.get("promptTokenCount")) + token_count(metadata.get("toolUsePromptTokenCount"))
    thoughts = token_count(metadata.get("thoughtsTokenCount"))
    output = token_count(metadata.get("candidatesTokenCount")) + thoughts
    given = _by_modality(metadata.get("promptTokensDetails"))
    made = _by_modality(metadata.get("candidatesTokensDetails"))
    return Usage(
        input=prompt,
        output=output,
        cache_read=token_count(metadata.get("cachedContentTokenCount")),
        reasoning=thoughts,
        input_audio=given.get("AUDIO", 0),
        output_audio=made.get("AUDIO", 0),
        input_image=given.get("IMAGE", 0) + given.get("VIDEO", 0),
        output_image=made.get("IMAGE", 0) + made.get("VIDEO", 0),
        total=token_count(metadata["totalTokenCount"]) if "totalTokenCount" in metadata else prompt + output,
    )


def metadata_of(native: Json) -> Json:
    """The usageMetadata of an answer or an event; empty where there is none that can be read."""
    return members(native.get("usageMetadata"))


def has_tokens(metadata: Json | None) -> bool:
    """Early chunks of some endpoints have a usageMetadata without any count."""
    return metadata is not None and ("totalTokenCount" in metadata or "promptTokenCount" in metadata)


def _by_modality(details: object) -> dict[str, int]:
    counts: dict[str, int] = {}
    for detail in details if isinstance(details, list) else ():
        modality = members(detail).get("modality")
        if isinstance(modality, str):
            counts[modality] = counts.get(modality, 0) + token_count(detail.get("tokenCount"))
    return counts
