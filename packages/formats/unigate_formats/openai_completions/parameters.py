"""A provider's chat parameters → what becomes of the parameters of a completion."""

from __future__ import annotations

from msgspec.structs import replace

from unigate_formats.neutral.parameters import Parameter, Parameters, ParameterSupport

_AS_IN_CHAT = (
    "frequency_penalty", "logit_bias", "logprobs", "presence_penalty", "seed", "stop", "temperature", "top_p", "user",
)  # fmt: skip
"""OpenAI's completions have no others of a chat's parameters, and the types of those are not checked."""

_OWN: Parameters = {
    "best_of": Parameter(ParameterSupport.DROPPED, "No more answers are made than are given.", neutral=(1,)),
    "model": Parameter(ParameterSupport.TRANSFORMED, "The provider's prefix is removed."),
    "n": Parameter(ParameterSupport.GATEWAY, "Several calls are made where the vendor gives one answer."),
    "provider_options": Parameter(ParameterSupport.TRANSFORMED),
    "stream": Parameter(ParameterSupport.SUPPORTED),
    "stream_options": Parameter(ParameterSupport.GATEWAY),
    "echo": Parameter(ParameterSupport.GATEWAY, "Without log probabilities, which the prompt has none of."),
    "prompt": Parameter(ParameterSupport.TRANSFORMED, "A message of the user; several prompts are several calls."),
    "suffix": Parameter(ParameterSupport.TRANSFORMED, "The model is asked to write what stands before it."),
}


def completions_parameters(chat: Parameters) -> Parameters:
    """What becomes of each parameter of a completion, for a provider with this chat table."""
    inherited = {name: chat[name] for name in _AS_IN_CHAT if name in chat}
    if "max_completion_tokens" in chat:
        inherited["max_tokens"] = chat["max_completion_tokens"]
    if "logprobs" in inherited:
        # a number here: 0 asks for the log probabilities of the answer's own tokens
        inherited["logprobs"] = replace(inherited["logprobs"], neutral=())
    return {**inherited, **_OWN}
