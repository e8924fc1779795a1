"""ChatRequest → a generateContent call. https://ai.google.dev/api/generate-content"""

from __future__ import annotations

from msgspec.structs import replace

from unigate_core.errors import GatewayError, invalid_value, unsupported_parameter
from unigate_core.json import Json
from unigate_formats.gemini_generate_content.dropped_values import DroppedValues
from unigate_formats.gemini_generate_content.encode_contents import common_resolution, details_of, to_contents
from unigate_formats.gemini_generate_content.encode_reasoning import thinking_config
from unigate_formats.gemini_generate_content.encode_tools import Toolbox, toolbox
from unigate_formats.gemini_generate_content.errors import SIGNATURE_CODES
from unigate_formats.gemini_generate_content.models import Traits, model_path, traits_of
from unigate_formats.gemini_generate_content.options import CHAT as OPTIONS
from unigate_formats.gemini_generate_content.options import with_options
from unigate_formats.gemini_generate_content.replay import with_skip_signature
from unigate_formats.gemini_generate_content.request_state import RequestState
from unigate_formats.neutral.request import ChatRequest, TextPart, Turn
from unigate_formats.neutral.translation import Context, NativeCall

MAX_CANDIDATES = 8
MAX_STOPS = 5
SERVICE_TIERS = {"default": "standard", "flex": "flex", "priority": "priority"}


def encode_request(chat: ChatRequest, context: Context) -> NativeCall:
    """The native call. Raises RequestRefused before anything is sent."""
    traits = traits_of(chat.model)
    report = DroppedValues()
    chat = _with_unlimited_search(chat, report, drop_unsupported=context.drop_unsupported)
    tools = toolbox(chat, traits, report, drop_unsupported=context.drop_unsupported)
    turns = chat.turns
    if tools.instruction:
        turns = (Turn(role="system", parts=(TextPart(tools.instruction),)), *turns)
    body = to_contents(turns, traits, context.replay, report) | tools.body
    if config := _generation_config(chat, traits, tools, report, drop_unsupported=context.drop_unsupported):
        body["generationConfig"] = config
    if tier := _service_tier(chat, report):
        body["serviceTier"] = tier
    method = "streamGenerateContent?alt=sse" if chat.stream else "generateContent"
    return NativeCall(
        path=f"{model_path(chat.model)}:{method}",
        body=with_options(body, chat.provider_options, context, OPTIONS),
        stream=chat.stream,
        dropped=tuple(report.dropped),
        notes=tuple(report.notes),
        state=RequestState(
            new_id=context.new_id,
            model=chat.model,
            parallel=chat.parallel_tool_calls is not False,
            json_output=tools.json_output,
            # The Responses API, which renames parameters, shows code as an item of its own.
            code_as_text=bool(chat.builtin_tools) and not chat.names,
            plain="tools" not in tools.body,
            names=chat.names,
            details=details_of(chat.turns),
        ),
    )


def has_native_n(chat: ChatRequest, context: Context) -> bool:
    """Whether one call can give all choices: streams and generation 3 allow a single candidate."""
    return _takes_candidates(chat)


def repair(call: NativeCall, error: GatewayError) -> NativeCall | None:
    """The call with the skip signature wherever a signature is missing, when that was the error."""
    if error.code not in SIGNATURE_CODES:
        return None
    contents = [_signed(content) for content in call.body["contents"]]
    if contents == call.body["contents"]:
        return None
    return replace(call, body=call.body | {"contents": contents})


def _takes_candidates(chat: ChatRequest) -> bool:
    return chat.n <= MAX_CANDIDATES and not chat.stream and not traits_of(chat.model).is_third


def _signed(content: Json) -> Json:
    if content["role"] != "model":
        return content
    return content | {"parts": with_skip_signature(content["parts"])}


def _generation_config(
    chat: ChatRequest, traits: Traits, tools: Toolbox, report: DroppedValues, *, drop_unsupported: bool
) -> Json:
    config: Json = {
        "candidateCount": chat.n if chat.n > 1 and _takes_candidates(chat) else None,
        "maxOutputTokens": chat.max_tokens,
        "temperature": chat.temperature,
        "topP": chat.top_p,
        "topK": chat.top_k,
        "stopSequences": _stops(chat, report, drop_unsupported=drop_unsupported) or None,
        "seed": _seed(chat, report, drop_unsupported=drop_unsupported),
        "frequencyPenalty": chat.frequency_penalty or None,
        "presencePenalty": chat.presence_penalty or None,
        "responseLogprobs": chat.logprobs or None,
        "logprobs": chat.top_logprobs or None,
        "thinkingConfig": thinking_config(chat, traits, report, drop_unsupported=drop_unsupported),
        "mediaResolution": None if traits.is_third else common_resolution(chat.turns, report),
    }
    given: Json = {key: value for key, value in config.items() if value is not None}
    return given | tools.config


def _stops(chat: ChatRequest, report: DroppedValues, *, drop_unsupported: bool) -> list[str]:
    stops, path = list(chat.stop), chat.param("stop")
    if len(stops) > MAX_STOPS and not drop_unsupported:
        raise invalid_value(path, f"Gemini takes at most {MAX_STOPS} stop sequences.")
    if len(stops) > MAX_STOPS:
        report.drop(f"{path}[{MAX_STOPS}:]")
    return stops[:MAX_STOPS]


def _with_unlimited_search(chat: ChatRequest, report: DroppedValues, *, drop_unsupported: bool) -> ChatRequest:
    """Google Search is used as often as the model likes."""
    search = chat.web_search
    if search is None or search.max_uses is None:
        return chat
    if not drop_unsupported:
        raise unsupported_parameter(search.limit_path, "Google Search cannot be limited in its uses.")
    report.drop(search.limit_path)
    return replace(chat, web_search=replace(search, max_uses=None))


def _seed(chat: ChatRequest, report: DroppedValues, *, drop_unsupported: bool) -> int | None:
    if chat.seed is None or -(2**31) <= chat.seed < 2**31:
        return chat.seed
    if not drop_unsupported:
        raise invalid_value(chat.param("seed"), "Gemini takes a 32-bit integer.")
    report.drop(chat.param("seed"))
    return None


def _service_tier(chat: ChatRequest, report: DroppedValues) -> str | None:
    if chat.service_tier in (None, "auto"):
        return None
    if chat.service_tier not in SERVICE_TIERS:
        report.drop("service_tier")
        return None
    return SERVICE_TIERS[chat.service_tier]
