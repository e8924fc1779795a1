"""Members of a request that a vendor does not know, by the words of its refusal → the request without them.

Some vendors that speak OpenAI's format refuse every member that is none of theirs, also in the history: what one vendor
has answered (thoughts, annotations, names) may not be sent to the next. Their refusals name the path, each in a
notation of its own: `messages[2].reasoning_content` at OpenAI and Fireworks, `messages.2.assistant.reasoning_content`
at Cerebras, a list of keys at Mistral and servers that check by Pydantic, two parts at Groq.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, Final

from unigate_core.json import Json
from unigate_formats.openai_passthrough.relaxed import Relaxed

_PATH: Final = r"[\w.\[\]]+"
_PATTERNS: Final = (
    re.compile(rf"Unknown parameter: '({_PATH})'"),
    re.compile(rf"property '({_PATH})' is unsupported"),
    re.compile(rf"({_PATH}): Extra inputs are not permitted"),
    re.compile(rf"Extra inputs are not permitted, field: '({_PATH})'"),
    re.compile(r"(messages[\w.\[\]]*\.(\w+)): \2 is not supported with this model"),
    re.compile(r"(?:Argument not supported on this model:|does not support parameter) ([A-Za-z_]+)"),
)
_BELOW: Final = re.compile(r"'(messages\.\d+)' : property '(\w+)' is unsupported")
_UNEXPECTED: Final = re.compile(r"\('(\w+)' was unexpected\) - '([\w.]+)'")
_SEVERAL: Final = re.compile(r"Unrecognized request arguments? supplied: ([\w, ]+)")
_FOR_ROLE: Final = re.compile(r"'role:\s?(\w+)'")
_TOKEN: Final = re.compile(r"\w+")
_CAPITAL: Final = re.compile(r"(?<=[a-z])([A-Z])")
_ROLES: Final = frozenset({"assistant", "developer", "function", "system", "tool", "user"})
_KEPT: Final = frozenset(
    {
        "arguments", "audio", "background", "call_id", "content", "conversation", "dimensions", "encoding_format",
        "file", "format", "function", "function_call", "functions", "id", "image", "image_url", "images", "input",
        "input_audio", "input_image", "input_schema", "instructions", "json_schema", "logprobs", "mask", "messages",
        "modalities", "model", "n", "output", "output_format", "parameters", "previous_response_id", "prompt",
        "response_format", "role", "schema", "size", "stop", "stream", "stream_format", "text", "tool_call_id",
        "tool_calls", "tool_choice", "tools", "top_logprobs", "type", "voice",
    }
)  # fmt: skip
"""What decides the answer or its form. It stays refused, unless it holds nothing."""
_MAX_PATHS: Final = 100
_LIMIT: Final = "max_completion_tokens"
_OLD_LIMIT: Final = "max_tokens"
LIMIT_RENAMED: Final = "max_tokens_renamed"


def without_unknown(body: Json, message: str) -> Relaxed | None:
    """The request without the members that the refusal names; None where it names none that can be left out.

    A member is left out wherever it stands, for the refusal may name the first only.
    """
    changes: Json = {}
    dropped: list[str] = []
    notes: list[str] = []
    role = match[1] if (match := _FOR_ROLE.search(message)) else ""
    for tokens in _named(message):
        top = tokens[0]
        value = changes.get(top, body.get(top))
        if value is None:
            continue
        if tokens == [_LIMIT] and _OLD_LIMIT not in body:
            changes |= {_LIMIT: None, _OLD_LIMIT: value}
            notes.append(LIMIT_RENAMED)
            continue
        left, paths = _left({top: value}, tokens, role, "")
        if paths:
            changes[top] = left.get(top)
            dropped += paths
    return Relaxed(changes, tuple(dict.fromkeys(dropped)), tuple(notes)) if changes else None


def _named(message: str) -> Iterator[list[str]]:
    """The paths that the refusal names, in pieces: keys, indexes, and types that stand between them."""
    found = [match[1] for pattern in _PATTERNS for match in pattern.finditer(message)]
    found += [f"{match[1]}.{match[2]}" for match in _BELOW.finditer(message)]
    found += [f"{match[2]}.{match[1]}" for match in _UNEXPECTED.finditer(message)]
    found += [name for match in _SEVERAL.finditer(message) for name in match[1].split(",")]
    for path in found[:_MAX_PATHS]:
        # xAI reports the names of its own code
        tokens = _TOKEN.findall(_CAPITAL.sub(r"_\1", path).lower() if path.isalpha() else path)
        tokens = tokens[1:] if tokens[:1] == ["body"] else tokens
        if tokens:
            yield tokens


def _left(node: Any, tokens: Sequence[str], role: str, path: str) -> tuple[Any, list[str]]:
    """The node without what the tokens lead to, and the paths of that; itself where nothing is left out."""
    if not tokens:
        return node, []
    if isinstance(node, list):
        below = next((i for i, token in enumerate(tokens) if token.isdecimal()), -1)
        made = [_left(item, tokens[below + 1 :], role, f"{path}[*]") for item in node]
        paths = [each for _, found in made for each in found]
        return [item for item, _ in made] if paths else node, paths
    if not isinstance(node, dict) or (role and node.get("role") in _ROLES and node["role"] != role):
        return node, []
    name, rest = tokens[0], tokens[1:]
    if name not in node:
        # the type of the node, between two keys
        return _left(node, rest, name if name in _ROLES else role, path)
    inner = f"{path}.{name}" if path else name
    if rest:
        left, paths = _left(node[name], rest, role, inner)
        return node | {name: left} if paths else node, paths
    if not _is_dispensable(node, name):
        return node, []
    return {key: value for key, value in node.items() if key != name}, [inner]


def _is_dispensable(node: Json, name: str) -> bool:
    # models that know no other form of an image must not get it
    if node[name] in (None, "", [], {}) or (name == "response_format" and node[name] == "b64_json"):
        return True
    # a speaker's name, not that of a tool
    return name not in _KEPT and (name != "name" or "role" in node)
