"""The adapter to Google's Gemini API. https://ai.google.dev/api"""

from __future__ import annotations

from unigate.provider.v1 import provider_pb2 as pb
from unigate_adapter.authentication.api_key import api_key
from unigate_adapter.backend import Backend
from unigate_adapter.provider import Provider
from unigate_formats.gemini_generate_content.audio.speech import SPEECH
from unigate_formats.gemini_generate_content.audio.transcription import TRANSCRIPTIONS
from unigate_formats.gemini_generate_content.embeddings import EMBEDDINGS
from unigate_formats.gemini_generate_content.errors import from_google, refuses_key
from unigate_formats.gemini_generate_content.images import EDITS, GENERATIONS
from unigate_formats.gemini_generate_content.models import MODELS
from unigate_formats.gemini_generate_content.native_api import API, COUNTER
from unigate_formats.gemini_generate_content.translation import CHAT
from unigate_formats.neutral.operation import Operation

PROVIDER = Provider(
    name="gemini",
    telemetry_name="gcp.gemini",
    model_prefixes=("models/",),
    backend=Backend(
        base_url="https://generativelanguage.googleapis.com",
        version="v1beta",
        key_variable="GEMINI_API_KEY",
        base_url_variable="GEMINI_BASE_URL",
        authentication=api_key("x-goog-api-key", refuses=refuses_key),
        errors=from_google,
        models=MODELS,
    ),
    operations={
        Operation.CHAT: CHAT,
        Operation.EMBEDDINGS: EMBEDDINGS,
        Operation.IMAGES_GENERATIONS: GENERATIONS,
        Operation.IMAGES_EDITS: EDITS,
        Operation.AUDIO_SPEECH: SPEECH,
        Operation.AUDIO_TRANSCRIPTIONS: TRANSCRIPTIONS,
    },
    native={pb.CLIENT_FORMAT_GEMINI_GENERATE_CONTENT: API},
    token_counter=COUNTER,
)
