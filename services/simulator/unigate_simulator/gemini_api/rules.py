"""What the Gemini API refuses of a generateContent request, in its own words. https://ai.google.dev/api/generate-content"""

import base64
import re
from typing import Final

from unigate_simulator.gemini_api.errors import refuse
from unigate_simulator.gemini_api.models import transcribes, version
from unigate_simulator.signatures import signed
from unigate_simulator.wire import Json, Object

_TOP: Final = frozenset(
    [
        "cachedContent",
        "contents",
        "generationConfig",
        "labels",
        "model",
        "safetySettings",
        "serviceTier",
        "store",
        "systemInstruction",
        "toolConfig",
        "tools",
    ]
)
_CONFIG: Final = frozenset(
    [
        "_responseJsonSchema",
        "candidateCount",
        "enableEnhancedCivicAnswers",
        "frequencyPenalty",
        "imageConfig",
        "logprobs",
        "maxOutputTokens",
        "mediaResolution",
        "presencePenalty",
        "responseFormat",
        "responseJsonSchema",
        "responseLogprobs",
        "responseMimeType",
        "responseModalities",
        "responseSchema",
        "seed",
        "speechConfig",
        "stopSequences",
        "temperature",
        "thinkingConfig",
        "topK",
        "topP",
    ]
)
_MOST_TOKENS: Final = 65_536
_TRANSCRIPTION: Final = frozenset(["customVocabulary", "diarization", "languageCodes", "wordTimestamp"])
_OPAQUE: Final = frozenset(
    [
        "args",
        "labels",
        "parameters",
        "parametersJsonSchema",
        "response",
        "responseJsonSchema",
        "responseSchema",
        "_responseJsonSchema",
    ]
)
_SKIPS: Final = ("skip_thought_signature_validator", "context_engineering_is_the_way_to_go")
_SKIP_VALUES: Final = frozenset((*_SKIPS, *(base64.b64encode(one.encode()).decode() for one in _SKIPS)))


def camelled(value: Json) -> Json:
    """The request with camelCase names: Google takes both spellings. What is the caller's own stays as it is."""
    if isinstance(value, list):
        return [camelled(one) for one in value]
    if not isinstance(value, dict):
        return value
    named = {
        re.sub(r"(?<=[a-z0-9])_([a-z])", lambda found: found[1].upper(), key): inner for key, inner in value.items()
    }
    return {key: inner if key in _OPAQUE else camelled(inner) for key, inner in named.items()}


def check(body: Object, model: str, *, streamed: bool) -> None:
    config: Object = body.get("generationConfig") or {}
    _check_names(body, _TOP, "")
    _check_names(
        config, _CONFIG | {"audioTranscriptionConfig"} if transcribes(model) else _CONFIG, " at 'generation_config'"
    )
    transcription = config.get("audioTranscriptionConfig") or {}
    _check_names(transcription, _TRANSCRIPTION, " at 'generation_config.audio_transcription_config'")
    if not body.get("contents"):
        raise refuse("* GenerateContentRequest.contents: contents is not specified\n")
    for position, content in enumerate(body["contents"]):
        if content.get("role", "user") not in {"user", "model", "function"}:
            raise refuse("Please use a valid role: user, model.")
        if not content.get("parts"):
            raise refuse(f"* GenerateContentRequest.contents[{position}].parts: contents.parts must not be empty.\n")
    _check_config(body, config, model, streamed=streamed)
    _check_turns(body["contents"])
    if version(model) >= 3:
        _check_signatures(body["contents"])


def _check_names(value: Object, known: frozenset[str], where: str) -> None:
    for name in value:
        if name not in known:
            message = f'Invalid JSON payload received. Unknown name "{name}"{where}: Cannot find field.'
            violation = {"description": message}
            detail = {"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": [violation]}
            raise refuse(message, details=[detail])


def _check_config(body: Object, config: Object, model: str, *, streamed: bool) -> None:
    schema = "responseSchema" in config or "responseJsonSchema" in config or "_responseJsonSchema" in config
    mime = config.get("responseMimeType", "text/plain")
    if schema and mime == "text/plain":
        raise refuse("Response schema is only supported with response mime type 'application/json'.")
    if mime == "application/json" and body.get("tools") and version(model) < 3:
        raise refuse("Function calling with a response mime type: 'application/json' is unsupported")
    if int(config.get("candidateCount") or 1) > 1 and (version(model) >= 3 or streamed):
        raise refuse("Multiple candidates is not enabled for this model")
    if config.get("responseLogprobs"):
        raise refuse(f"Logprobs is not enabled for models/{model}")
    if len(config.get("stopSequences") or []) > 5:
        raise refuse("The number of stop sequences must be at most 5.")
    if config.get("maxOutputTokens") is not None and config["maxOutputTokens"] < 1:
        raise refuse("max_output_tokens must be positive.")
    if (limit := config.get("maxOutputTokens")) is not None and limit > _MOST_TOKENS:
        raise refuse(
            f"Unable to submit request because it has a maxOutputTokens value of {limit} but the supported range is "
            f"from 1 (inclusive) to {_MOST_TOKENS + 1} (exclusive). Update the value and try again."
        )


def _calls(content: Object) -> list[Object]:
    return [part for part in content.get("parts") or [] if "functionCall" in part]


def _answers(content: Object) -> list[Object]:
    return [part for part in content.get("parts") or [] if "functionResponse" in part]


def _check_turns(contents: list[Object]) -> None:
    for position, content in enumerate(contents):
        if (
            position + 1 < len(contents)
            and (calls := _calls(content))
            and len(_answers(contents[position + 1])) != len(calls)
        ):
            raise refuse(
                "Please ensure that the number of function response parts is equal "
                "to the number of function call parts of the "
                "function call turn."
            )
        if _answers(content) and not (position and _calls(contents[position - 1])):
            raise refuse("Please ensure that function response turn comes immediately after a function call turn.")


def _check_signatures(contents: list[Object]) -> None:
    """In the current turn, which begins with the user's last text, the first call of each step must be signed."""
    begins = max(
        (at for at, one in enumerate(contents) if one.get("role", "user") == "user" and not _answers(one)), default=0
    )
    for position, content in enumerate(contents[begins:], begins):
        if not (calls := _calls(content)):
            continue
        signature = calls[0].get("thoughtSignature")
        if not signature:
            name = calls[0]["functionCall"].get("name")
            raise refuse(
                "Function call is missing a thought_signature in functionCall parts. "
                "This is required for tools to work "
                ""
                "correctly, and missing thought_signature may lead to degraded model performance. "
                "Additional data, function call "
                f"`default_api:{name}` , position {position + 1}. Please refer to "
                "https://ai.google.dev/gemini-api/docs/thought-signatures for more details."
            )
        if signature not in _SKIP_VALUES and signed(signature) is None:
            raise refuse("Corrupted thought signature.")
