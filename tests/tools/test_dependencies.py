"""What the services import beside what they say they need: an image holds the latter alone."""

import ast
import sys
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from tools.discovery import ROOT
from tools.locked import direct

SERVICES = sorted(path.parent for path in ROOT.glob("services/*/pyproject.toml"))
DISTRIBUTIONS = packages_distributions()


def imported(folder: Path) -> Iterator[str]:
    """Yield the distributions that the code of a folder imports."""
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names = [node.module]
            for name in names:
                top = name.partition(".")[0]
                if top not in sys.stdlib_module_names and not top.startswith("unigate"):
                    yield distribution(name)


def distribution(module: str) -> str:
    """Return who ships a module: the only one, or of several the one that bears its name."""
    candidates = [name.lower().replace("_", "-") for name in set(DISTRIBUTIONS[module.partition(".")[0]])]
    return max(candidates, key=lambda name: (len(candidates) == 1, len(common(name, module.replace(".", "-")))))


def common(name: str, module: str) -> list[str]:
    """Return the words that a distribution and a module share."""
    return [word for word in name.split("-") if word in module.replace("_", "-").split("-")]


@pytest.mark.parametrize("service", SERVICES, ids=lambda path: path.name)
def test_every_import_is_a_stated_dependency(service: Path) -> None:
    assert set(imported(service)) - direct(service.name) == set()
