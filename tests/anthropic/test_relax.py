"""What is left out of a Messages request that a cloud refused."""

from __future__ import annotations

from typing import Any

import pytest

from unigate_core.errors import UpstreamError
from unigate_core.json import dumps, loads
from unigate_formats.anthropic_messages.relax import without_refused
from unigate_formats.neutral.native_api import NativeRequest

CACHED = {"type": "text", "text": "hi", "cache_control": {"type": "ephemeral", "scope": "global"}}
BODY: dict[str, Any] = {
    "model": "m", "max_tokens": 9, "thinking": {"type": "enabled", "budget_tokens": 1, "display": "omitted"},
    "messages": [{"role": "user", "content": [CACHED, {"type": "text", "text": "x"}]}],
    "tools": [{"name": "f", "defer_loading": True}, {"name": "g", "defer_loading": True}], "context_management": {},
    "output_config": {"format": {"type": "json_schema", "schema": {}}},
    "anthropic_beta": ["context-1m-2025-08-07", "x"],
}  # fmt: skip


def relaxed(message: str, body: dict[str, Any] | None = None, **headers: str) -> Any:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    request = NativeRequest("p", dumps(BODY if body is None else body), named)
    return without_refused(request, [UpstreamError(message, status=400, type="invalid_request_error")])


@pytest.mark.parametrize(
    ("path", "dropped"),
    [
        ("context_management", ["context_management"]),
        ("tools.0.custom.defer_loading", ["tools[0].defer_loading", "tools[1].defer_loading"]),
        ("thinking.enabled.display", ["thinking.display"]),
        (
            "messages.0.content.0.text.cache_control.ephemeral.scope",
            ["messages[0].content[0].cache_control.scope"],
        ),
    ],
)
def test_a_member_that_is_named_is_left_out_everywhere(path: str, dropped: list[str]) -> None:
    request, told = relaxed(f"{path}: Extra inputs are not permitted")
    assert list(told) == dropped
    left = loads(request.body)
    assert left.keys() == BODY.keys() - {path}
    assert path.rpartition(".")[2].encode() + b'":' not in request.body


@pytest.mark.parametrize(
    "message",
    [
        "messages: Extra inputs are not permitted",
        "output_config.format: Extra inputs are not permitted",
        "messages.0.content.0.text.text: Extra inputs are not permitted",
        "unknown: Extra inputs are not permitted",
        "tools.x.defer_loading: Extra inputs are not permitted",
        "tools.0: Extra inputs are not permitted",
        "max_tokens: Field required",
        "." * 500 + ": Extra inputs are not permitted",
    ],
)
def test_any_other_refusal_stays(message: str) -> None:
    assert relaxed(message) is None


def test_betas_that_bedrock_does_not_name_go_in_two_steps() -> None:
    refusal = "The model returned the following errors: invalid beta flag"
    request, told = relaxed(refusal)
    assert told == ("anthropic-beta.x",)
    assert loads(request.body)["anthropic_beta"] == ["context-1m-2025-08-07"]
    request, told = relaxed(refusal, loads(request.body))
    assert told == ("anthropic-beta.context-1m-2025-08-07",)
    assert "anthropic_beta" not in loads(request.body)
    assert relaxed(refusal, loads(request.body)) is None


def test_betas_that_vertex_names_leave_their_header() -> None:
    refusal = "Unexpected value(s) `a-1`, `c-3` for the `anthropic-beta` header. Please consult our documentation."
    request, told = relaxed(refusal, Anthropic_Beta="a-1, b-2,c-3", x_other="1")
    assert dict(request.headers) == {"Anthropic-Beta": "b-2", "x-other": "1"}
    assert told == ("anthropic-beta.a-1", "anthropic-beta.c-3")
    request, _ = relaxed(refusal, anthropic_beta="a-1,c-3")
    assert dict(request.headers) == {}
    assert relaxed(refusal, anthropic_beta="b-2") is None
