"""The chart, checked and packed: `make chart`.

Lints, renders every values file of `ci/` for every Kubernetes version, validates each object against the schemas of
that version and of the custom resources, and writes the package to dist/.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import kubernetes_validate
import yaml

from tools.helm import NoHelm, helm

ROOT = Path(__file__).resolve().parent.parent
CHART = ROOT / "deploy" / "helm" / "unigate"
SCHEMAS = ROOT / "deploy" / "helm" / "schemas"
VERSIONS = ("1.27", "1.29", "1.31", "1.34", "1.37")
"""Kubernetes versions whose schemas everything must satisfy: oldest, newest, and where the chart differs."""

Manifest = dict[str, Any]


class HelmFailed(Exception):
    """What helm said on its standard error."""


def run_helm(*arguments: str | Path) -> str:
    """Run helm; return what it printed. Raises HelmFailed, NoHelm."""
    done = subprocess.run([helm(), *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise HelmFailed((done.stderr + done.stdout).strip())
    return done.stdout


def scenarios() -> dict[str, Path | None]:
    """Return the values files by name; `default` has none."""
    suffix = "-values.yaml"
    return {"default": None} | {path.name.removesuffix(suffix): path for path in sorted(CHART.glob(f"ci/*{suffix}"))}


def render(*arguments: str | Path, values: Path | None = None, version: str = VERSIONS[-1]) -> list[Manifest]:
    """Render release `unigate` in namespace `llm`. Raises HelmFailed."""
    chosen: list[str | Path] = ["--values", values] if values else []
    # a rendering without a cluster knows no version: say which
    text = run_helm("template", "unigate", CHART, "--namespace", "llm", "--kube-version", version, *chosen, *arguments)
    return [manifest for manifest in yaml.load_all(text, Loader=yaml.CSafeLoader) if manifest]


def faults(manifest: Manifest, version: str) -> Iterator[str]:
    """Yield what is wrong with an object by its schema."""
    name = f"{manifest['kind']}/{manifest['metadata']['name']} ({version})"
    custom = _custom_resources().get(manifest["kind"])
    try:
        if custom is None:
            kubernetes_validate.validate(manifest, version, strict=True)
        else:
            jsonschema.validate(manifest, custom)
    except (kubernetes_validate.ValidationError, jsonschema.ValidationError) as error:
        yield f"{name}: {'.'.join(map(str, error.path))}: {error.message}"


@cache
def _custom_resources() -> dict[str, Manifest]:
    schemas = (json.loads(path.read_text()) for path in SCHEMAS.glob("*.json"))
    return {schema["properties"]["kind"]["const"]: schema for schema in schemas}


def main() -> int:
    """Do all of it, telling what is done."""
    print(run_helm("lint", "--strict", CHART).strip())
    wrong = []
    for name, values in scenarios().items():
        if values:
            run_helm("lint", "--strict", CHART, "--values", values)
        count = 0
        for version in VERSIONS:
            manifests = render(values=values, version=version)
            count += len(manifests)
            wrong += [f"{name}: {fault}" for manifest in manifests for fault in faults(manifest, version)]
        print(f"{name}: {count} objects for Kubernetes {', '.join(VERSIONS)}")
    print("\n".join(wrong), file=sys.stderr, end="\n" if wrong else "")
    if wrong:
        return 1
    print(run_helm("package", CHART, "--destination", ROOT / "dist").strip())
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (HelmFailed, NoHelm) as problem:
        print(problem, file=sys.stderr)
        sys.exit(1)
