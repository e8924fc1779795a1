"""What metering and logs want to know of an answer that passes through, read without decoding the rest."""

from __future__ import annotations

from typing import Any

import msgspec

from unigate_core.counts import second_count
from unigate_core.json import Json, loads
from unigate_formats.neutral.events import Usage
from unigate_formats.openai_chat.usage import audio_seconds, read_usage


class AnswerMetadata(msgspec.Struct):
    """`model` and `id` as the vendor gave them. `usage` is None when it gave none. Finish reasons by choice."""

    id: str = ""
    model: str = ""
    usage: Usage | None = None
    audio_seconds: float = 0.0
    finish_reasons: dict[int, str] = {}
    # Ids of a response's output items, and of the containers that its tools ran in.
    item_ids: list[str] = []

    def count(self, usage: Json) -> None:
        """Note a usage object; a later one replaces an earlier one."""
        self.usage = read_usage(usage)
        self.audio_seconds = audio_seconds(usage)

    def read(self, answer: Answer) -> None:
        """Note what a whole answer, or the response object in a stream, says."""
        self.id = answer.id if isinstance(answer.id, str) else self.id
        self.model = answer.model if isinstance(answer.model, str) else self.model
        if isinstance(answer.usage, dict):
            self.count(answer.usage)
        elif answer.duration is not None:
            # a transcript of a model that is billed by time
            self.usage, self.audio_seconds = Usage(), second_count(answer.duration)
        if answer.output is not msgspec.UNSET:
            self.item_ids = _item_ids(answer.output)
        if answer.choices is not msgspec.UNSET:
            for choice in _finished(answer.choices):
                if isinstance(choice.finish_reason, str):
                    self.finish_reasons[choice.index or 0] = choice.finish_reason
        elif answer.status == "completed":
            self.finish_reasons[0] = "stop"
        elif answer.status == "incomplete":
            details: Json = answer.incomplete_details or {}
            self.finish_reasons[0] = _INCOMPLETE.get(details.get("reason") or "", "length")


class Answer(msgspec.Struct):
    """The few members that are read of any of OpenAI's answers."""

    id: Any = None
    model: Any = None
    usage: Any = None
    choices: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    output: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    status: Any = None
    incomplete_details: Any = None
    duration: Any = None


class _Choice(msgspec.Struct):
    """How a choice ended; its text is not decoded."""

    index: Any = None
    finish_reason: Any = None


_decode_choices = msgspec.json.Decoder(list[_Choice]).decode


def _finished(choices: msgspec.Raw) -> list[_Choice]:
    try:
        return _decode_choices(choices)
    except msgspec.MsgspecError:
        listed = loads(bytes(choices))
    return [
        _Choice(choice.get("index"), choice.get("finish_reason"))
        for choice in (listed if isinstance(listed, list) else ())
        if isinstance(choice, dict)
    ]


class _Item(msgspec.Struct):
    """What names an output item, and the container that it ran in."""

    id: str = ""
    container_id: str = ""


_decode_items = msgspec.json.Decoder(list[_Item]).decode


def _item_ids(output: msgspec.Raw) -> list[str]:
    try:
        items = _decode_items(output)
    except msgspec.ValidationError:
        return []
    names = [name for item in items for name in (item.id, item.container_id) if name]
    return list(dict.fromkeys(names))


decode_answer = msgspec.json.Decoder(Answer).decode

_INCOMPLETE = {"max_output_tokens": "length", "content_filter": "content_filter"}
