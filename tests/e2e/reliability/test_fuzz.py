"""Whatever a client sends, it is told in OpenAI's words, at once, and never that the server is at fault."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from unigate_core.json import dumps

MODEL = "openai/gpt-4o"
SECRET = "sk-very-secret-0123456789"
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
TOOL = {"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}
REQUESTS: dict[str, dict[str, Any]] = {
    "/v1/chat/completions": {
        "model": MODEL,
        "messages": [
            {"role": "system", "content": "be brief"},
            {"role": "user", "content": [{"type": "text", "text": "hi"}]},
            {
                "role": "assistant",
                "tool_calls": [{"id": "1", "type": "function", "function": {"name": "f", "arguments": "{}"}}],
            },
            {"role": "tool", "tool_call_id": "1", "content": "x"},
        ],
        "tools": [TOOL],
        "stream": False,
        "temperature": 1,
        "response_format": {"type": "text"},
    },
    "/v1/responses": {
        "model": MODEL,
        "input": [{"role": "user", "content": [{"type": "input_text", "text": "hi"}]}],
        "previous_response_id": None,
        "store": True,
        "text": {"format": {"type": "text"}},
        "tools": [{"type": "function", "name": "f", "parameters": {}}],
    },
    "/v1/completions": {"model": MODEL, "prompt": ["hi"], "suffix": "!", "n": 2, "logprobs": 1, "stop": ["x"]},
    "/v1/embeddings": {"model": MODEL, "input": ["a", "b"], "dimensions": 3},
    "/v1/images/generations": {"model": MODEL, "prompt": "a cat", "n": 1},
    "/v1/audio/speech": {"model": MODEL, "input": "hi", "voice": "alloy"},
    "/v1/moderations": {"model": MODEL, "input": "hi"},
}
fuzzed = settings(max_examples=60, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The paths of everything inside a JSON value."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(found for key, each in inner for found in places(each, (*path, key)))]


def replaced(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    """The value with another one at a path."""
    if not path:
        return new
    changed = copy.deepcopy(value)
    parent = changed
    for step in path[:-1]:
        parent = parent[step]
    parent[path[-1]] = new
    return changed


def check(gate: Any, path: str, body: bytes, headers: dict[str, str] | None = None) -> None:
    """Send a body and judge the answer."""
    response = gate.client.post(path, content=body, headers={"content-type": "application/json"} | (headers or {}))
    assert response.status_code < 500, response.text
    assert response.headers["x-request-id"]
    if response.status_code >= 400:
        assert list(response.json()["error"]) == ["message", "type", "param", "code"]


@pytest.mark.parametrize("path", REQUESTS)
@fuzzed
@given(data=st.data())
def test_a_request_with_one_odd_place(gate: Any, path: str, data: st.DataObject) -> None:
    place = data.draw(st.sampled_from(places(REQUESTS[path])))
    check(gate, path, dumps(replaced(REQUESTS[path], place, data.draw(json_values))))


@pytest.mark.parametrize("path", REQUESTS)
@fuzzed
@given(value=json_values)
def test_any_json(gate: Any, path: str, value: Any) -> None:
    check(gate, path, dumps(value))


@pytest.mark.parametrize("path", [*REQUESTS, "/v1/audio/transcriptions", "/v1/images/edits"])
@fuzzed
@given(
    body=st.binary(max_size=200),
    kind=st.sampled_from(["application/json", "multipart/form-data; boundary=b", "x/y", ""]),
)
def test_any_bytes(gate: Any, path: str, body: bytes, kind: str) -> None:
    check(gate, path, body, {"content-type": kind})


@fuzzed
@given(
    name=st.sampled_from(
        ["idempotency-key", "authorization", "content-encoding", "x-client-request-id", "traceparent"]
    ),
    value=st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=600).map(str.strip),
)
def test_any_header(gate: Any, name: str, value: str) -> None:
    check(gate, "/v1/chat/completions", dumps(REQUESTS["/v1/chat/completions"]), {name: value})


@fuzzed
@given(rest=st.text(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="#?"), max_size=30))
def test_any_path(gate: Any, rest: str) -> None:
    for method in ("GET", "POST", "DELETE"):
        response = gate.client.request(method, f"/v1/{rest}")
        assert response.status_code < 500, response.text


@pytest.mark.parametrize("path", ["/v1/chat/completions", "/v1/responses"])
@fuzzed
@given(data=st.data())
def test_a_request_with_one_odd_place_for_every_provider(gate: Any, model: str, path: str, data: st.DataObject) -> None:
    request = REQUESTS[path] | {"model": model}
    place = data.draw(st.sampled_from([place for place in places(request) if place != ("model",)]))
    check(gate, path, dumps(replaced(request, place, data.draw(json_values))))


def test_no_key_reaches_a_log_or_a_metric(gate: Any, system: Any) -> None:
    headers = {"authorization": f"Bearer {SECRET}", "idempotency-key": SECRET, "content-type": "application/json"}
    for path, request in REQUESTS.items():
        for model in (MODEL, 1, "openai/sim-401", "openai/sim-500"):
            gate.client.post(path, content=dumps(request | {"model": model}), headers=headers)
    told = [gate.log(), gate.client.get(gate.metrics).text, *(system.log(name) for name in system.processes)]
    assert all(SECRET not in each for each in told)
