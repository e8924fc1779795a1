"""The section of the configuration about prices."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from unigate_edge.config.section import ConfigModel

Rate = Annotated[float, Field(ge=0)]


class RateOverride(ConfigModel):
    """US dollars. What has no rate of its own is billed as the input or output that it is a part of."""

    input_per_million: Rate | None = None
    output_per_million: Rate | None = None
    cache_read_per_million: Rate | None = None
    cache_write_per_million: Rate | None = None
    reasoning_per_million: Rate | None = None
    input_audio_per_million: Rate | None = None
    output_audio_per_million: Rate | None = None
    input_image_per_million: Rate | None = None
    output_image_per_million: Rate | None = None
    audio_per_hour: Rate | None = None
