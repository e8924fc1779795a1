"""services/ and packages/ -> what there is to run and to check, a folder just added included."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class Adapter:
    """A provider's service, as its `[tool.unigate]` table describes it."""

    provider: str
    package: str
    key: str | None
    """Environment variable of the vendor's API key; None where the vendor asks for none."""
    base_url: str
    """Environment variable of the vendor's base URL."""
    simulator: str | None
    """Path of the vendor's API at the simulator; None where the simulator does not speak it."""
    example: str | None
    """A chat model to show in examples."""
    identity: tuple[str, ...] = ()
    """Environment variables of a cloud, any of which says that the vendor itself is meant."""
    simulated: Mapping[str, str] = field(default_factory=dict)
    """Settings by which a cloud's identity is the simulator's: `{simulator}` is its address, `{token}` a file."""


def packages() -> list[str]:
    """Return the import names of all services and packages, but for the contract's generated code."""
    found = [*ROOT.glob("services/*/pyproject.toml"), *ROOT.glob("packages/*/pyproject.toml")]
    return sorted(package_of(path) for path in found if path.parent.name != "contract")


def package_of(pyproject: Path) -> str:
    """Return the import name of what a pyproject.toml describes."""
    return f"unigate_{pyproject.parent.name.replace('-', '_')}"


def adapters() -> list[Adapter]:
    """Return every provider's service, by name."""
    found = []
    for path in sorted(ROOT.glob("services/*/pyproject.toml")):
        table = tomllib.loads(path.read_text()).get("tool", {}).get("unigate")
        if table is not None:
            found.append(
                Adapter(
                    provider=table["provider"],
                    package=package_of(path),
                    key=table.get("key"),
                    base_url=table["base_url"],
                    simulator=table.get("simulator"),
                    example=table.get("example"),
                    identity=tuple(table.get("identity", ())),
                    simulated=table.get("simulated", {}),
                )
            )
    return found
