"""What becomes of each parameter of a chat request on its way to the Messages API.

https://docs.anthropic.com/en/api/messages
"""

from __future__ import annotations

from unigate_formats.neutral.parameters import Fate, Parameter, Parameters

PARAMETERS: Parameters = {
    "model": Parameter(Fate.SHAPED, "Without its prefix."),
    "messages": Parameter(Fate.SHAPED, "System messages at the head become `system`; results join the user's turn."),
    "max_completion_tokens": Parameter(Fate.HONOURED, "`max_tokens`; without it the model's own limit."),
    "max_tokens": Parameter(Fate.HONOURED, "`max_tokens`; without it the model's own limit."),
    "temperature": Parameter(Fate.FORWARDED, "From 0 to 1; more is refused, never scaled.", droppable=True),
    "top_p": Parameter(Fate.FORWARDED, "As it is; 1 beside a temperature is omitted.", droppable=True),
    "n": Parameter(Fate.GATEWAY, "Several calls, up to 8."),
    "stop": Parameter(Fate.SHAPED, "`stop_sequences`; a blank one is refused."),
    "stream": Parameter(Fate.HONOURED),
    "stream_options": Parameter(Fate.GATEWAY),
    "frequency_penalty": Parameter(Fate.REFUSED, neutral=(0,), droppable=True),
    "presence_penalty": Parameter(Fate.REFUSED, neutral=(0,), droppable=True),
    "logit_bias": Parameter(Fate.REFUSED, neutral=({},), droppable=True),
    "logprobs": Parameter(Fate.REFUSED, neutral=(False,)),
    "top_logprobs": Parameter(Fate.REFUSED, neutral=(0,)),
    "seed": Parameter(Fate.DROPPED, "Anthropic has no seed."),
    "response_format": Parameter(Fate.SHAPED, "`output_config.format`; json_object through a forced tool."),
    "tools": Parameter(Fate.SHAPED),
    "tool_choice": Parameter(Fate.SHAPED),
    "parallel_tool_calls": Parameter(Fate.SHAPED, "`disable_parallel_tool_use`."),
    "functions": Parameter(Fate.SHAPED, "As tools."),
    "function_call": Parameter(Fate.SHAPED, "As tool_choice."),
    "reasoning_effort": Parameter(Fate.SHAPED, "`output_config.effort`, or a thinking budget for older models."),
    "verbosity": Parameter(Fate.REFUSED, neutral=("medium",), droppable=True),
    "modalities": Parameter(Fate.REFUSED, "Anthropic answers in text only.", neutral=(["text"],)),
    "audio": Parameter(Fate.REFUSED, "Anthropic answers in text only."),
    "prediction": Parameter(Fate.DROPPED, "It would only save time."),
    "web_search_options": Parameter(Fate.SHAPED, "The server tool `web_search`; its context size is dropped."),
    "user": Parameter(Fate.SHAPED, "`metadata.user_id`."),
    "safety_identifier": Parameter(Fate.SHAPED, "`metadata.user_id`."),
    "metadata": Parameter(Fate.DROPPED, neutral=({},)),
    "store": Parameter(Fate.DROPPED, neutral=(False,)),
    "service_tier": Parameter(Fate.SHAPED, "auto and default; the others cannot be asked for."),
    "prompt_cache_key": Parameter(Fate.DROPPED),
    "prompt_cache_retention": Parameter(Fate.DROPPED),
    "prompt_cache_options": Parameter(Fate.DROPPED, neutral=({},)),
    "moderation": Parameter(Fate.REFUSED, "Its results could not be given."),
    "provider_options": Parameter(Fate.SHAPED, "`anthropic`: top_k, thinking, cache_control, inference_geo."),
}
