"""An image of an answer in OpenAI's form, from vendors that give its bytes alone."""

from __future__ import annotations

from typing import Final

from unigate_core.json import Json

AS_URL: Final = ("response_format:url->data_url",)
"""The note on images that are given as data URLs."""


def image_object(data: str, media_type: str, *, as_url: bool) -> Json:
    """The image from base64, as a data URL where the client asked for URLs: nothing is kept for them to point to."""
    return {"url": f"data:{media_type};base64,{data}"} if as_url else {"b64_json": data}
