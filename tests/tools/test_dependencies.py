"""What the services import beside what they say they need: an image holds the latter alone."""

import ast
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.metadata import files, packages_distributions
from pathlib import Path

import pytest

from tools.discovery import ROOT
from tools.locked import dependencies, direct

SERVICES = sorted(path.parent for path in ROOT.glob("services/*/pyproject.toml"))
PACKAGES = sorted(path.parent for path in ROOT.glob("packages/*/pyproject.toml"))
DISTRIBUTIONS = packages_distributions()

STANDARD = sys.stdlib_module_names | {"compression"}
"""Modules of Python's own, of the newest version too."""


def imported(folder: Path) -> Iterator[str]:
    """Yield the distributions that the code of a folder imports."""
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names = [node.module]
            for name in names:
                top = name.partition(".")[0]
                if top not in STANDARD and not top.startswith("unigate"):
                    yield distribution(name)


@cache
def distribution(module: str) -> str:
    """Return who ships a module; several may share a namespace."""
    candidates = set(DISTRIBUTIONS[module.partition(".")[0]])
    owners = [name for name in candidates if len(candidates) == 1 or ships(name, module.replace(".", "/"))]
    return min(owners, default=module).lower().replace("_", "-").replace(".", "-")


def ships(name: str, path: str) -> bool:
    """Tell whether a distribution has the file of a module."""
    return any(str(file).startswith((f"{path}.", f"{path}/__init__.")) for file in files(name) or ())


@pytest.mark.parametrize("service", SERVICES, ids=lambda path: path.name)
def test_every_import_is_a_stated_dependency(service: Path) -> None:
    assert set(imported(service)) - direct(service.name) == set()


@pytest.mark.parametrize("package", PACKAGES, ids=lambda path: path.name)
def test_every_import_of_a_package_is_its_own_dependency(package: Path) -> None:
    extras = tomllib.loads((package / "pyproject.toml").read_text())["project"].get("optional-dependencies", {})
    stated = {*dependencies(package), *(name for extra in extras for name in dependencies(package, extra))}
    assert set(imported(package)) - stated == set()
