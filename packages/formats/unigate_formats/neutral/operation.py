"""What a client can ask for."""

from __future__ import annotations

from enum import Enum


class Operation(Enum):
    """What a client can ask for; the value is the path below /v1 of OpenAI's API, or the name of what that lacks."""

    CHAT = "chat/completions"
    RESPONSES = "responses"
    COMPLETIONS = "completions"
    EMBEDDINGS = "embeddings"
    IMAGES_GENERATIONS = "images/generations"
    IMAGES_EDITS = "images/edits"
    AUDIO_TRANSCRIPTIONS = "audio/transcriptions"
    AUDIO_SPEECH = "audio/speech"
    MODERATIONS = "moderations"
    AUDIO_TRANSLATIONS = "audio/translations"
    IMAGES_VARIATIONS = "images/variations"
    RESPONSES_RESOURCE = "responses/"
    COUNT_TOKENS = "count_tokens"


TEXT_OPERATIONS = (Operation.CHAT, Operation.RESPONSES, Operation.COMPLETIONS)
"""What a model that writes text serves."""
CHUNKED_OPERATIONS = frozenset({Operation.CHAT, Operation.COMPLETIONS})
"""Those whose streams are chunks with choices, with usage only where it is asked for; they share most parameters."""
