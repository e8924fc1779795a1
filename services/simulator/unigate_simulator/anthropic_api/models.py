"""`GET /models`, `GET /models/{id}`, https://docs.anthropic.com/en/api/models-list"""

import re
from dataclasses import dataclass
from typing import Final

from unigate_simulator.anthropic_api.errors import refuse
from unigate_simulator.wire import Call, Object, Reply, whole

_YES: Final[Object] = {"supported": True}
_FAMILIES: Final = re.compile(r"claude-(?!nonexistent)|sim")


@dataclass(frozen=True, slots=True)
class Model:
    id: str
    display_name: str
    created_at: str
    max_input_tokens: int
    max_tokens: int
    thinking: tuple[str, ...] = ("enabled",)
    effort: tuple[str, ...] = ()
    structured_outputs: bool = True


MODELS: Final = (
    Model(
        "claude-opus-4-8",
        "Claude Opus 4.8",
        "2026-05-28T00:00:00Z",
        1_000_000,
        128_000,
        ("adaptive",),
        ("low", "medium", "high", "xhigh", "max"),
    ),
    Model(
        "claude-sonnet-4-6",
        "Claude Sonnet 4.6",
        "2026-02-17T00:00:00Z",
        1_000_000,
        64_000,
        ("adaptive", "enabled"),
        ("low", "medium", "high", "max"),
    ),
    Model(
        "claude-opus-4-6",
        "Claude Opus 4.6",
        "2026-02-04T00:00:00Z",
        1_000_000,
        128_000,
        ("adaptive", "enabled"),
        ("low", "medium", "high", "max"),
    ),
    Model(
        "claude-opus-4-5-20251101",
        "Claude Opus 4.5",
        "2025-11-24T00:00:00Z",
        200_000,
        64_000,
        ("enabled",),
        ("low", "medium", "high"),
    ),
    Model("claude-haiku-4-5-20251001", "Claude Haiku 4.5", "2025-10-15T00:00:00Z", 200_000, 64_000),
    Model("claude-sonnet-4-5-20250929", "Claude Sonnet 4.5", "2025-09-29T00:00:00Z", 200_000, 64_000),
    Model(
        "claude-sonnet-4-20250514", "Claude Sonnet 4", "2025-05-22T00:00:00Z", 200_000, 64_000, structured_outputs=False
    ),
    Model(
        "claude-3-5-haiku-20241022",
        "Claude Haiku 3.5",
        "2024-10-22T00:00:00Z",
        200_000,
        8_192,
        (),
        structured_outputs=False,
    ),
)


def checked(name: str) -> Model:
    """The model, or the nearest of its family for names that are not listed. Refuses unknown ones."""
    if not _FAMILIES.match(name):
        raise refuse(f"model: {name}", 404)
    near = [model for model in MODELS if model.id == name or model.id.startswith(name) or name.startswith(model.id)]
    return (
        near[0]
        if near
        else Model(
            name,
            name,
            "1970-01-01T00:00:00Z",
            1_000_000,
            128_000,
            ("adaptive", "enabled"),
            ("low", "medium", "high", "xhigh", "max"),
        )
    )


def listed(call: Call) -> Reply:
    """One page; `limit` is 20 unless given, `after_id` starts the next one."""
    limit, after = int(call.query.get("limit", "20")), call.query.get("after_id")
    ids = [model.id for model in MODELS]
    start = ids.index(after) + 1 if after in ids else 0
    page = MODELS[start : start + limit]
    return whole(
        {
            "data": [_object(model) for model in page],
            "has_more": start + limit < len(MODELS),
            "first_id": page[0].id if page else None,
            "last_id": page[-1].id if page else None,
        }
    )


def retrieve(call: Call) -> Reply:
    name = call.path.removeprefix("models/")
    model = checked(name)
    return whole({**_object(model), "id": model.id if model in MODELS else name})


def _object(model: Model) -> Object:
    levels = {level: _support(level in model.effort) for level in ("low", "medium", "high", "xhigh", "max")}
    types = {kind: _support(kind in model.thinking) for kind in ("adaptive", "enabled")}
    strategies = ("clear_thinking_20251015", "clear_tool_uses_20250919", "compact_20260112")
    return {
        "type": "model",
        "id": model.id,
        "display_name": model.display_name,
        "created_at": model.created_at,
        "max_input_tokens": model.max_input_tokens,
        "max_tokens": model.max_tokens,
        "capabilities": {
            "batch": dict(_YES),
            "citations": dict(_YES),
            "code_execution": dict(_YES),
            "context_management": {"supported": True} | {name: dict(_YES) for name in strategies},
            "effort": {"supported": bool(model.effort)} | levels,
            "image_input": dict(_YES),
            "pdf_input": dict(_YES),
            "structured_outputs": _support(model.structured_outputs),
            "thinking": {"supported": bool(model.thinking), "types": types},
        },
    }


def _support(value: object) -> Object:
    return {"supported": bool(value)}
