"""Unmodified clients against a running gateway, whose address `tools.with_gateway` puts into the environment.

A test is called `test_<feature>`, its module `test_<client>`; it runs for the models of all providers. What came out is
written to the file that CLIENTS_RESULTS names, for the page docs/clients.md.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

URL = os.environ["UNIGATE_URL"]
MODELS = os.environ["UNIGATE_MODELS"].split()
KEY = "none-needed"
RESULTS: dict[str, dict[str, dict[str, str]]] = {}


@pytest.fixture
def url() -> str:
    """The gateway's base URL."""
    return URL


@pytest.fixture
def key() -> str:
    """A key; the gateway asks for none here."""
    return KEY


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Tests that ask for a model run for one of each provider."""
    if "model" in metafunc.fixturenames:
        metafunc.parametrize("model", MODELS)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: Any) -> Any:
    """Take down the outcome of each test."""
    report = yield
    model = getattr(item, "callspec", None) and item.callspec.params.get("model")  # type: ignore[attr-defined]
    if model and (report.when == "call" or report.skipped):
        client = item.path.stem.removeprefix("test_")
        feature = item.originalname.removeprefix("test_")  # type: ignore[attr-defined]
        outcome = {"passed": "yes", "failed": "no", "skipped": "–"}[report.outcome]
        row = RESULTS.setdefault(client, {}).setdefault(feature, {})
        provider = model.partition("/")[0]
        # a feature works where it works by all of a client's ways
        row[provider] = "no" if "no" in (outcome, row.get(provider)) else outcome
    return report


def pytest_sessionfinish() -> None:
    """Write what came out."""
    if "CLIENTS_RESULTS" in os.environ:
        Path(os.environ["CLIENTS_RESULTS"]).write_text(json.dumps(RESULTS, indent=1), encoding="utf-8")
