"""Turns → contents and systemInstruction. https://ai.google.dev/api/caching#Content"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from unigate_core.errors import invalid_value
from unigate_core.json import Json
from unigate_formats.gemini_generate_content.dropped_values import DroppedValues
from unigate_formats.gemini_generate_content.encode_media import RESOLUTIONS, audio_data, file_data, image_data
from unigate_formats.gemini_generate_content.models import Traits
from unigate_formats.gemini_generate_content.replay import assistant_parts, with_signed_media, with_skip_signature
from unigate_formats.neutral.request import (
    AudioPart,
    FilePart,
    ImagePart,
    Part,
    RefusalPart,
    TextPart,
    ToolResultPart,
    Turn,
    all_parts,
)

ROLES = {"user": "user", "tool": "user", "assistant": "model"}

EMPTY: Json = {"text": ""}


def to_contents(turns: tuple[Turn, ...], traits: Traits, stored: Mapping[str, bytes], report: DroppedValues) -> Json:
    """`contents` and, if there is any, `systemInstruction`. Neighbouring turns of one role become one content."""
    system = _system_parts(turns, report)
    contents: list[Json] = []
    current = max((i for i, turn in enumerate(turns) if turn.role == "user"), default=-1)
    for i, turn in enumerate(turns):
        if turn.role == "system":
            continue
        parts = _parts(turn, traits, stored, report)
        if turn.role == "assistant" and traits.is_third and i > current:
            # Only the calls since the last user message are checked for signatures.
            parts = with_skip_signature(parts)
        if turn.role == "assistant" and traits.is_third:
            parts = with_signed_media(parts)
        _append(contents, ROLES[turn.role], parts)
    if not contents and system:
        # A request without any content is refused, so instructions that stand alone are said by the user.
        report.note("system_as_user")
        return {"contents": [{"role": "user", "parts": system}]}
    if not contents:
        raise invalid_value("messages", "there is nothing to answer.")
    return {"systemInstruction": {"parts": system}, "contents": contents} if system else {"contents": contents}


def common_resolution(turns: tuple[Turn, ...], report: DroppedValues) -> str | None:
    """The media resolution of the whole request, for models that take none per part; None when images disagree."""
    images = [part for turn in turns for part in turn.parts if isinstance(part, ImagePart)]
    details = {image.detail for image in images}
    if len(details) == 1 and (resolution := RESOLUTIONS.get(next(iter(details)) or "")):
        return resolution
    for image in images:
        if image.detail:
            report.drop(detail_path(image))
    return None


def details_of(turns: tuple[Turn, ...]) -> tuple[str, ...]:
    """The paths of what the images ask for."""
    parts = (part for turn in turns for part in all_parts(turn.parts))
    return tuple(detail_path(part) for part in parts if isinstance(part, ImagePart) and part.detail)


def detail_path(image: ImagePart) -> str:
    """The JSON path of the image's `detail`, which stands beside its URL."""
    return f"{image.path.rpartition('.')[0]}.detail"


def _append(contents: list[Json], role: str, parts: list[Json]) -> None:
    # Gemini refuses a part without content beside others; a user who says nothing else is passed on as such
    texts_of_turn = [part for part in parts if part != EMPTY]
    parts = texts_of_turn if texts_of_turn or role != "user" else parts
    if not parts:
        return
    if contents and contents[-1]["role"] == role:
        contents[-1]["parts"] += parts
    else:
        contents.append({"role": role, "parts": parts})


def _system_parts(turns: tuple[Turn, ...], report: DroppedValues) -> list[Json]:
    parts: list[Json] = []
    leading = True
    for turn in turns:
        if turn.role != "system":
            leading = False
            continue
        if not leading:
            report.note("system_hoisted")
        _drop_name(turn, report)
        for part in turn.parts:
            _drop_breakpoint(part, report)
            if not isinstance(part, TextPart):
                raise invalid_value(part.path, "system and developer messages can contain only text.")
            if part.text:
                parts.append({"text": part.text})
    return parts


def _parts(turn: Turn, traits: Traits, stored: Mapping[str, bytes], report: DroppedValues) -> list[Json]:
    _drop_name(turn, report)
    for part in turn.parts:
        _drop_breakpoint(part, report)
    if turn.role == "assistant":
        return assistant_parts(turn, stored, report)
    if turn.role == "tool":
        return _tool_results(turn.parts, traits, report)
    return [_user_part(part, traits, report) for part in turn.parts]


def _user_part(part: Part, traits: Traits, report: DroppedValues) -> Json:
    match part:
        case TextPart(text=text) | RefusalPart(text=text):
            return {"text": text}
        case ImagePart():
            return _image(part, traits, report)
        case AudioPart():
            return audio_data(part)
        case FilePart():
            return file_data(part)
    raise invalid_value(part.path, "this is not allowed in a user message.")


def _image(part: ImagePart, traits: Traits, report: DroppedValues) -> Json:
    data = image_data(part)
    if not part.detail or not traits.is_third:
        return data
    if part.detail not in RESOLUTIONS:
        report.drop(detail_path(part))
        return data
    return {**data, "mediaResolution": {"level": RESOLUTIONS[part.detail]}}


def _tool_results(results: Iterable[Part], traits: Traits, report: DroppedValues) -> list[Json]:
    parts: list[Json] = []
    beside: list[Json] = []
    for result in results:
        if not isinstance(result, ToolResultPart):
            raise invalid_value(result.path, "only tool results are allowed here.")
        texts = [part.text for part in result.content if isinstance(part, TextPart)]
        media = [_user_part(part, traits, report) for part in result.content if not isinstance(part, TextPart)]
        key = "error" if result.is_error else "output"
        response: Json = {"id": result.call_id, "name": result.name, "response": {key: "\n".join(texts)}}
        inline = [part for part in media if "inlineData" in part] if traits.is_third else []
        if inline:
            response["parts"] = [{"inlineData": part["inlineData"]} for part in inline]
        beside += [part for part in media if part not in inline]
        parts.append({"functionResponse": response})
    return parts + beside


def _drop_name(turn: Turn, report: DroppedValues) -> None:
    if turn.name and turn.role != "tool":
        report.drop(f"{turn.path}.name")


def _drop_breakpoint(part: Part, report: DroppedValues) -> None:
    if getattr(part, "cached", False):
        report.drop(f"{part.path[: part.path.rindex(']') + 1]}.prompt_cache_breakpoint")
