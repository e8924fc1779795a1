"""What becomes of each chat parameter at DeepSeek. https://api-docs.deepseek.com/api/create-chat-completion"""

from __future__ import annotations

from unigate_formats.neutral.parameters import Parameter, ParameterSupport

_INERT = "DeepSeek has no such field; it does not change the answer."

PARAMETERS: dict[str, Parameter] = {
    "model": Parameter(ParameterSupport.TRANSFORMED, "The provider's prefix is removed."),
    "messages": Parameter(
        ParameterSupport.TRANSFORMED, "The developer role becomes system; earlier reasoning is put back in place."
    ),
    "max_completion_tokens": Parameter(ParameterSupport.TRANSFORMED, "Sent as max_tokens; reasoning counts in it."),
    "max_tokens": Parameter(ParameterSupport.SUPPORTED),
    "temperature": Parameter(ParameterSupport.FORWARDED, "DeepSeek ignores it while the model thinks."),
    "top_p": Parameter(ParameterSupport.SUPPORTED),
    "frequency_penalty": Parameter(ParameterSupport.FORWARDED, "DeepSeek ignores it while the model thinks."),
    "presence_penalty": Parameter(ParameterSupport.FORWARDED, "DeepSeek ignores it while the model thinks."),
    "n": Parameter(ParameterSupport.GATEWAY, "Several calls are made."),
    "stop": Parameter(ParameterSupport.SUPPORTED),
    "stream": Parameter(ParameterSupport.SUPPORTED),
    "stream_options": Parameter(ParameterSupport.GATEWAY),
    "logprobs": Parameter(ParameterSupport.FORWARDED),
    "top_logprobs": Parameter(ParameterSupport.FORWARDED),
    "logit_bias": Parameter(ParameterSupport.UNSUPPORTED, neutral=({},), droppable=True),
    "seed": Parameter(ParameterSupport.DROPPED, "DeepSeek has no seed."),
    "response_format": Parameter(
        ParameterSupport.TRANSFORMED,
        "json_schema becomes JSON mode with the schema in an instruction; it is not enforced.",
    ),
    "tools": Parameter(
        ParameterSupport.SUPPORTED, "Custom tools become functions with one text; grammars are refused."
    ),
    "tool_choice": Parameter(ParameterSupport.TRANSFORMED, "allowed_tools leaves the other tools out."),
    "parallel_tool_calls": Parameter(ParameterSupport.GATEWAY, "With false, only the first call is passed on."),
    "functions": Parameter(ParameterSupport.TRANSFORMED, "Sent as tools."),
    "function_call": Parameter(ParameterSupport.TRANSFORMED, "Sent as tool_choice."),
    "reasoning_effort": Parameter(ParameterSupport.TRANSFORMED, "none switches thinking off."),
    "verbosity": Parameter(ParameterSupport.UNSUPPORTED, neutral=("medium",), droppable=True),
    "modalities": Parameter(ParameterSupport.UNSUPPORTED, "DeepSeek answers in text only.", neutral=(["text"],)),
    "audio": Parameter(ParameterSupport.UNSUPPORTED, "DeepSeek answers in text only."),
    "moderation": Parameter(ParameterSupport.UNSUPPORTED, "DeepSeek reports no moderation results."),
    "web_search_options": Parameter(
        ParameterSupport.UNSUPPORTED, "DeepSeek's chat completions have no web search.", droppable=True
    ),
    "user": Parameter(ParameterSupport.TRANSFORMED, "Sent as user_id where its characters allow."),
    "safety_identifier": Parameter(ParameterSupport.TRANSFORMED, "Sent as user_id where its characters allow."),
    "metadata": Parameter(ParameterSupport.DROPPED, _INERT, neutral=({},)),
    "store": Parameter(ParameterSupport.DROPPED, _INERT, neutral=(False,)),
    "service_tier": Parameter(ParameterSupport.DROPPED, "DeepSeek has one tier.", neutral=("auto", "default")),
    "prediction": Parameter(ParameterSupport.DROPPED, "It would only change the speed."),
    "prompt_cache_key": Parameter(ParameterSupport.DROPPED, "DeepSeek caches automatically."),
    "prompt_cache_retention": Parameter(ParameterSupport.DROPPED, "DeepSeek caches automatically."),
    "prompt_cache_options": Parameter(ParameterSupport.DROPPED, "DeepSeek caches automatically."),
    "provider_options": Parameter(
        ParameterSupport.TRANSFORMED, "provider_options.deepseek.thinking is sent as thinking."
    ),
}

SEARCH: dict[str, Parameter] = {
    "web_search_options": Parameter(ParameterSupport.SUPPORTED, "DeepSeek's own search, by its /responses endpoint."),
    "tools": Parameter(
        ParameterSupport.SUPPORTED, "Functions, custom tools as functions, and DeepSeek's own web search."
    ),
}
"""What differs in the Responses API."""
