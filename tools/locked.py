"""requirements/runtime.txt, one service -> the pins that this service needs, hashes included, for its image.

`python -m tools.locked edge` prints them, `python -m tools.locked --packages edge` the folders of our own packages that
it needs. Who needs what is read from the `# via` notes of the lock itself.
"""

import re
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

from tools.discovery import ROOT

OURS = "unigate-"
PACKAGES = ROOT / "packages"


@dataclass(frozen=True, slots=True)
class Pin:
    """A package of the lock. Several pins may share a name, each for other versions of Python."""

    name: str
    text: str
    needed_by: frozenset[str]


def pins(lock: str) -> list[Pin]:
    """Return the packages of a lock file."""
    blocks = re.split(r"\n(?=[a-z0-9])", re.sub(r"\A(#.*\n)+", "", lock).rstrip())
    return [pin(block) for block in blocks]


def pin(block: str) -> Pin:
    """Return the package that some lines of a lock file pin."""
    name = re.match(r"[a-z0-9-]+", block)
    if name is None:
        raise ValueError(f"no package in {block!r}")
    notes = re.findall(r"^    #(?: via)?(?: +(\S.*))?$", block, re.MULTILINE)
    text = "\n".join(line for line in block.splitlines() if not line.startswith("    #"))
    return Pin(name.group(), text, frozenset(filter(None, notes)))


def direct(service: str) -> set[str]:
    """Return the packages of others that a service and our packages below it name in their pyproject.toml."""
    return {name for name in closure_of(service) if not name.startswith(OURS)}


def own_packages(service: str) -> list[Path]:
    """Return the folders of our own packages that a service needs, by name."""
    return sorted(PACKAGES / name.removeprefix(OURS) for name in closure_of(service) if name.startswith(OURS))


def closure_of(service: str) -> set[str]:
    """Return all that a service names, and all that our packages among them name in turn."""
    found: set[str] = set()
    waiting = dependencies(ROOT / "services" / service)
    while waiting:
        name, _, extra = waiting.pop().rstrip("]").partition("[")
        if name.startswith(OURS) and (name not in found or extra):
            waiting += dependencies(PACKAGES / name.removeprefix(OURS), extra)
        found.add(name)
    return found


def dependencies(folder: Path, extra: str = "") -> list[str]:
    """Return what a pyproject.toml names, an extra's part included, without conditions."""
    project = tomllib.loads((folder / "pyproject.toml").read_text())["project"]
    named = [*project["dependencies"], *(project["optional-dependencies"][extra] if extra else ())]
    return [name.partition(";")[0].strip().replace(".", "-") for name in named]


def closure(roots: set[str], lock: list[Pin]) -> list[Pin]:
    """Return the pins of the roots and of all that these need."""
    needed = set(roots)
    while more := {each.name for each in lock if each.needed_by & needed} - needed:
        needed |= more
    if unknown := needed - {each.name for each in lock}:
        raise ValueError(f"not in the lock: {', '.join(sorted(unknown))}; add to requirements/runtime.in, `make lock`")
    return [each for each in lock if each.name in needed]


def main() -> int:
    """Print a service's pins, or the folders of our packages that it needs."""
    if sys.argv[1] == "--packages":
        print(" ".join(str(folder.relative_to(ROOT)) for folder in own_packages(sys.argv[2])))
        return 0
    lock = pins((ROOT / "requirements" / "runtime.txt").read_text())
    print("\n".join(each.text for each in closure(direct(sys.argv[1]), lock)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
