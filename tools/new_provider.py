"""`make new-provider NAME=parrot`: a provider's folder, its tests, and its lines in values, compose and Prometheus.

The files are those of docs/adding-a-provider.md, with the name in place of the guide's. What comes out passes the
checks; make it the vendor's own from there.
"""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tools.discovery import ROOT

GUIDE = ROOT / "docs" / "adding-a-provider.md"
EXAMPLE = "parrot"
FILE = re.compile(r"^`((?:services|tests)/parrot/[^`]+)`\n\n```\w+\n(.*?)^```$", re.DOTALL | re.MULTILINE)
NAME = re.compile(r"[a-z][a-z0-9]{1,19}")
"""The chart's rule for names of providers, less the hyphen, which no Python package may have."""
RESERVED = {"keys", "prepare", "seal", "state", "test", "valkey"}
"""Names of the chart's own objects; those of services are found as folders."""


def renamed(text: str, name: str) -> str:
    """Return the example's text with another name, in each of its forms."""
    for form in (str.lower, str.upper, str.capitalize):
        text = text.replace(form(EXAMPLE), form(name))
    return text


def files(name: str, guide: str) -> Iterator[tuple[str, str]]:
    """Yield the paths and texts of the guide's files, renamed."""
    for path, text in FILE.findall(guide):
        yield renamed(path, name), renamed(text, name)
    yield f"services/{name}/unigate_{name}/py.typed", ""


def container(name: str) -> str:
    """Return the provider's block in docker-compose.yml."""
    return f"""  {name}:
    <<: *service
    build: {{context: ., args: {{SERVICE: {name}}}}}
    image: unigate-{name}:{(ROOT / "VERSION").read_text().strip()}
    environment:
      <<: *traces
      UNIGATE_LISTEN: 0.0.0.0:50051
      UNIGATE_METRICS_LISTEN: 0.0.0.0:9464
      UNIGATE_DRAIN_SECONDS: "20"
      {name.upper()}_API_KEY: ${{{name.upper()}_API_KEY:-}}
      {name.upper()}_BASE_URL: ${{{name.upper()}_BASE_URL-}}

"""


def edits(name: str) -> Iterator[tuple[Path, str, str]]:
    """Yield the files that list providers, each with the text before which something is put, and that."""
    compose, values = ROOT / "docker-compose.yml", ROOT / "deploy/helm/unigate/values.yaml"
    prometheus = ROOT / "deploy/compose/prometheus.yml"
    yield compose, "\n  openai:\n    <<: *service", f"      {name}: {{condition: service_healthy}}\n"
    yield compose, "  simulator:\n    <<: *service", container(name)
    yield values, "\nsimulator:\n", f"  {name}: {{simulated: false}}\n"
    yield prometheus, '"]}]\n' if prometheus.read_text().endswith('"]}]\n') else '"]}]', f'", "{name}:9464'


def write(name: str) -> list[Path]:
    """Write everything; return the files that were made or changed. Raises ValueError."""
    if not NAME.fullmatch(name):
        raise ValueError(f"{name!r} is no name: take 2 to 20 lower-case letters and digits, a letter first")
    if name in RESERVED:
        raise ValueError(f"{name!r} is the name of a part of the chart")
    if (ROOT / "services" / name).exists():
        raise ValueError(f"services/{name} is there already")
    changed: list[Path] = []
    for relative, text in files(name, GUIDE.read_text(encoding="utf-8")):
        path = ROOT / relative
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        changed.append(path)
    for path, before, new in edits(name):
        head, found, tail = path.read_text(encoding="utf-8").rpartition(before)
        if not found:
            raise ValueError(f"{path.relative_to(ROOT)} has no place for a provider any more")
        path.write_text(f"{head}{new}{found}{tail}", encoding="utf-8")
        changed.append(path)
    return list(dict.fromkeys(changed))


def tidy(folders: list[str]) -> None:
    """Bring what was made into the project's style: the order of imports depends on the name."""
    ruff = Path(sys.executable).parent / "ruff"
    for command in (["check", "--fix-only", "--quiet"], ["format", "--quiet"]):
        subprocess.run([ruff, *command, *folders], cwd=ROOT, check=True)


def main(arguments: list[str]) -> int:
    """Write a provider and print what to do next."""
    if len(arguments) != 1 or not arguments[0]:
        print("give a name, as in `make new-provider NAME=parrot`", file=sys.stderr)
        return 2
    try:
        changed = write(arguments[0])
    except ValueError as error:
        print(error, file=sys.stderr)
        return 1
    tidy([f"services/{arguments[0]}", f"tests/{arguments[0]}"])
    print("\n".join(str(path.relative_to(ROOT)) for path in changed))
    print(f"\nnow: make install && python -m tools.tables && make test TESTS=tests/{arguments[0]}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
