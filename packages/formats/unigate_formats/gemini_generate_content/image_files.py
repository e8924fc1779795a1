"""Image files: their form, their size, and how Gemini is asked for a size.

https://ai.google.dev/gemini-api/docs/image-generation#aspect_ratios
"""

from __future__ import annotations

import io
import math
import re

import msgspec
from PIL import Image, UnidentifiedImageError

from unigate_core.errors import SERVER_ERROR, UpstreamError, invalid_value, unsupported_value
from unigate_core.json import Json
from unigate_formats.gemini_generate_content.models import Traits

RATIOS = ("1:1", "2:3", "3:2", "3:4", "4:3", "9:16", "16:9", "21:9")
RATIO_TOLERANCE = 0.02
SIZES = ((1536, "1K"), (3072, "2K"))
LARGEST = "4K"
FORMS = {"image/png": "png", "image/jpeg": "jpeg", "image/webp": "webp"}

_SIZE = re.compile(r"([1-9]\d{1,4})x([1-9]\d{1,4})")


class Picture(msgspec.Struct, frozen=True):
    """An image file and its media type."""

    data: bytes
    media_type: str

    @property
    def form(self) -> str:
        """The name of its form as OpenAI spells it."""
        return FORMS.get(self.media_type, self.media_type.removeprefix("image/"))


def image_config(size: str, traits: Traits, *, nearest: bool = False) -> Json:
    """The imageConfig for `WxH`. Raises RequestRefused for a size that cannot be asked for.

    `nearest`: ask for what comes nearest instead; the answer reports the size that it has.
    """
    match = _SIZE.fullmatch(size)
    if match is None:
        raise invalid_value("size", "it must be 'auto' or a size such as '1024x1024'.")
    width, height = int(match[1]), int(match[2])
    ratio = min(RATIOS, key=lambda ratio: abs(math.log(width / height / _value(ratio))))
    if not nearest and abs(width / height - _value(ratio)) > _value(ratio) * RATIO_TOLERANCE:
        raise unsupported_value("size", f"Gemini makes images of {', '.join(RATIOS)}.")
    step = next((name for edge, name in SIZES if max(width, height) <= edge), LARGEST)
    if traits.is_third:
        return {"aspectRatio": ratio, "imageSize": step}
    if step != SIZES[0][1] and not nearest:
        raise unsupported_value("size", f"this model makes images of up to {SIZES[0][0]} pixels.")
    return {"aspectRatio": ratio}


def measured(picture: Picture) -> str:
    """Its real size in pixels, as `WxH`."""
    with _opened(picture) as image:
        return f"{image.width}x{image.height}"


def converted(picture: Picture, form: str, compression: int | None) -> Picture:
    """The picture in another form, untouched when nothing else was asked for."""
    target = form or picture.form
    if target == picture.form and (compression in (None, 100) or target == "png"):
        return picture
    with _opened(picture) as image:
        out = io.BytesIO()
        flat = image.convert("RGB") if target == "jpeg" else image
        if target == "png":
            flat.save(out, "PNG")
        else:
            # OpenAI's compression of 100 means the best quality.
            flat.save(out, target.upper(), quality=100 if compression is None else max(compression, 1))
        return Picture(out.getvalue(), f"image/{target}")


def _opened(picture: Picture) -> Image.Image:
    try:
        return Image.open(io.BytesIO(picture.data))
    except (UnidentifiedImageError, OSError) as error:
        raise UpstreamError(
            "Gemini sent an image that cannot be read.", status=502, type=SERVER_ERROR, code="upstream_protocol"
        ) from error


def _value(ratio: str) -> float:
    width, height = ratio.split(":")
    return int(width) / int(height)
