"""OpenAI's image generations and edits ⇄ generateContent. https://ai.google.dev/gemini-api/docs/image-generation"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from unigate_core import sse
from unigate_core.data_url import split_data_url
from unigate_core.errors import (
    SERVER_ERROR,
    GatewayError,
    RequestRefused,
    UpstreamError,
    invalid_value,
    unsupported_parameter,
    unsupported_value,
)
from unigate_core.form_reader import FormFile
from unigate_core.json import Json, dumps
from unigate_core.media_types import sniff, sniff_base64
from unigate_formats.gemini_generate_content.decode_finish import REASONS
from unigate_formats.gemini_generate_content.encode_media import inline_data
from unigate_formats.gemini_generate_content.image_files import FORMS, Picture, converted, image_config, measured
from unigate_formats.gemini_generate_content.models import model_path, traits_of
from unigate_formats.gemini_generate_content.options import MEDIA, with_options
from unigate_formats.gemini_generate_content.parameters import IMAGE_EDITS, IMAGES
from unigate_formats.gemini_generate_content.usage import metadata_of, usage_of
from unigate_formats.neutral.events import Usage
from unigate_formats.neutral.image_object import AS_URL, image_object
from unigate_formats.neutral.translation import Context, Fetched, Handler, NativeCall, OperationResult

MAX_IMAGES = 14
MAX_CHOICES = 10
EVENT_STREAM = "text/event-stream; charset=utf-8"
_MASK = (
    "The next image is a mask of the first one: change only what lies under its transparent (or white) part, and keep "
    "all else as it is. Do not draw the mask itself."
)


class State(msgspec.Struct, frozen=True):
    """What the answer needs to know of the request. `event` is the type of event of a streamed answer, else empty.

    `as_urls`: images are given as data URLs.
    """

    created: int
    size: str = ""
    output_format: str = ""
    compression: int | None = None
    event: str = ""
    as_urls: bool = False


def to_generation(body: Json, context: Context) -> Sequence[NativeCall]:
    """One call for every new image. Raises RequestRefused."""
    return _calls(body, context, [], "image_generation.completed")


def to_edit(body: Json, context: Context) -> Sequence[NativeCall]:
    """One call for every changed image. Raises RequestRefused."""
    images = _images(body, context.fetched)
    if mask := body.get("mask"):
        # a form's files are lists
        images += [{"text": _MASK}, _image(mask[0] if isinstance(mask, list) else mask, "mask", context.fetched)]
    return _calls(body, context, images, "image_edit.completed")


def _calls(body: Json, context: Context, images: list[Json], event: str) -> Sequence[NativeCall]:
    parts = [*images, {"text": body.get("prompt") or ""}]
    config: Json = {"responseModalities": ["IMAGE"]}
    size = body.get("size") or "auto"
    if size != "auto":
        config["imageConfig"] = image_config(size, traits_of(body["model"]), nearest=context.drop_unsupported)
    output_format = body.get("output_format") or ""
    if output_format not in ("", *FORMS.values()):
        raise unsupported_value("output_format", f"supported are: {', '.join(FORMS.values())}.")
    native: Json = {"contents": [{"role": "user", "parts": parts}], "generationConfig": config}
    state = State(
        created=context.created,
        size="" if size == "auto" else size,
        output_format=output_format,
        compression=_number(body, "output_compression", 0, 100),
        event=event if body.get("stream") in (True, "true") else "",
        as_urls=body.get("response_format") == "url",
    )
    call = NativeCall(
        path=f"{model_path(body['model'])}:generateContent",
        body=with_options(native, body.get("provider_options"), context, MEDIA),
        state=state,
        notes=("mask_described",) if body.get("mask") else (),
    )
    return [call] * (_number(body, "n", 1, MAX_CHOICES) or 1)


def from_gemini(answers: Sequence[Json | None], state: State) -> OperationResult:
    """OpenAI's images, or the events that bring them one by one. Raises UpstreamError when an answer holds none."""
    made: list[tuple[Picture, str, Usage]] = []
    total = Usage()
    for answer in answers:
        usage = usage_of(metadata_of(answer or {}))
        total = total.plus(usage)
        for native in _pictures(answer or {}):
            picture = converted(native, state.output_format, state.compression)
            made.append((picture, measured(picture), usage))
    sizes = dict.fromkeys(f"image_size:{size}" for _, size, _ in made if state.size and size != state.size)
    notes = (*(AS_URL if state.as_urls else ()), *sizes)
    if state.event:
        body = b"".join(_event(picture, size, usage, state) for picture, size, usage in made)
        return OperationResult(body=body, usage=total, content_type=EVENT_STREAM, notes=notes)
    whole = {
        "created": state.created,
        "data": [
            image_object(base64.b64encode(picture.data).decode(), f"image/{picture.form}", as_url=state.as_urls)
            for picture, _, _ in made
        ],
        "background": "opaque",
        "output_format": made[0][0].form,
        "size": made[0][1],
        "usage": _usage(total),
    }
    return OperationResult(body=dumps(whole), usage=total, notes=notes)


def links(body: Json) -> Sequence[tuple[str, str]]:
    """The URLs of the images to start from, with their places in the request."""
    images = body.get("images")
    mask = body.get("mask")
    masks = [(mask["image_url"], "mask.image_url")] if isinstance(mask, dict) and _is_link(mask) else []
    return masks + [
        (image["image_url"], f"images[{i}].image_url")
        for i, image in enumerate(images if isinstance(images, list) else ())
        if isinstance(image, dict) and _is_link(image)
    ]


def _is_link(image: Json) -> bool:
    return isinstance(url := image.get("image_url"), str) and not url.startswith("data:")


def _images(body: Json, fetched: Mapping[str, Fetched]) -> list[Json]:
    given = body.get("images") or body.get("image") or []
    images = given if isinstance(given, list) else [given]
    if not images:
        raise RequestRefused("Missing required parameter: 'image'.", param="image", code="missing_required_parameter")
    if len(images) > MAX_IMAGES:
        raise invalid_value("image", f"at most {MAX_IMAGES} images can be given.")
    return [_image(image, f"images[{i}]", fetched) for i, image in enumerate(images)]


def _image(image: Any, path: str, fetched: Mapping[str, Fetched]) -> Json:
    match image:
        case FormFile(data=data):
            return _blob(data, image.content_type)
        case {"image_url": str(url)} if url in fetched:
            return _blob(fetched[url].data, fetched[url].media_type)
        case {"image_url": str(url)} if url.startswith("data:"):
            media_type, text = split_data_url(url, f"{path}.image_url")
            return inline_data(sniff_base64(text) or media_type, text)
        case {"file_id": str()}:
            raise unsupported_parameter(
                f"{path}.file_id", "uploaded files can be used only at the provider that has them."
            )
    raise invalid_value(path, "this is not an image.")


def _blob(data: bytes, declared: str) -> Json:
    return inline_data(sniff(data) or declared, base64.b64encode(data).decode())


def _number(body: Json, name: str, least: int, most: int) -> int | None:
    """An integer, which a form gives as text."""
    value = body.get(name)
    if value is None or value == "":
        return None
    try:
        number = int(value)
    except (TypeError, ValueError) as error:
        raise RequestRefused(
            f"Invalid type for '{name}': expected an integer.", param=name, code="invalid_type"
        ) from error
    if not least <= number <= most:
        raise invalid_value(name, f"it must be between {least} and {most}.")
    return number


def _pictures(answer: Json) -> Iterator[Picture]:
    if not answer.get("candidates"):
        raise _refused(answer, (answer.get("promptFeedback") or {}).get("blockReason") or "", "")
    candidate = answer["candidates"][0]
    found = False
    for part in (candidate.get("content") or {}).get("parts") or []:
        match part:
            case {"inlineData": {"data": str(data), "mimeType": str(media_type)}} if not part.get("thought"):
                found = True
                yield Picture(_decoded(data), media_type)
    if not found:
        raise _refused(answer, candidate.get("finishReason") or "", candidate.get("finishMessage") or "")


def _decoded(data: str) -> bytes:
    try:
        return base64.b64decode(data)
    except binascii.Error as error:
        raise UpstreamError(
            "Gemini sent an image that cannot be read.", status=502, type=SERVER_ERROR, code="upstream_protocol"
        ) from error


def _refused(answer: Json, reason: str, message: str) -> GatewayError:
    blocked = "promptFeedback" in answer or REASONS.get(reason) == "content_filter"
    if blocked:
        return UpstreamError(
            message or f"Gemini's safety system declined to make this image ({reason}).",
            status=400,
            type="image_generation_user_error",
            code="moderation_blocked",
        )
    return UpstreamError(
        message or f"Gemini made no image ({reason or 'no reason given'}).",
        status=502,
        type=SERVER_ERROR,
        code="upstream_no_content",
    )


def _usage(usage: Usage) -> Json:
    return {
        "input_tokens": usage.input,
        "input_tokens_details": {"image_tokens": usage.input_image, "text_tokens": usage.input - usage.input_image},
        "output_tokens": usage.output,
        "output_tokens_details": {
            "image_tokens": usage.output_image,
            "text_tokens": usage.output - usage.output_image,
        },
        "total_tokens": usage.total,
    }


def _event(picture: Picture, size: str, usage: Usage, state: State) -> bytes:
    data = {
        "type": state.event,
        "b64_json": base64.b64encode(picture.data).decode(),
        "created_at": state.created,
        "size": size,
        "quality": "auto",
        "background": "opaque",
        "output_format": picture.form,
        "usage": _usage(usage),
    }
    return sse.frame(dumps(data), state.event)


GENERATIONS = Handler(parameters=IMAGES, calls=to_generation, answer=from_gemini)
EDITS = Handler(parameters=IMAGE_EDITS, calls=to_edit, answer=from_gemini, fetch=links)
