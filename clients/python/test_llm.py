"""Simon Willison's `llm`, by its command line."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

MODEL = """- model_id: here
  model_name: {model}
  api_base: {url}/v1
  api_key_name: here
  supports_tools: true
  supports_schema: true
"""


@pytest.fixture
def run(url: str, key: str, model: str, tmp_path: Path) -> object:
    (tmp_path / "extra-openai-models.yaml").write_text(MODEL.format(model=model, url=url))

    def run(*arguments: str) -> str:
        command = [sys.executable, "-m", "llm", "-m", "here", "--key", key, "--no-log", *arguments]
        environment = {**os.environ, "LLM_USER_PATH": str(tmp_path)}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


def test_text(run: object, model: str) -> None:
    assert "Hello there" in run("--no-stream", "Hello there")  # type: ignore[operator]


def test_stream(run: object, model: str) -> None:
    assert "Hello there" in run("Hello there")  # type: ignore[operator]


def test_structured_output(run: object, model: str) -> None:
    assert '"name"' in run("--schema", "name, city", "Who?")  # type: ignore[operator]
