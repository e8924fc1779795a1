"""`POST /images/generations`, `/images/edits`, `/images/variations`, https://platform.openai.com/docs/api-reference/images"""

import time
from collections.abc import Iterator
from typing import Final

from unigate_simulator.media import b64, picture, size_of
from unigate_simulator.openai_api.errors import refuse
from unigate_simulator.openai_api.models import checked
from unigate_simulator.wire import Call, Object, Reply, Stream, count, dumps, sse, token, whole

_QUALITY_TOKENS: Final = {"low": 272, "medium": 1056, "high": 4160}
_IMAGE_TOKENS: Final = 194
_LONGEST_SIDE: Final = 4096
_MOST: Final = 10


def generate(call: Call) -> Reply:
    body = call.json()
    if not body.get("prompt"):
        raise refuse("Missing required parameter: 'prompt'.", param="prompt", code="missing_required_parameter")
    return _answer(call, body, checked(body, default="dall-e-2"), "image_generation", inputs=0)


def edit(call: Call) -> Reply:
    body = call.json()
    if not body.get("prompt"):
        raise refuse("Missing required parameter: 'prompt'.", param="prompt", code="missing_required_parameter")
    images = [one for one in call.uploads if one.name.split("[")[0] == "image"]
    number = len(images) or len(body.get("images") or [])
    if not number:
        raise refuse("Missing required parameter: 'image'.", param="image", code="missing_required_parameter")
    if any(not one.content_type.startswith("image/") for one in images):
        message = f"Invalid file 'image': unsupported mimetype ('{images[0].content_type}')."
        raise refuse(message, param="image", code="unsupported_file_mimetype")
    return _answer(call, body, checked(body, default="gpt-image-1"), "image_edit", inputs=number)


def vary(call: Call) -> Reply:
    if not any(one.name == "image" for one in call.uploads):
        raise refuse("Missing required parameter: 'image'.", param="image", code="missing_required_parameter")
    body = call.json()
    return _answer(call, {**body, "prompt": "variation"}, checked(body, default="dall-e-2"), "image_edit", inputs=1)


def _answer(call: Call, body: Object, model: str, event: str, inputs: int) -> Reply:
    try:
        width, height = size_of(body.get("size"))
    except ValueError:
        width = height = 0
    if not (0 < width <= _LONGEST_SIDE and 0 < height <= _LONGEST_SIDE):
        raise refuse(f"Invalid value: '{body.get('size')}'.", param="size", code="invalid_value")
    kind = body.get("output_format") or "png"
    if kind not in {"png", "jpeg", "webp"}:
        raise refuse(f"Invalid value: '{kind}'.", param="output_format", code="invalid_value")
    count = str(body.get("n") or 1)
    if not (count.isdecimal() and 1 <= int(count[:3]) <= _MOST):
        raise refuse(
            f"Invalid value: '{count}'. Expected a value between 1 and {_MOST}.", param="n", code="invalid_value"
        )
    made = [picture(f"{body['prompt']} {number}", (width, height), kind) for number in range(int(count))]
    if model.startswith("dall-e"):
        return whole({"created": int(time.time()), "data": [_dalle(call, body, model, one) for one in made]})
    if "response_format" in body:
        raise refuse("Unknown parameter: 'response_format'.", param="response_format", code="unknown_parameter")
    if body.get("quality") in {"standard", "hd"}:
        message = f"Invalid value: '{body['quality']}'. Supported values are: 'low', 'medium', 'high', and 'auto'."
        raise refuse(message, param="quality", code="invalid_value")
    quality = body.get("quality") if body.get("quality") in _QUALITY_TOKENS else "high"
    answer: Object = {
        "background": "transparent" if body.get("background") == "transparent" else "opaque",
        "output_format": kind,
        "quality": quality,
        "size": f"{width}x{height}",
    }
    usage = _usage(body["prompt"], inputs, _QUALITY_TOKENS[str(quality)] * len(made))
    if str(body.get("stream")).lower() == "true":
        return Stream(tuple(_events(body, event, made, answer, usage)))
    data = [{"b64_json": b64(one)} for one in made]
    return whole({"created": int(time.time()), "data": data, **answer, "usage": usage})


def _dalle(call: Call, body: Object, model: str, made: bytes) -> Object:
    revised = {"revised_prompt": f"A picture of {body['prompt']}"} if model == "dall-e-3" else {}
    if body.get("response_format") == "b64_json":
        return {**revised, "b64_json": b64(made)}
    root = call.root.rpartition("/")[0]
    return {**revised, "url": f"{root}/files/{token('img-')}.png"}


def _usage(prompt: str, inputs: int, output: int) -> Object:
    text, images = count(prompt), inputs * _IMAGE_TOKENS
    return {
        "input_tokens": text + images,
        "input_tokens_details": {"image_tokens": images, "text_tokens": text},
        "output_tokens": output,
        "output_tokens_details": {"image_tokens": output, "text_tokens": 0},
        "total_tokens": text + images + output,
    }


def _events(body: Object, event: str, made: list[bytes], answer: Object, usage: Object) -> Iterator[bytes]:
    """Partial images first, as many as asked for, then each finished one."""
    answer = {"created_at": int(time.time()), **answer}
    width, height = size_of(answer["size"])
    for number in range(int(body.get("partial_images") or 0)):
        partial = picture(f"{body['prompt']} partial {number}", (width, height), answer["output_format"])
        kind = f"{event}.partial_image"
        yield sse(dumps({"type": kind, **answer, "b64_json": b64(partial), "partial_image_index": number}), kind)
    for one in made:
        kind = f"{event}.completed"
        yield sse(dumps({"type": kind, **answer, "b64_json": b64(one), "usage": usage}), kind)
