"""The guide to another client API, followed word for word: what comes of it passes the checks and answers."""

from __future__ import annotations

from pathlib import Path

from tools.guides import copy_repository, follow, run

GUIDE = Path(__file__).parents[2] / "docs" / "adding-a-client-api.md"
TOUCHED = ("packages/core", "packages/formats", "services/edge", "tests/conformance/test_quill.py")


# one test, for workers of pytest-xdist would each make a copy for a part of several
def test_what_the_guide_makes_passes_the_checks(tmp_path: Path) -> None:
    folder = tmp_path / "unigate"
    copy_repository(folder)
    follow(GUIDE, folder)
    run(folder, "python", "-m", "tools.proto")
    run(folder, "ruff", "check", ".")
    run(folder, "ruff", "format", "--check", *TOUCHED)
    run(folder, "buf", "lint", "proto")
    run(folder, "mypy", *TOUCHED)
    run(folder, "python", "-m", "tools.import_rules")
    tests = ("tests/conformance/test_quill.py", "tests/edge/test_openapi.py", "tests/edge/test_client_apis.py")
    run(folder, "python", "-m", "pytest", "-q", "-p", "no:cacheprovider", *tests)
