"""What becomes of each parameter of a chat request on its way to Converse.

https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html
"""

from __future__ import annotations

from unigate_formats.neutral.extensions import KnownExtensions
from unigate_formats.neutral.parameters import Parameter, Parameters, ParameterSupport
from unigate_formats.neutral.request import FilePart, ImagePart, TextPart, Tool, ToolResultPart, Turn

OPTIONS = ("guardrailConfig", "additionalModelRequestFields", "performanceConfig", "requestMetadata", "promptVariables")
"""Members of the native request that `provider_options.bedrock` may set."""

_REPORTED = "Not every model has it; it is dropped and reported elsewhere."

PARAMETERS: Parameters = {
    "model": Parameter(ParameterSupport.TRANSFORMED, "A model, an inference profile or an ARN, in the path."),
    "messages": Parameter(
        ParameterSupport.TRANSFORMED, "System messages become `system`, results join the user's turn."
    ),
    "max_completion_tokens": Parameter(ParameterSupport.SUPPORTED, "`inferenceConfig.maxTokens`."),
    "max_tokens": Parameter(ParameterSupport.SUPPORTED, "`inferenceConfig.maxTokens`."),
    "temperature": Parameter(ParameterSupport.FORWARDED, "From 0 to 1; more becomes 1.", droppable=True),
    "top_p": Parameter(ParameterSupport.FORWARDED, "`inferenceConfig.topP`."),
    "top_k": Parameter(ParameterSupport.FORWARDED, f"Not a parameter of OpenAI's. {_REPORTED}"),
    "n": Parameter(ParameterSupport.GATEWAY, "Several calls, up to 8."),
    "stop": Parameter(ParameterSupport.TRANSFORMED, "`inferenceConfig.stopSequences`; blank ones are dropped."),
    "stream": Parameter(ParameterSupport.SUPPORTED, "ConverseStream."),
    "stream_options": Parameter(ParameterSupport.GATEWAY),
    "frequency_penalty": Parameter(ParameterSupport.UNSUPPORTED, neutral=(0,), droppable=True),
    "presence_penalty": Parameter(ParameterSupport.UNSUPPORTED, neutral=(0,), droppable=True),
    "logit_bias": Parameter(ParameterSupport.UNSUPPORTED, neutral=({},), droppable=True),
    "logprobs": Parameter(ParameterSupport.UNSUPPORTED, neutral=(False,)),
    "top_logprobs": Parameter(ParameterSupport.UNSUPPORTED, neutral=(0,)),
    "seed": Parameter(ParameterSupport.DROPPED, "Converse has no seed."),
    "response_format": Parameter(
        ParameterSupport.TRANSFORMED,
        "`outputConfig.textFormat`; by an instruction for models that lack it, and for json_object.",
    ),
    "tools": Parameter(ParameterSupport.TRANSFORMED, "`toolConfig.tools`."),
    "tool_choice": Parameter(
        ParameterSupport.TRANSFORMED, "By an instruction where the model cannot be forced, and for none."
    ),
    "parallel_tool_calls": Parameter(ParameterSupport.DROPPED, "Converse lets the model choose.", neutral=(True,)),
    "functions": Parameter(ParameterSupport.TRANSFORMED, "As tools."),
    "function_call": Parameter(ParameterSupport.TRANSFORMED, "As tool_choice."),
    "reasoning_effort": Parameter(ParameterSupport.TRANSFORMED, f"In the model's own form. {_REPORTED}"),
    "verbosity": Parameter(ParameterSupport.UNSUPPORTED, neutral=("medium",), droppable=True),
    "modalities": Parameter(ParameterSupport.UNSUPPORTED, "Converse answers in text only.", neutral=(["text"],)),
    "audio": Parameter(ParameterSupport.UNSUPPORTED, "Converse answers in text only."),
    "prediction": Parameter(ParameterSupport.DROPPED, "It would only make the answer faster."),
    "web_search_options": Parameter(ParameterSupport.UNSUPPORTED, "Converse has no web search.", droppable=True),
    "user": Parameter(ParameterSupport.DROPPED),
    "safety_identifier": Parameter(ParameterSupport.DROPPED),
    "metadata": Parameter(ParameterSupport.DROPPED, neutral=({},)),
    "store": Parameter(ParameterSupport.DROPPED, neutral=(False,)),
    "service_tier": Parameter(ParameterSupport.TRANSFORMED, "default, flex and priority; auto asks for nothing."),
    "prompt_cache_key": Parameter(ParameterSupport.DROPPED),
    "prompt_cache_retention": Parameter(ParameterSupport.DROPPED),
    "prompt_cache_options": Parameter(ParameterSupport.DROPPED, neutral=({},)),
    "moderation": Parameter(ParameterSupport.UNSUPPORTED, "Its results could not be given."),
    "provider_options": Parameter(
        ParameterSupport.TRANSFORMED,
        f"`bedrock`: {', '.join(OPTIONS)}.",
    ),
}

_CACHE = frozenset({"cache_control"})

EXTENSIONS: KnownExtensions = {
    Turn: _CACHE,
    TextPart: _CACHE,
    ImagePart: _CACHE,
    FilePart: _CACHE,
    ToolResultPart: _CACHE,
    Tool: _CACHE,
}
"""A `cache_control` becomes a `cachePoint` after the part that has it."""
