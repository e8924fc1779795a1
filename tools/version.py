"""VERSION -> every place that states the version of a release.

`python -m tools.version 0.2.0` sets it everywhere, without an argument it writes what VERSION says; `--check` writes
nothing and names the places that say something else.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from tools.discovery import ROOT

FILE = ROOT / "VERSION"
FORM = re.compile(r"\d+\.\d+\.\d+(?:-[0-9A-Za-z.]+)?")
# the text before the version, by file; more than one place may match
PLACES = (
    ("packages/*/pyproject.toml", r'^version = "'),
    ("services/*/pyproject.toml", r'^version = "'),
    ("deploy/helm/unigate/Chart.yaml", r"^(?:version|appVersion): "),
    ("docker-compose.yml", r"image: unigate-[a-z-]+:"),
    ("Dockerfile", r"(?:^ARG VERSION=|-t unigate-edge:)"),
    ("docs/operations.md", r"unigate-\$\{service//_/-\}:"),
    ("docs/adding-a-provider.md", r'^version = "'),
)


def written(version: str) -> Iterator[tuple[Path, str, str]]:
    """Yield each file that states the version, its text, and its text with this one. Raises ValueError."""
    for pattern, before in PLACES:
        places = re.compile(f"({before}){FORM.pattern}", re.MULTILINE)
        for path in sorted(ROOT.glob(pattern)):
            text = path.read_text(encoding="utf-8")
            new, count = places.subn(rf"\g<1>{version}", text)
            if not count:
                raise ValueError(f"{path.relative_to(ROOT)} states no version")
            yield path, text, new


def main(arguments: list[str]) -> int:
    """Write the version, or report where another one stands."""
    check = arguments == ["--check"]
    if arguments and not check:
        if not FORM.fullmatch(arguments[0]):
            print(f"{arguments[0]} is no version: give one as 1.2.3 or 1.2.3-rc.1", file=sys.stderr)
            return 2
        FILE.write_text(f"{arguments[0]}\n", encoding="utf-8")
    stale = [(path, new) for path, text, new in written(FILE.read_text(encoding="utf-8").strip()) if text != new]
    for path, new in stale:
        if check:
            print(f"{path.relative_to(ROOT)} states another version: run python -m tools.version", file=sys.stderr)
        else:
            path.write_text(new, encoding="utf-8")
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
