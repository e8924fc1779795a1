"""Chat by Anthropic's Messages, at Anthropic and at the clouds that host it."""

from __future__ import annotations

from typing import Final

from unigate_formats.anthropic_messages.decode_answer import decode_answer
from unigate_formats.anthropic_messages.decode_stream import MessageStream
from unigate_formats.anthropic_messages.encode_request import encode_request
from unigate_formats.anthropic_messages.parameters import EXTENSIONS, PARAMETERS
from unigate_formats.anthropic_messages.repair import relax, repair, resume
from unigate_formats.neutral.translation import Translation

CHAT: Final = Translation(
    request=encode_request,
    answer=decode_answer,
    stream=MessageStream,
    parameters=PARAMETERS,
    extensions=EXTENSIONS,
    resume=resume,
    repair=repair,
    relax=relax,
)
