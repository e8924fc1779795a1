"""The adapter to Google's Gemini API. https://ai.google.dev/api"""

from __future__ import annotations

from unigate_common.provider import Operation, Provider, Translation
from unigate_gemini.answer import from_gemini
from unigate_gemini.audio.speech import SPEECH
from unigate_gemini.audio.transcription import TRANSCRIPTIONS
from unigate_gemini.embeddings import EMBEDDINGS
from unigate_gemini.errors import from_google, refuses_key
from unigate_gemini.images import EDITS, GENERATIONS
from unigate_gemini.models import MODELS
from unigate_gemini.parameters import CHAT
from unigate_gemini.request import has_native_n, repair, to_gemini
from unigate_gemini.stream import ContentStream

PROVIDER = Provider(
    name="gemini",
    telemetry_name="gcp.gemini",
    base_url="https://generativelanguage.googleapis.com",
    version="v1beta",
    key_variable="GEMINI_API_KEY",
    base_url_variable="GEMINI_BASE_URL",
    credentials=lambda key: {"x-goog-api-key": key},
    errors=from_google,
    models=MODELS,
    operations={
        Operation.CHAT: Translation(
            request=to_gemini,
            answer=from_gemini,
            stream=ContentStream,
            parameters=CHAT,
            # Google fetches URLs under its own rules and fails at random, so all of them are fetched before.
            inline=lambda chat: frozenset({"image", "file"}),
            repair=repair,
            native_n=has_native_n,
        ),
        Operation.EMBEDDINGS: EMBEDDINGS,
        Operation.IMAGES_GENERATIONS: GENERATIONS,
        Operation.IMAGES_EDITS: EDITS,
        Operation.AUDIO_SPEECH: SPEECH,
        Operation.AUDIO_TRANSCRIPTIONS: TRANSCRIPTIONS,
    },
    refuses_key=refuses_key,
)
