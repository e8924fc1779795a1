"""Vendors that speak OpenAI's format, by name: address, customary key variable, and where each departs from the format.

An operator names the preset and a key; whatever is set beside it goes first.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from unigate_adapter.openai_compatible import Quirks


class Preset(msgspec.Struct, frozen=True, kw_only=True):
    """A vendor. `key_variable` is None where it asks for no key; `docs` is where its quirks are documented.

    `base_url` is empty where every account has an address of its own. `base_url_variable` is where `make up` looks for
    another address, None: `<NAME>_BASE_URL`.
    """

    base_url: str
    key_variable: str | None
    docs: str
    quirks: Quirks = Quirks()
    base_url_variable: str | None = None


_MAX_TOKENS: Mapping[str, str] = {"max_completion_tokens": "max_tokens"}
_SYSTEM: Mapping[str, str] = {"developer": "system"}
_NOT_STORED = ("store", "metadata")
_CHAT_ONLY = ("chat/completions",)
_LOCAL = Quirks(roles=_SYSTEM, rename=_MAX_TOKENS)
_HOSTED = Quirks(roles=_SYSTEM, rename=_MAX_TOKENS, drop=_NOT_STORED)
_HOSTED_CHAT = Quirks(roles=_SYSTEM, rename=_MAX_TOKENS, drop=_NOT_STORED, operations=_CHAT_ONLY)

PRESETS: Mapping[str, Preset] = {
    "bedrock-mantle": Preset(
        base_url="",
        key_variable="AWS_BEARER_TOKEN_BEDROCK",
        docs="https://docs.aws.amazon.com/bedrock/latest/userguide/bedrock-mantle.html",
        quirks=Quirks(operations=("chat/completions", "responses")),
        base_url_variable="BEDROCK_MANTLE_BASE_URL",
    ),
    "cerebras": Preset(
        base_url="https://api.cerebras.ai/v1",
        key_variable="CEREBRAS_API_KEY",
        docs="https://inference-docs.cerebras.ai/api-reference/chat-completions",
        quirks=Quirks(
            roles=_SYSTEM,
            drop=("frequency_penalty", "presence_penalty", "logit_bias", *_NOT_STORED),
            operations=_CHAT_ONLY,
        ),
    ),
    "crusoe": Preset(
        base_url="https://api.inference.crusoecloud.com/v1",
        key_variable="CRUSOE_API_KEY",
        docs="https://docs.crusoecloud.com/managed-inference/overview",
        quirks=_HOSTED_CHAT,
    ),
    "fireworks": Preset(
        base_url="https://api.fireworks.ai/inference/v1",
        key_variable="FIREWORKS_API_KEY",
        docs="https://docs.fireworks.ai/api-reference/post-chatcompletions",
        quirks=_HOSTED,
    ),
    "groq": Preset(
        base_url="https://api.groq.com/openai/v1",
        key_variable="GROQ_API_KEY",
        docs="https://console.groq.com/docs/openai",
        quirks=Quirks(roles=_SYSTEM, drop=("logit_bias", "logprobs", "top_logprobs", *_NOT_STORED), completions=False),
    ),
    "llamacpp": Preset(
        base_url="http://127.0.0.1:8080/v1",
        key_variable=None,
        docs="https://github.com/ggml-org/llama.cpp/tree/master/tools/server",
        quirks=_LOCAL,
    ),
    "lmstudio": Preset(
        base_url="http://127.0.0.1:1234/v1",
        key_variable=None,
        docs="https://lmstudio.ai/docs/app/api/endpoints/openai",
        quirks=_LOCAL,
    ),
    "mistral": Preset(
        base_url="https://api.mistral.ai/v1",
        key_variable="MISTRAL_API_KEY",
        docs="https://docs.mistral.ai/api",
        quirks=Quirks(
            roles=_SYSTEM,
            rename={**_MAX_TOKENS, "seed": "random_seed"},
            drop=(
                "logit_bias",
                "logprobs",
                "top_logprobs",
                "user",
                "safety_identifier",
                "service_tier",
                "store",
                "stream_options",
                "verbosity",
            ),
            stream_options=False,
            completions=False,
        ),
    ),
    "moonshot": Preset(
        base_url="https://api.moonshot.ai/v1",
        key_variable="MOONSHOT_API_KEY",
        docs="https://platform.moonshot.ai/docs/api/chat",
        quirks=_HOSTED_CHAT,
    ),
    "nvidia": Preset(
        base_url="https://integrate.api.nvidia.com/v1",
        key_variable="NVIDIA_API_KEY",
        docs="https://docs.api.nvidia.com/nim/reference/llm-apis",
        quirks=_HOSTED,
    ),
    "ollama": Preset(
        base_url="http://127.0.0.1:11434/v1",
        key_variable=None,
        docs="https://docs.ollama.com/api/openai-compatibility",
        quirks=_LOCAL,
    ),
    "openrouter": Preset(
        base_url="https://openrouter.ai/api/v1",
        key_variable="OPENROUTER_API_KEY",
        docs="https://openrouter.ai/docs/api-reference/overview",
    ),
    "perplexity": Preset(
        base_url="https://api.perplexity.ai",
        key_variable="PERPLEXITY_API_KEY",
        docs="https://docs.perplexity.ai/api-reference/chat-completions-post",
        quirks=Quirks(roles=_SYSTEM, rename=_MAX_TOKENS, drop=_NOT_STORED, operations=_CHAT_ONLY, version=""),
    ),
    "together": Preset(
        base_url="https://api.together.xyz/v1",
        key_variable="TOGETHER_API_KEY",
        docs="https://docs.together.ai/docs/openai-api-compatibility",
        quirks=_HOSTED,
    ),
    "vllm": Preset(
        base_url="http://127.0.0.1:8000/v1",
        key_variable=None,
        docs="https://docs.vllm.ai/en/latest/serving/openai_compatible_server.html",
        quirks=Quirks(roles=_SYSTEM),
    ),
    "xai": Preset(
        base_url="https://api.x.ai/v1",
        key_variable="XAI_API_KEY",
        docs="https://docs.x.ai/docs/api-reference",
        quirks=Quirks(drop=("logit_bias", *_NOT_STORED)),
    ),
    "zai": Preset(
        base_url="https://api.z.ai/api/paas/v4",
        key_variable="ZAI_API_KEY",
        docs="https://docs.z.ai/api-reference/llm/chat-completion",
        quirks=Quirks(
            roles=_SYSTEM,
            rename=_MAX_TOKENS,
            drop=("frequency_penalty", "presence_penalty", "logit_bias", *_NOT_STORED),
            operations=_CHAT_ONLY,
        ),
    ),
}
"""By the name of the provider that it makes."""
