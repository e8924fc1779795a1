"""Media that a model made in an earlier turn: most vendors take media from users only, so the user says them."""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from unigate_formats.neutral.request import AudioPart, FilePart, ImagePart, Part, Turn

NOTE: Final = "model_media_by_user"


def said_by_user(turns: tuple[Turn, ...]) -> tuple[tuple[Turn, ...], tuple[str, ...]]:
    """The turns with the media of assistant turns before the user's next words, and the note of that."""
    if not any(_is_media(part) for turn in turns if turn.role == "assistant" for part in turn.parts):
        return turns, ()
    said: list[Turn] = []
    waiting: tuple[Part, ...] = ()
    for turn in turns:
        if turn.role == "assistant" and (media := tuple(part for part in turn.parts if _is_media(part))):
            waiting += media
            kept = tuple(part for part in turn.parts if not _is_media(part))
            said += [replace(turn, parts=kept)] if kept else []
        elif turn.role == "user" and waiting:
            said.append(replace(turn, parts=(*waiting, *turn.parts)))
            waiting = ()
        else:
            said.append(turn)
    if waiting:
        said.append(Turn(role="user", parts=waiting, path=waiting[0].path))
    return tuple(said), (NOTE,)


def _is_media(part: Part) -> bool:
    return isinstance(part, AudioPart | FilePart | ImagePart)
