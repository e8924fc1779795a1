"""Who may import whom, for every service found: import-linter contracts, written and run.

- The edge knows no adapter and no format; an adapter knows neither the edge nor another adapter.
- Packages stand on each other in one order: contract, core, formats, adapter. A format knows no backend.
- No cycles, at any depth: packages and modules beside each other import each other in one direction.
- Formats and the core do no I/O, read no clock and draw no random numbers: every module but the few named here.
"""

import configparser
import subprocess
import sys
import tempfile
from pathlib import Path

from tools.discovery import ROOT, packages

CORE, FORMATS, ADAPTER = "unigate_core", "unigate_formats", "unigate_adapter"
EDGE, SIMULATOR = "unigate_edge", "unigate_simulator"
IMPURE = (
    "asyncio",
    "grpc",
    "httpx",
    "logging",
    "multiprocessing",
    "os",
    "aiohttp",
    "pathlib",
    "random",
    "requests",
    "secrets",
    "shutil",
    "socket",
    "ssl",
    "subprocess",
    "tempfile",
    "threading",
    "time",
    "urllib3",
    "uuid",
)
RANDOM = ("unigate_core.ids", "unigate_core.encrypted_content")
"""Draw random numbers, so that nothing else of the core and the formats does."""
IO_OF_CORE = ("telemetry", "tracing", "environment", "files", "mutual_tls", "gc")
"""The folders and modules of the core that do I/O or look at the process; formats import none of them."""


def modules(package: str) -> list[str]:
    """Return a package and all its modules by their dotted names."""
    folder = next(ROOT.glob(f"*/*/{package}"))
    paths = (path.relative_to(folder.parent).with_suffix("") for path in sorted(folder.rglob("*.py")))
    return [".".join(part for part in path.parts if part != "__init__") for path in paths]


def does_io(module: str) -> bool:
    """Whether a module does more than translate: an entry point, what adapters are made of, or a part of the core."""
    package, *parts = module.split(".")
    return package == ADAPTER or not {"__main__", *(IO_OF_CORE if package == CORE else ())}.isdisjoint(parts)


def contracts() -> dict[str, dict[str, str]]:
    """Return import-linter's sections by name."""
    providers = [name for name in packages() if name not in {CORE, FORMATS, ADAPTER, EDGE, SIMULATOR}]
    pure = [
        module
        for package in (CORE, FORMATS)
        for module in modules(package)
        if not does_io(module) and module not in RANDOM
    ]
    impure = [*IMPURE, *filter(does_io, modules(CORE))]
    formats = sorted(path.name for path in ROOT.glob(f"packages/formats/{FORMATS}/*/") if (path / "errors.py").exists())
    return {
        "importlinter": {"root_packages": lines(packages()), "include_external_packages": "True"},
        **forbidden(
            "edge", "The edge knows no adapter and no format", [EDGE], [FORMATS, ADAPTER, *providers, SIMULATOR]
        ),
        **forbidden("adapters", "An adapter does not know the edge", providers, [EDGE, SIMULATOR]),
        **forbidden("core", "The core knows nothing above it", [CORE], [FORMATS, ADAPTER, *providers, EDGE, SIMULATOR]),
        **forbidden("formats", "A format knows no backend", [FORMATS], [ADAPTER, *providers, EDGE, SIMULATOR]),
        **forbidden("kit", "What adapters are made of knows no provider", [ADAPTER], [*providers, EDGE, SIMULATOR]),
        **forbidden(
            "simulator", "The simulator knows no other service", [SIMULATOR], [FORMATS, ADAPTER, *providers, EDGE]
        ),
        "importlinter:contract:vendors": {
            "name": "Formats of vendors do not know each other",
            "type": "independence",
            "modules": lines([f"{FORMATS}.{name}" for name in formats]),
        },
        "importlinter:contract:providers": {
            "name": "Providers do not know each other",
            "type": "independence",
            "modules": lines(providers),
        },
        "importlinter:contract:acyclic": {
            "name": "Packages and modules beside each other have no cycles",
            "type": "acyclic_siblings",
            "ancestors": lines(packages()),
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
