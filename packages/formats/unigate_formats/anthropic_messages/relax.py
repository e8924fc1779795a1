"""A Messages request that a cloud refused for what only Anthropic itself takes → one without it.

Bedrock, Vertex and Azure host older or narrower versions of the API, and each in its own time: Claude Code's betas and
members reach them before they are known there. The refusal names them.

https://docs.anthropic.com/en/api/claude-on-amazon-bedrock
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

from msgspec.structs import replace

from unigate_core.errors import GatewayError
from unigate_core.json import Json, dumps, loads_object
from unigate_formats.neutral.native_api import NativeRequest
from unigate_formats.neutral.output_limit import MAX_MESSAGE

BETA: Final = "anthropic-beta"
_BODY_BETA: Final = "anthropic_beta"
_EXTRA: Final = re.compile(r"([a-z0-9_.]{1,200}): Extra inputs are not permitted")
_BETAS: Final = re.compile(r"Unexpected value\(s\) (.{1,500}) for the `anthropic-beta` header")
_QUOTED: Final = re.compile(r"`([^`]+)`")
_KEPT: Final = frozenset(
    {
        "anthropic_version", "content", "format", "id", "input", "input_schema", "max_tokens", "messages", "model",
        "name", "output_format", "role", "source", "stream", "system", "text", "tool_choice", "tool_use_id",
        "tools", "type",
    }
)  # fmt: skip
"""What a request is, or what decides the form of its answer: never taken out."""
_BEDROCK_BETAS: Final = frozenset(
    {
        "computer-use-2024-10-22", "computer-use-2025-01-24", "context-1m-2025-08-07", "context-management-2025-06-27",
        "dev-full-thinking-2025-05-14", "effort-2025-11-24", "interleaved-thinking-2025-05-14",
        "output-128k-2025-02-19", "token-efficient-tools-2025-02-19", "tool-examples-2025-10-29",
        "tool-search-tool-2025-10-19",
    }
)  # fmt: skip
"""https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-anthropic-claude-messages-request-response.html"""


def without_refused(
    request: NativeRequest, errors: Sequence[GatewayError]
) -> tuple[NativeRequest, tuple[str, ...]] | None:
    """The request and the paths of what is no longer in it; None where nothing is known that would help."""
    try:
        body = loads_object(request.body)
    except ValueError:
        return None
    headers, in_headers, in_body = dict(request.headers), list[str](), list[str]()
    for error in errors:
        message = error.message[:MAX_MESSAGE]
        if match := _BETAS.search(message):
            in_headers += _drop_header_betas(headers, _QUOTED.findall(match[1]))
        else:
            in_body += _drop_body_betas(body) if "invalid beta flag" in message else drop_extra(body, message)
    if not in_headers and not in_body:
        return None
    left = replace(request, headers=headers, body=dumps(body) if in_body else request.body)
    return left, (*in_headers, *in_body)


def names_extra(message: str) -> bool:
    """Whether a refusal names a member that `drop_extra` might take out."""
    return _EXTRA.search(message[:MAX_MESSAGE]) is not None


def drop_extra(body: Json, message: str) -> list[str]:
    """Take out of the body the member that a refusal names, in all elements of a list; returns the paths.

    The refusal names the kinds of things, too: `tools.0.custom.defer_loading` is `tools[0].defer_loading`.
    """
    match = _EXTRA.search(message[:MAX_MESSAGE])
    segments = match[1].split(".") if match else []
    if not segments or segments[-1] in _KEPT:
        return []
    return _drop(body, segments, "")


def _drop(node: Any, segments: Sequence[str], path: str) -> list[str]:
    name, rest = segments[0], segments[1:]
    if isinstance(node, list):
        if not name.isdecimal() or not rest:
            return []
        return [dropped for i, each in enumerate(node) for dropped in _drop(each, rest, f"{path}[{i}]")]
    if not isinstance(node, dict):
        return []
    inner = f"{path}.{name}" if path else name
    if not rest:
        return [inner] if node.pop(name, None) is not None else []
    child = node.get(name)
    return _drop(child, rest, inner) if isinstance(child, dict | list) else _drop(node, rest, path)


def _drop_body_betas(body: Json) -> list[str]:
    """Bedrock does not name the beta that it refuses: first go those that are not listed for it, then all."""
    asked = body.get(_BODY_BETA)
    if not isinstance(asked, list) or not asked:
        return []
    listed = [beta for beta in asked if beta in _BEDROCK_BETAS]
    kept = listed if len(listed) < len(asked) else []
    body[_BODY_BETA] = kept
    if not kept:
        del body[_BODY_BETA]
    return [f"{BETA}.{beta}" for beta in asked if beta not in kept]


def _drop_header_betas(headers: dict[str, str], named: Sequence[str]) -> list[str]:
    dropped: list[str] = []
    for header in [header for header in headers if header.lower() == BETA]:
        betas = [beta.strip() for beta in headers.pop(header).split(",")]
        dropped += [f"{BETA}.{beta}" for beta in betas if beta in named]
        if kept := [beta for beta in betas if beta and beta not in named]:
            headers[header] = ",".join(kept)
    return dropped
