"""The chart, checked and packed: `make chart`.

Writes the generated part of the values' schema. With helm 4 and helm 3: lints, renders every values file of `ci/` for
every Kubernetes version, and validates each object against the schemas of that version and of the custom resources;
then writes the package to dist/.
"""

import json
import subprocess
import sys
from collections.abc import Hashable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import kubernetes_validate
import yaml

from tools import chart_schema
from tools.helm import PINS, NoHelm, helm

ROOT = Path(__file__).resolve().parent.parent
CHART = ROOT / "deploy" / "helm" / "unigate"
SCHEMAS = ROOT / "deploy" / "helm" / "schemas"
VERSIONS = ("1.27", "1.29", "1.31", "1.34", "1.37")
"""Kubernetes versions whose schemas everything must satisfy: oldest, newest, and where the chart differs."""

Manifest = dict[str, Any]


class HelmFailed(Exception):
    """What helm said on its standard error."""


def run_helm(*arguments: str | Path, which: str = "HELM") -> str:
    """Run helm; return what it printed. Raises HelmFailed, NoHelm."""
    done = subprocess.run([helm(which), *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise HelmFailed((done.stderr + done.stdout).strip())
    return done.stdout


def scenarios() -> dict[str, Path]:
    """Return the values files by name."""
    suffix = "-values.yaml"
    return {path.name.removesuffix(suffix): path for path in sorted(CHART.glob(f"ci/*{suffix}"))}


class StrictLoader(yaml.CSafeLoader):
    """Refuses a key that stands twice in an object, as kustomize and Flux do, and helm does not."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:  # noqa: FBT001, FBT002 - as in PyYAML
        """Raises yaml.YAMLError."""
        names = [key.value for key, _ in node.value]
        if twice := {name for name in names if names.count(name) > 1}:
            raise yaml.constructor.ConstructorError(None, None, f"twice: {twice}", node.start_mark)
        return super().construct_mapping(node, deep)


def render(
    *arguments: str | Path, values: Path | None = None, version: str = VERSIONS[-1], which: str = "HELM"
) -> list[Manifest]:
    """Render release `unigate` in namespace `llm`. Raises HelmFailed."""
    chosen: list[str | Path] = ["--values", values] if values is not None else []
    # a rendering without a cluster knows no version: say which
    fixed = ("template", "unigate", CHART, "--namespace", "llm", "--kube-version", version)
    text = run_helm(*fixed, *chosen, *arguments, which=which)
    return [manifest for manifest in yaml.load_all(text, Loader=StrictLoader) if manifest]


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
    chart_schema.main([])
    wrong: list[str] = []
    for which in PINS:
        print(run_helm("version", "--short", which=which).strip())
        wrong += _checked(which)
    print("\n".join(wrong), file=sys.stderr, end="\n" if wrong else "")
    if wrong:
        return 1
    print(run_helm("package", CHART, "--destination", ROOT / "dist").strip())
    return 0


def _checked(which: str) -> Iterator[str]:
    """Yield what is wrong with the chart by one helm, telling what is done."""
    for name, values in scenarios().items():
        chosen: list[str | Path] = ["--values", values]
        run_helm("lint", "--strict", CHART, *chosen, which=which)
        count = 0
        for version in VERSIONS:
            manifests = render(values=values, version=version, which=which)
            count += len(manifests)
            yield from (f"{name}: {fault}" for manifest in manifests for fault in faults(manifest, version))
        print(f"  {name}: {count} objects for Kubernetes {', '.join(VERSIONS)}")


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (HelmFailed, NoHelm) as problem:
        print(problem, file=sys.stderr)
        sys.exit(1)
