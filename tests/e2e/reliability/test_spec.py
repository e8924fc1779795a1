"""Requests made from OpenAI's own specification, where UNIGATE_OPENAI_SPEC names its file.

https://github.com/openai/openai-openapi
"""

from __future__ import annotations

import os
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from unigate_core.json import dumps

SPEC = os.environ.get("UNIGATE_OPENAI_SPEC", "")
MODELS = ("openai/gpt-4o", "anthropic/claude-sonnet-4-5", "gemini/gemini-2.5-flash", "deepseek/deepseek-chat")
PATHS = {
    "/chat/completions": MODELS,
    "/responses": MODELS,
    "/completions": MODELS,
    "/embeddings": MODELS[:1],
    "/images/generations": MODELS[:1],
    "/audio/speech": MODELS[:1],
    "/moderations": MODELS[:1],
}
pytestmark = pytest.mark.skipif(not SPEC, reason="UNIGATE_OPENAI_SPEC names no file")


@pytest.fixture(scope="module")
def spec() -> Any:
    """The specification."""
    return schemathesis.openapi.from_path(SPEC)


@pytest.mark.parametrize("path", PATHS)
def test_what_the_specification_allows_is_no_fault_of_the_server(gate: Any, spec: Any, path: str) -> None:
    @settings(max_examples=40, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(case=spec[path]["POST"].as_strategy(), model=st.sampled_from(PATHS[path]))
    def judge(case: Any, model: str) -> None:
        body = case.body | {"model": model} if isinstance(case.body, dict) else case.body
        try:
            content = dumps(body)
        except (ValueError, TypeError):
            return
        response = answer(gate, path, content)
        if response is not None and response.status_code != 200:
            assert response.status_code < 500, response.text
            assert list(response.json()["error"]) == ["message", "type", "param", "code"]

    judge()


def answer(gate: Any, path: str, content: bytes) -> httpx.Response | None:
    """The answer; None: it was media that broke off."""
    try:
        response: httpx.Response = gate.client.post(
            f"/v1{path}", content=content, headers={"content-type": "application/json"}
        )
    except httpx.RemoteProtocolError:
        return None
    return response
