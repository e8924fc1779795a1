"""How chat parameters are supported by a model that takes text and nothing else: where a provider's table begins."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from unigate_formats.neutral.parameters import Parameter, Parameters, ParameterSupport

_INERT: Final = Parameter(ParameterSupport.DROPPED, "It does not change the answer.")
_TEXT_ONLY: Final = "The model's input and output are text only."
_NO_TOOLS: Final = "The model calls no tools."


def _sampling(*neutral: object) -> Parameter:
    return Parameter(ParameterSupport.UNSUPPORTED, neutral=neutral, droppable=True)


_TEXT_MODEL: Final[Mapping[str, Parameter]] = {
    "model": Parameter(ParameterSupport.TRANSFORMED, "The provider's prefix is removed."),
    "messages": Parameter(ParameterSupport.TRANSFORMED),
    "stream": Parameter(ParameterSupport.SUPPORTED),
    "stream_options": Parameter(ParameterSupport.GATEWAY),
    "n": Parameter(ParameterSupport.GATEWAY, "Several calls are made."),
    "provider_options": Parameter(ParameterSupport.TRANSFORMED),
    "temperature": _sampling(1),
    "top_p": _sampling(1),
    "frequency_penalty": _sampling(0),
    "presence_penalty": _sampling(0),
    "logit_bias": _sampling({}),
    "verbosity": _sampling("medium"),
    "reasoning_effort": _sampling("none"),
    "max_tokens": Parameter(ParameterSupport.UNSUPPORTED, droppable=True),
    "max_completion_tokens": Parameter(ParameterSupport.UNSUPPORTED, droppable=True),
    "stop": Parameter(ParameterSupport.UNSUPPORTED, neutral=([],)),
    "logprobs": Parameter(ParameterSupport.UNSUPPORTED, neutral=(False,)),
    "top_logprobs": Parameter(ParameterSupport.UNSUPPORTED, neutral=(0,)),
    "response_format": Parameter(ParameterSupport.UNSUPPORTED, neutral=({"type": "text"},)),
    "tools": Parameter(ParameterSupport.UNSUPPORTED, _NO_TOOLS, neutral=([],)),
    "tool_choice": Parameter(ParameterSupport.UNSUPPORTED, _NO_TOOLS, neutral=("none", "auto")),
    "functions": Parameter(ParameterSupport.UNSUPPORTED, _NO_TOOLS, neutral=([],)),
    "function_call": Parameter(ParameterSupport.UNSUPPORTED, _NO_TOOLS, neutral=("none", "auto")),
    "parallel_tool_calls": _INERT,
    "modalities": Parameter(ParameterSupport.UNSUPPORTED, _TEXT_ONLY, neutral=(["text"],)),
    "audio": Parameter(ParameterSupport.UNSUPPORTED, _TEXT_ONLY),
    "moderation": Parameter(ParameterSupport.UNSUPPORTED, "There are no moderation results."),
    "web_search_options": Parameter(ParameterSupport.UNSUPPORTED, "The model does not search."),
    "seed": _INERT,
    "user": _INERT,
    "safety_identifier": _INERT,
    "metadata": _INERT,
    "store": _INERT,
    "service_tier": _INERT,
    "prediction": _INERT,
    "prompt_cache_key": _INERT,
    "prompt_cache_retention": _INERT,
    "prompt_cache_options": _INERT,
}


def text_model(known: Parameters) -> dict[str, Parameter]:
    """A table for a model of text: all of OpenAI's chat parameters, `known` in place of what stands here."""
    return {**_TEXT_MODEL, **known}
