"""What becomes of each parameter of a chat request on its way to the Messages API.

https://docs.anthropic.com/en/api/messages
"""

from __future__ import annotations

from unigate_formats.neutral.extensions import KnownExtensions
from unigate_formats.neutral.parameters import Parameter, Parameters, ParameterSupport
from unigate_formats.neutral.request import FilePart, ImagePart, TextPart, Tool, ToolCallPart, ToolResultPart, Turn

PARAMETERS: Parameters = {
    "model": Parameter(ParameterSupport.TRANSFORMED, "Without its prefix."),
    "messages": Parameter(
        ParameterSupport.TRANSFORMED, "System messages at the head become `system`; results join the user's turn."
    ),
    "max_completion_tokens": Parameter(ParameterSupport.SUPPORTED, "`max_tokens`; without it the model's own limit."),
    "max_tokens": Parameter(ParameterSupport.SUPPORTED, "`max_tokens`; without it the model's own limit."),
    "temperature": Parameter(
        ParameterSupport.FORWARDED,
        "From 0 to 1; more becomes 1. Not sent to models with a fixed one.",
        droppable=True,
    ),
    "top_p": Parameter(
        ParameterSupport.FORWARDED, "Omitted beside a temperature where the model takes one of them.", droppable=True
    ),
    "top_k": Parameter(ParameterSupport.FORWARDED, "Not a parameter of OpenAI's."),
    "n": Parameter(ParameterSupport.GATEWAY, "Several calls, up to 8."),
    "stop": Parameter(ParameterSupport.TRANSFORMED, "`stop_sequences`; blank ones are dropped."),
    "stream": Parameter(ParameterSupport.SUPPORTED),
    "stream_options": Parameter(ParameterSupport.GATEWAY),
    "frequency_penalty": Parameter(ParameterSupport.UNSUPPORTED, neutral=(0,), droppable=True),
    "presence_penalty": Parameter(ParameterSupport.UNSUPPORTED, neutral=(0,), droppable=True),
    "logit_bias": Parameter(ParameterSupport.UNSUPPORTED, neutral=({},), droppable=True),
    "logprobs": Parameter(ParameterSupport.UNSUPPORTED, neutral=(False,)),
    "top_logprobs": Parameter(ParameterSupport.UNSUPPORTED, neutral=(0,)),
    "seed": Parameter(ParameterSupport.DROPPED, "Anthropic has no seed."),
    "response_format": Parameter(
        ParameterSupport.TRANSFORMED,
        "`output_config.format`; json_object through a forced tool, beside other tools by an instruction.",
    ),
    "tools": Parameter(ParameterSupport.TRANSFORMED),
    "tool_choice": Parameter(ParameterSupport.TRANSFORMED),
    "parallel_tool_calls": Parameter(ParameterSupport.TRANSFORMED, "`disable_parallel_tool_use`."),
    "functions": Parameter(ParameterSupport.TRANSFORMED, "As tools."),
    "function_call": Parameter(ParameterSupport.TRANSFORMED, "As tool_choice."),
    "reasoning_effort": Parameter(
        ParameterSupport.TRANSFORMED, "`output_config.effort`, or a thinking budget for older models."
    ),
    "verbosity": Parameter(ParameterSupport.UNSUPPORTED, neutral=("medium",), droppable=True),
    "modalities": Parameter(ParameterSupport.UNSUPPORTED, "Anthropic answers in text only.", neutral=(["text"],)),
    "audio": Parameter(ParameterSupport.UNSUPPORTED, "Anthropic answers in text only."),
    "prediction": Parameter(ParameterSupport.DROPPED, "It would only make the answer faster."),
    "web_search_options": Parameter(
        ParameterSupport.TRANSFORMED, "The server tool `web_search`; its context size is dropped."
    ),
    "user": Parameter(ParameterSupport.TRANSFORMED, "`metadata.user_id`."),
    "safety_identifier": Parameter(ParameterSupport.TRANSFORMED, "`metadata.user_id`."),
    "metadata": Parameter(ParameterSupport.DROPPED, neutral=({},)),
    "store": Parameter(ParameterSupport.DROPPED, neutral=(False,)),
    "service_tier": Parameter(ParameterSupport.TRANSFORMED, "auto and default; the others cannot be asked for."),
    "prompt_cache_key": Parameter(ParameterSupport.DROPPED),
    "prompt_cache_retention": Parameter(ParameterSupport.DROPPED),
    "prompt_cache_options": Parameter(ParameterSupport.DROPPED, neutral=({},)),
    "moderation": Parameter(ParameterSupport.UNSUPPORTED, "Its results could not be given."),
    "provider_options": Parameter(
        ParameterSupport.TRANSFORMED, "`anthropic`: top_k, thinking, cache_control, inference_geo."
    ),
}

_CACHE = frozenset({"cache_control"})

TOOL_MEMBERS = ("cache_control", "eager_input_streaming", "input_examples", "allowed_callers")
"""Members of a tool that Anthropic knows and OpenAI does not. https://docs.anthropic.com/en/api/messages"""

EXTENSIONS: KnownExtensions = {
    Turn: _CACHE,
    TextPart: _CACHE,
    ImagePart: _CACHE,
    FilePart: _CACHE,
    ToolCallPart: _CACHE,
    ToolResultPart: _CACHE,
    Tool: frozenset(TOOL_MEMBERS),
}
"""`cache_control` of a message marks the end of its last block."""
