"""A provider's chat parameters → what becomes of the parameters of the Responses API."""

from __future__ import annotations

from collections.abc import Mapping

from unigate_formats.neutral.parameters import Parameter, Parameters, ParameterSupport

_AS_IN_CHAT: Mapping[str, str] = {
    "max_output_tokens": "max_completion_tokens",
    "parallel_tool_calls": "parallel_tool_calls",
    "prompt_cache_key": "prompt_cache_key",
    "prompt_cache_options": "prompt_cache_options",
    "prompt_cache_retention": "prompt_cache_retention",
    "reasoning": "reasoning_effort",
    "safety_identifier": "safety_identifier",
    "service_tier": "service_tier",
    "temperature": "temperature",
    "tool_choice": "tool_choice",
    "tools": "tools",
    "top_logprobs": "top_logprobs",
    "top_p": "top_p",
    "user": "user",
}
"""Responses parameter → chat parameter with the same meaning."""

_STATE = "Kept by the gateway for 30 days."


_OWN: Parameters = {
    "access_programs": Parameter(ParameterSupport.UNSUPPORTED, "Access programs exist at OpenAI only.", droppable=True),
    "background": Parameter(ParameterSupport.UNSUPPORTED, "Background responses are not supported.", neutral=(False,)),
    "background_options": Parameter(
        ParameterSupport.UNSUPPORTED, "Background responses are not supported.", droppable=True
    ),
    "context_management": Parameter(
        ParameterSupport.UNSUPPORTED, "Contexts are not compacted.", neutral=([],), droppable=True
    ),
    "conversation": Parameter(
        ParameterSupport.UNSUPPORTED, "Conversations exist at OpenAI only; use 'previous_response_id'."
    ),
    "image": Parameter(ParameterSupport.UNSUPPORTED, "Each image has its own detail.", droppable=True),
    "include": Parameter(ParameterSupport.GATEWAY, "Log probabilities only where the provider has them."),
    "input": Parameter(
        ParameterSupport.TRANSFORMED,
        "Messages, reasoning, calls and their outputs, images; items of OpenAI's own tools are refused.",
    ),
    "instructions": Parameter(ParameterSupport.TRANSFORMED, "The first system message."),
    "max_tool_calls": Parameter(ParameterSupport.TRANSFORMED, "The limit of web searches."),
    "metadata": Parameter(ParameterSupport.GATEWAY, "Kept with the response."),
    "model": Parameter(ParameterSupport.TRANSFORMED, "Without the provider's prefix."),
    "moderation": Parameter(
        ParameterSupport.UNSUPPORTED, "Moderation results come from OpenAI's own models.", droppable=True
    ),
    "previous_response_id": Parameter(ParameterSupport.GATEWAY, _STATE),
    "prompt": Parameter(ParameterSupport.UNSUPPORTED, "Prompt templates exist at OpenAI only."),
    "provider_options": Parameter(
        ParameterSupport.TRANSFORMED, "The provider's block is merged into its native request."
    ),
    "store": Parameter(ParameterSupport.GATEWAY, _STATE),
    "stream": Parameter(ParameterSupport.GATEWAY),
    "stream_options": Parameter(ParameterSupport.GATEWAY),
    "text": Parameter(ParameterSupport.TRANSFORMED, "The format as response_format of chat, verbosity as of chat."),
    "truncation": Parameter(
        ParameterSupport.UNSUPPORTED, "Inputs are not shortened.", neutral=("disabled",), droppable=True
    ),
}


def responses_parameters(chat: Parameters) -> Parameters:
    """What becomes of each parameter of a Responses request, for a provider with this chat table."""
    inherited = {name: chat[twin] for name, twin in _AS_IN_CHAT.items() if twin in chat}
    if "reasoning" in inherited:
        # Whether an effort is possible is decided where the effort stands.
        inherited["reasoning"] = Parameter(
            ParameterSupport.TRANSFORMED, "The effort as reasoning_effort of chat, summaries as thoughts."
        )
    return {**inherited, **_OWN}
