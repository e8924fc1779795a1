"""Who may import whom, for every service found: import-linter contracts, written and run.

- The edge knows no adapter, an adapter knows neither the edge nor another adapter, what they share knows none of them.
- Translation does no I/O, reads no clock and draws no random numbers: every module but the few named here.
"""

import configparser
import subprocess
import sys
import tempfile
from pathlib import Path

from tools.discovery import ROOT, packages

COMMON, EDGE, SIMULATOR = "unigate_common", "unigate_edge", "unigate_simulator"
IMPURE = (
    "asyncio",
    "grpc",
    "httpx",
    "logging",
    "aiohttp",
    "random",
    "requests",
    "socket",
    "structlog",
    "time",
    "urllib3",
)
SERVING = (
    "adapter",
    "capabilities",
    "catalog",
    "credentials",
    "exchange",
    "handled",
    "logs",
    "media",
    "run",
    "server",
    "servicer",
    "settings",
    "target",
    "telemetry",
    "telemetry_histogram",
    "telemetry_loop",
    "through",
    "tracing",
    "tracing_calls",
    "tracing_sdk",
    "translated",
    "upstream",
    "vendor",
)
"""The modules of what is shared that do the I/O; translators import none of them."""


def pure_modules(package: str) -> list[str]:
    """Return the modules of a package that only translate: all but its entry point and, of what is shared, SERVING."""
    folder = next(ROOT.glob(f"services/*/{package}"))
    does_io = {"__main__", *(SERVING if package == COMMON else ())}
    names = []
    for path in sorted(folder.rglob("*.py")):
        parts = path.relative_to(folder).with_suffix("").parts
        if not does_io.intersection(parts):
            names.append(".".join((package, *(part for part in parts if part != "__init__"))))
    return names


def contracts() -> dict[str, dict[str, str]]:
    """Return import-linter's sections by name."""
    providers = [name for name in packages() if name not in {COMMON, EDGE, SIMULATOR}]
    pure = [module for package in (COMMON, *providers) for module in pure_modules(package)]
    impure = [*IMPURE, *(f"{COMMON}.{module}" for module in SERVING)]
    return {
        "importlinter": {"root_packages": lines(packages()), "include_external_packages": "True"},
        **forbidden("edge", "The edge knows no adapter", [EDGE], [*providers, SIMULATOR]),
        **forbidden("adapters", "An adapter does not know the edge", providers, [EDGE, SIMULATOR]),
        **forbidden("common", "What is shared knows no service", [COMMON], [*providers, EDGE, SIMULATOR]),
        **forbidden("simulator", "The simulator knows no other service", [SIMULATOR], [*providers, EDGE]),
        "importlinter:contract:providers": {
            "name": "Providers do not know each other",
            "type": "independence",
            "modules": lines(providers),
        },
        **forbidden("pure", "Translators do no I/O", pure, impure, as_packages="False", allow_indirect_imports="True"),
    }


def forbidden(
    key: str, name: str, sources: list[str], targets: list[str] | tuple[str, ...], **options: str
) -> dict[str, dict[str, str]]:
    """Return the section of a contract by which no source may import a target."""
    section = {"name": name, "type": "forbidden", "source_modules": lines(sources), "forbidden_modules": lines(targets)}
    return {f"importlinter:contract:{key}": section | options}


def lines(names: list[str] | tuple[str, ...]) -> str:
    """Return names as a value of several lines."""
    return "\n" + "\n".join(names)


def main() -> int:
    """Run import-linter over the contracts."""
    config = configparser.ConfigParser()
    config.read_dict(contracts())
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "import-rules.ini"
        with path.open("w") as file:
            config.write(file)
        linter = Path(sys.executable).parent / "lint-imports"
        return subprocess.run([linter, "--no-cache", "--no-logo", "--config", path], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
