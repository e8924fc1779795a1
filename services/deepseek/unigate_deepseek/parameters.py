"""What becomes of each chat parameter at DeepSeek. https://api-docs.deepseek.com/api/create-chat-completion"""

from __future__ import annotations

from unigate_formats.neutral.parameters import Fate, Parameter

_INERT = "DeepSeek has no such field; the answer does not change."

PARAMETERS: dict[str, Parameter] = {
    "model": Parameter(Fate.SHAPED, "The provider's prefix is removed."),
    "messages": Parameter(Fate.SHAPED, "The developer role becomes system; earlier reasoning is put back in place."),
    "max_completion_tokens": Parameter(Fate.SHAPED, "Sent as max_tokens; reasoning counts in it."),
    "max_tokens": Parameter(Fate.HONOURED),
    "temperature": Parameter(Fate.FORWARDED, "DeepSeek ignores it while the model thinks."),
    "top_p": Parameter(Fate.HONOURED),
    "frequency_penalty": Parameter(Fate.FORWARDED, "DeepSeek ignores it while the model thinks."),
    "presence_penalty": Parameter(Fate.FORWARDED, "DeepSeek ignores it while the model thinks."),
    "n": Parameter(Fate.GATEWAY, "Several calls are made."),
    "stop": Parameter(Fate.HONOURED),
    "stream": Parameter(Fate.HONOURED),
    "stream_options": Parameter(Fate.GATEWAY),
    "logprobs": Parameter(Fate.FORWARDED),
    "top_logprobs": Parameter(Fate.FORWARDED),
    "logit_bias": Parameter(Fate.REFUSED, neutral=({},), droppable=True),
    "seed": Parameter(Fate.DROPPED, "DeepSeek has no seed."),
    "response_format": Parameter(
        Fate.SHAPED, "json_schema becomes JSON mode with the schema told to the model; it is not enforced."
    ),
    "tools": Parameter(Fate.HONOURED, "Custom tools become functions with one text; grammars are refused."),
    "tool_choice": Parameter(Fate.SHAPED, "allowed_tools leaves the other tools out."),
    "parallel_tool_calls": Parameter(Fate.GATEWAY, "With false only the first call is handed on."),
    "functions": Parameter(Fate.SHAPED, "Sent as tools."),
    "function_call": Parameter(Fate.SHAPED, "Sent as tool_choice."),
    "reasoning_effort": Parameter(Fate.SHAPED, "none switches thinking off."),
    "verbosity": Parameter(Fate.REFUSED, neutral=("medium",), droppable=True),
    "modalities": Parameter(Fate.REFUSED, "DeepSeek answers in text only.", neutral=(["text"],)),
    "audio": Parameter(Fate.REFUSED, "DeepSeek answers in text only."),
    "moderation": Parameter(Fate.REFUSED, "DeepSeek reports no moderation results."),
    "web_search_options": Parameter(Fate.REFUSED, "DeepSeek's chat completions do not search."),
    "user": Parameter(Fate.SHAPED, "Sent as user_id where its characters allow."),
    "safety_identifier": Parameter(Fate.SHAPED, "Sent as user_id where its characters allow."),
    "metadata": Parameter(Fate.DROPPED, _INERT, neutral=({},)),
    "store": Parameter(Fate.DROPPED, _INERT, neutral=(False,)),
    "service_tier": Parameter(Fate.DROPPED, "DeepSeek has one tier.", neutral=("auto", "default")),
    "prediction": Parameter(Fate.DROPPED, "It would only change the speed."),
    "prompt_cache_key": Parameter(Fate.DROPPED, "DeepSeek caches by itself."),
    "prompt_cache_retention": Parameter(Fate.DROPPED, "DeepSeek caches by itself."),
    "prompt_cache_options": Parameter(Fate.DROPPED, "DeepSeek caches by itself."),
    "provider_options": Parameter(Fate.SHAPED, "provider_options.deepseek.thinking is sent as thinking."),
}

SEARCH: dict[str, Parameter] = {
    "web_search_options": Parameter(Fate.HONOURED, "DeepSeek's own search, by its /responses endpoint."),
    "tools": Parameter(Fate.HONOURED, "Functions, custom tools as functions, and DeepSeek's own web search."),
}
"""What differs in the Responses API."""
