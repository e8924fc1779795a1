"""requirements/runtime.txt, one service -> the pins that this service needs, hashes included, for its image.

`python -m tools.locked edge` prints them. Who needs what is read from the `# via` notes of the lock itself.
"""

import re
import sys
import tomllib
from dataclasses import dataclass

from tools.discovery import ROOT

COMMON = "unigate-common"


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
    """Return the packages that a service names in its pyproject.toml, those of what is shared included."""
    project = tomllib.loads((ROOT / "services" / service / "pyproject.toml").read_text())["project"]
    names = set(project["dependencies"])
    if COMMON in names:
        names |= direct("common")
    return names - {COMMON}


def closure(roots: set[str], lock: list[Pin]) -> list[Pin]:
    """Return the pins of the roots and of all that these need."""
    needed = set(roots)
    while more := {each.name for each in lock if each.needed_by & needed} - needed:
        needed |= more
    if unknown := needed - {each.name for each in lock}:
        raise ValueError(f"not in the lock: {', '.join(sorted(unknown))}; add to requirements/runtime.in, `make lock`")
    return [each for each in lock if each.name in needed]


def main() -> int:
    """Print a service's pins."""
    lock = pins((ROOT / "requirements" / "runtime.txt").read_text())
    print("\n".join(each.text for each in closure(direct(sys.argv[1]), lock)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
