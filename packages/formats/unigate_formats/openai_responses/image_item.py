"""Images that a model made ⇄ image_generation_call items.

https://platform.openai.com/docs/guides/tools-image-generation

OpenAI's models take no images from the assistant: those of earlier answers are said by the user.
"""

from __future__ import annotations

from typing import Any

from unigate_core.json import Json
from unigate_formats.neutral.events import Media
from unigate_formats.openai_responses.encode_items import Emit
from unigate_formats.openai_responses.response_object import ResponseContext

CALL = "image_generation_call"


def emit_image(terms: ResponseContext, emit: Emit, index: int, media: Media) -> Json:
    """All events of an image; gives the whole item."""
    item: Json = {"id": terms.item_id("ig", index), "type": CALL}
    place: Json = {"item_id": item["id"], "output_index": index}
    begun = {**item, "status": "in_progress", "result": None}
    emit("response.output_item.added", {"item": begun, "output_index": index})
    for phase in ("in_progress", "generating", "completed"):
        emit(f"response.image_generation_call.{phase}", place)
    item |= {"status": "completed", "result": media.data, "output_format": media.media_type.removeprefix("image/")}
    emit("response.output_item.done", {"item": item, "output_index": index})
    return item


def has_image(item: Any) -> bool:
    """Whether an item of this type holds its image; OpenAI would find others by their ids."""
    return isinstance(item.get("result"), str) and bool(item["result"])


def image_url(item: Json) -> str:
    """The image of an item as a data URL."""
    return f"data:image/{item.get('output_format') or 'png'};base64,{item['result']}"


def as_user_message(item: Json) -> Json:
    """The image of an item as a message that every model of the Responses API takes."""
    return {"role": "user", "content": [{"type": "input_image", "image_url": image_url(item)}]}
