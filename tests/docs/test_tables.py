"""The generated tables say what the code does, and the tables know all of OpenAI's parameters."""

from __future__ import annotations

import pytest
from openai.types.chat.completion_create_params import CompletionCreateParamsBase
from openai.types.responses.response_create_params import ResponseCreateParamsBase

from tools.discovery import ROOT
from tools.tables import pages, providers
from unigate_adapter.capabilities import parameter_tables
from unigate_formats.neutral.operation import Operation

TRANSLATED = [p for p in providers() if dict(parameter_tables(p)).get(Operation.CHAT)]


def test_the_pages_are_in_step_with_the_code() -> None:
    for path, text in pages().items():
        assert path.read_text() == text, f"{path.relative_to(ROOT)} is stale: run `python -m tools.tables`"


@pytest.mark.parametrize("provider", TRANSLATED, ids=lambda provider: provider.name)
def test_every_chat_parameter_of_the_sdk_has_a_fate(provider: object) -> None:
    table = dict(parameter_tables(provider))[Operation.CHAT]  # type: ignore[arg-type]
    assert set(CompletionCreateParamsBase.__annotations__) - set(table) == set()


@pytest.mark.parametrize("provider", TRANSLATED, ids=lambda provider: provider.name)
def test_every_responses_parameter_of_the_sdk_has_a_fate(provider: object) -> None:
    table = dict(parameter_tables(provider))[Operation.RESPONSES]  # type: ignore[arg-type]
    assert set(ResponseCreateParamsBase.__annotations__) - set(table) == set()
