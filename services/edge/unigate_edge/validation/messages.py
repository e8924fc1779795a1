"""The messages of a chat, and the parts of their content. https://platform.openai.com/docs/api-reference/chat/create

Films, media that tools answer, and more types of recordings than OpenAI's two are taken as well: other vendors know
them.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from unigate_edge.validation.types import Shape


class TextPart(Struct, frozen=True, tag="text", tag_field="type"):
    """`{"type": "text"}`."""

    text: str


class RefusalPart(Struct, frozen=True, tag="refusal", tag_field="type"):
    """`{"type": "refusal"}`."""

    refusal: str


class ImageUrl(Shape, frozen=True):
    """Where an image is, or the image itself as a data URL."""

    url: str
    detail: Literal["auto", "low", "high", "original"] | None = None


class ImagePart(Struct, frozen=True, tag="image_url", tag_field="type"):
    """`{"type": "image_url"}`."""

    image_url: ImageUrl


class InputAudio(Shape, frozen=True):
    """Audio in base64."""

    data: str
    format: str


class AudioPart(Struct, frozen=True, tag="input_audio", tag_field="type"):
    """`{"type": "input_audio"}`."""

    input_audio: InputAudio


class VideoUrl(Shape, frozen=True):
    """Where a film is, or the film itself as a data URL."""

    url: str


class VideoPart(Struct, frozen=True, tag="video_url", tag_field="type"):
    """`{"type": "video_url"}`."""

    video_url: VideoUrl


class File(Shape, frozen=True):
    """A file, by its id or as a data URL."""

    filename: str | None = None
    file_data: str | None = None
    file_id: str | None = None
    file_url: str | None = None


class FilePart(Struct, frozen=True, tag="file", tag_field="type"):
    """`{"type": "file"}`."""

    file: File


TextContent = str | Annotated[list[TextPart], Meta(min_length=1)]
UserContent = str | Annotated[list[TextPart | ImagePart | AudioPart | FilePart | VideoPart], Meta(min_length=1)]
ToolContent = str | Annotated[list[TextPart | ImagePart | FilePart], Meta(min_length=1)]
AssistantContent = str | list[TextPart | RefusalPart] | None


class SystemMessage(Struct, frozen=True, tag="system", tag_field="role"):
    """`{"role": "system"}`."""

    content: TextContent
    name: str | None = None


class DeveloperMessage(Struct, frozen=True, tag="developer", tag_field="role"):
    """`{"role": "developer"}`."""

    content: TextContent
    name: str | None = None


class UserMessage(Struct, frozen=True, tag="user", tag_field="role"):
    """`{"role": "user"}`."""

    content: UserContent
    name: str | None = None


class CalledFunction(Shape, frozen=True):
    """What a tool call calls."""

    name: str
    arguments: str


class CalledCustom(Shape, frozen=True):
    """What a custom tool call calls."""

    name: str
    input: str


class FunctionCall(Struct, frozen=True, tag="function", tag_field="type"):
    """A call that the model made."""

    id: str
    function: CalledFunction


class CustomCall(Struct, frozen=True, tag="custom", tag_field="type"):
    """A call of a custom tool that the model made."""

    id: str
    custom: CalledCustom


class AudioReference(Shape, frozen=True):
    """An earlier audio answer."""

    id: str


class AssistantMessage(Struct, frozen=True, tag="assistant", tag_field="role"):
    """`{"role": "assistant"}`."""

    content: AssistantContent = None
    refusal: str | None = None
    name: str | None = None
    audio: AudioReference | None = None
    tool_calls: list[FunctionCall | CustomCall] | None = None
    function_call: CalledFunction | None = None


class ToolMessage(Struct, frozen=True, tag="tool", tag_field="role"):
    """`{"role": "tool"}`."""

    content: ToolContent
    tool_call_id: str


class FunctionMessage(Struct, frozen=True, tag="function", tag_field="role"):
    """`{"role": "function"}`."""

    content: str | None
    name: str


Message = SystemMessage | DeveloperMessage | UserMessage | AssistantMessage | ToolMessage | FunctionMessage
