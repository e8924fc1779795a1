"""Chat by Gemini's generateContent, at Google's Gemini API and at Vertex AI."""

from __future__ import annotations

from typing import Final

from unigate_formats.gemini_generate_content.decode_answer import decode_answer
from unigate_formats.gemini_generate_content.decode_stream import ContentStream
from unigate_formats.gemini_generate_content.encode_media import is_own_url
from unigate_formats.gemini_generate_content.encode_request import encode_request, has_native_n, repair
from unigate_formats.gemini_generate_content.parameters import CHAT as PARAMETERS
from unigate_formats.gemini_generate_content.relax import relax
from unigate_formats.neutral.translation import Translation, inline_all

CHAT: Final = Translation(
    request=encode_request,
    answer=decode_answer,
    stream=ContentStream,
    parameters=PARAMETERS,
    # Google fetches URLs under its own rules and fails at random, so all of them are fetched before.
    inline=inline_all,
    reads_url=is_own_url,
    repair=repair,
    relax=relax,
    native_n=has_native_n,
)
