"""OpenAI's images ⇄ Nova Canvas, Titan and Stability at Bedrock, by InvokeModel.

https://docs.aws.amazon.com/nova/latest/userguide/image-gen-req-resp-structure.html
https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-stability-diffusion.html
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

import msgspec

from unigate_core.errors import UpstreamError, UpstreamProtocol, invalid_value, unsupported_parameter
from unigate_core.json import Json, dumps
from unigate_core.media_types import sniff_base64
from unigate_formats.neutral.image_object import AS_URL, image_object
from unigate_formats.neutral.parameters import Parameter, Parameters, ParameterSupport
from unigate_formats.neutral.translation import Context, Handler, NativeCall, OperationResult

MAX_AT_ONCE = 5
_RATIOS = {"1024x1024": "1:1", "1536x1024": "3:2", "1024x1536": "2:3", "1792x1024": "16:9", "1024x1792": "9:16"}
_ALL_RATIOS = ("21:9", "16:9", "3:2", "5:4", "1:1", "4:5", "2:3", "9:16", "9:21")
_QUALITIES = {"high": "premium", "hd": "premium"}

PARAMETERS: Parameters = {
    "model": Parameter(ParameterSupport.TRANSFORMED, "In the path."),
    "prompt": Parameter(ParameterSupport.SUPPORTED),
    "n": Parameter(
        ParameterSupport.TRANSFORMED, "`numberOfImages`; several calls for more than five, and at Stability."
    ),
    "size": Parameter(ParameterSupport.TRANSFORMED, "Width and height; at Stability the nearest ratio."),
    "quality": Parameter(ParameterSupport.TRANSFORMED, "`premium` for high and hd.", neutral=("auto",)),
    "response_format": Parameter(ParameterSupport.GATEWAY, "`url` gives data URLs."),
    "output_format": Parameter(ParameterSupport.TRANSFORMED, "At Stability; Amazon's models give PNG."),
    "seed": Parameter(ParameterSupport.FORWARDED, "Not a parameter of OpenAI's."),
    "background": Parameter(ParameterSupport.UNSUPPORTED, neutral=("auto", "opaque"), droppable=True),
    "moderation": Parameter(ParameterSupport.DROPPED, neutral=("auto",)),
    "output_compression": Parameter(ParameterSupport.DROPPED),
    "style": Parameter(ParameterSupport.DROPPED),
    "user": Parameter(ParameterSupport.DROPPED),
    "stream": Parameter(ParameterSupport.UNSUPPORTED, "Bedrock does not stream images.", neutral=(False,)),
    "partial_images": Parameter(ParameterSupport.UNSUPPORTED, neutral=(0,), droppable=True),
}


class State(msgspec.Struct, frozen=True):
    """What the answer needs to know of the request. `as_urls`: images are given as data URLs."""

    created: int
    as_urls: bool = False


def is_image_model(model: str) -> bool:
    """Whether the model makes images."""
    return "nova-canvas" in model or "titan-image" in model or "stability." in model


def to_bedrock(body: Json, context: Context) -> Sequence[NativeCall]:
    """As many calls as it takes: Stability makes one image in each, Amazon's models five. Raises RequestRefused."""
    prompt, model, number = body.get("prompt"), body["model"], body.get("n") or 1
    if not isinstance(prompt, str) or not prompt:
        raise invalid_value("prompt", "it must be a text.")
    path, state = f"model/{quote(model, safe='')}/invoke", State(context.created, body.get("response_format") == "url")
    if "stability." in model:
        native: Json = {"prompt": prompt, "output_format": body.get("output_format") or "png"}
        size = body.get("size")
        if size not in (None, "auto"):
            native["aspect_ratio"] = _ratio(size)
        if body.get("seed") is not None:
            native["seed"] = body["seed"]
        return [NativeCall(path=path, body=native, state=state) for _ in range(number)]
    if body.get("output_format") not in (None, "png"):
        raise unsupported_parameter("output_format", f"'{model}' gives PNG.")
    config: Json = {}
    if body.get("size") not in (None, "auto"):
        config["width"], config["height"] = _dimensions(body["size"])
    if body.get("quality") in _QUALITIES:
        config["quality"] = _QUALITIES[body["quality"]]
    if body.get("seed") is not None:
        config["seed"] = body["seed"]
    full, rest = divmod(number, MAX_AT_ONCE)
    return [
        NativeCall(
            path=path,
            body={
                "taskType": "TEXT_IMAGE",
                "textToImageParams": {"text": prompt},
                "imageGenerationConfig": config | {"numberOfImages": count},
            },
            state=state,
        )
        for count in (*[MAX_AT_ONCE] * full, *([rest] if rest else ()))
    ]


def from_bedrock(answers: Sequence[Json | None], state: State) -> OperationResult:
    """OpenAI's list of images. Raises UpstreamError for a picture that was filtered."""
    images: list[str] = []
    for answer in answers:
        found = (answer or {}).get("images") or []
        images += [image for image in found if isinstance(image, str)]
        reasons = [reason for reason in (answer or {}).get("finish_reasons") or [] if reason]
        reason = reasons[0] if reasons else (answer or {}).get("error")
        if not found and isinstance(reason, str):
            raise UpstreamError(reason, status=400, type="image_generation_user_error", code="moderation_blocked")
    if not images:
        raise UpstreamProtocol("Bedrock's answer has no image.")
    data = [image_object(image, sniff_base64(image) or "image/png", as_url=state.as_urls) for image in images]
    body = dumps({"created": state.created, "data": data})
    return OperationResult(body=body, notes=AS_URL if state.as_urls else ())


def _dimensions(size: object) -> tuple[int, int]:
    width, _, height = str(size).partition("x")
    if not (width.isdecimal() and height.isdecimal()):
        raise invalid_value("size", "it must be a width and a height, such as '1024x1024'.")
    return int(width), int(height)


def _ratio(size: object) -> str:
    """The nearest ratio that Stability knows."""
    width, height = _dimensions(size)
    asked = width / max(height, 1)

    def distance(known: str) -> float:
        across, _, down = known.partition(":")
        return abs(int(across) / int(down) - asked)

    return _RATIOS.get(str(size)) or min(_ALL_RATIOS, key=distance)


GENERATIONS = Handler(parameters=PARAMETERS, calls=to_bedrock, answer=from_bedrock)
