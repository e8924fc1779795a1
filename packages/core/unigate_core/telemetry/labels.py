"""Values of metric labels, kept to bounded sets; names of OpenTelemetry's conventions for generative AI.

https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-metrics/
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from unigate_core.errors import GatewayError

OTHER = "other"
NONE = "none"
"""What there was none of: no model, no provider, no key."""
_DATE = re.compile(r"-20\d{6}$")
CANCELLED = "cancelled"

SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 40, 80, 160, 320, 600)
OVERHEAD_SECONDS = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1)
TOKEN_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.5, 1, 2.5)
TOKENS = (1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304)

GEN_AI_LABELS = ("gen_ai_operation_name", "gen_ai_provider_name", "gen_ai_request_model", "provider")
"""The conventions' labels, and the provider's name in the gateway's configuration beside them."""

_GEN_AI_PROVIDERS: Mapping[str, str] = {
    "azure": "azure.ai.openai",
    "bedrock": "aws.bedrock",
    "vertex": "gcp.vertex_ai",
    "gemini": "gcp.gemini",
    "mistral": "mistral_ai",
}
# a response is a chat to the conventions: they know no name of its own for it
_GEN_AI_OPERATIONS: Mapping[str, str] = {"completions": "text_completion", "responses": "chat"}

_CODES = frozenset({
    "client_credentials_not_allowed", "content_filter", "context_length_exceeded", "failed_to_download_image",
    "image_too_large", "insufficient_quota", "invalid_api_key", "invalid_image_format", "invalid_image_url",
    "invalid_json", "invalid_multipart", "invalid_type", "invalid_value", "item_not_found",
    "missing_required_parameter", "model_not_found", "moderation_blocked", "overloaded", "permission_denied",
    "previous_response_not_found", "provider_unavailable", "rate_limit_exceeded", "request_too_large",
    "state_unavailable", "string_above_max_length", "timeout", "unknown_parameter", "unsupported_content_encoding",
    "unsupported_content_type", "unsupported_endpoint", "unsupported_file_mimetype", "unsupported_parameter",
    "unsupported_value", "upstream_auth_error", "upstream_idle_timeout", "upstream_no_content", "upstream_protocol",
    "upstream_timeout", "upstream_truncated", "upstream_unreachable",
})  # fmt: skip
_TYPES = frozenset({
    "authentication_error", "invalid_request_error", "overloaded_error", "permission_error", "rate_limit_error",
    "server_error",
})  # fmt: skip


def gen_ai_provider(provider: str) -> str:
    """`gen_ai.provider.name` of a provider."""
    return _GEN_AI_PROVIDERS.get(provider, provider)


def gen_ai_operation(operation: str) -> str:
    """`gen_ai.operation.name` of an operation."""
    return _GEN_AI_OPERATIONS.get(operation, operation)


def error_label(code: str, type_: str = "") -> str:
    """A code of ours, else a type of OpenAI's; vendors make up codes, and those are all `other`."""
    if code in _CODES:
        return code
    return type_ if type_ in _TYPES else OTHER


def error_type(error: GatewayError | None) -> str:
    """`error.type`; empty when there is no error."""
    return "" if error is None else error_label(error.code or "", error.type)


def with_alias_names(names: Iterable[str]) -> frozenset[str]:
    """Names of models, and those by which vendors that list dated ones alone know the newest of each."""
    listed = list(names)
    return frozenset((*listed, *map(without_date, listed)))


def without_date(name: str) -> str:
    """A model's name without the date of its version."""
    return _DATE.sub("", name)


class BoundedLabel:
    """The first values seen, up to a number; whatever comes later is `other`."""

    def __init__(self, limit: int = 100) -> None:
        self._limit = limit
        self._seen: set[str] = set()

    def __call__(self, value: str) -> str:
        """The value, or `other`."""
        if value in self._seen:
            return value
        if len(self._seen) >= self._limit:
            return OTHER
        self._seen.add(value)
        return value
