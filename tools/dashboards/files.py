"""All dashboards, and the files that they become."""

import json

from tools.dashboards.grafana import build
from tools.dashboards.hops import HOPS
from tools.dashboards.models import MODELS
from tools.dashboards.overview import OVERVIEW
from tools.dashboards.providers import PROVIDERS
from tools.dashboards.runtime import RUNTIME
from tools.dashboards.tenants import TENANTS
from tools.discovery import ROOT

FOLDER = ROOT / "deploy/helm/unigate/dashboards"
DASHBOARDS = (OVERVIEW, PROVIDERS, MODELS, HOPS, TENANTS, RUNTIME)


def files() -> dict[str, str]:
    """The text of every dashboard by the name of its file."""
    return {f"{each.name}.json": json.dumps(build(each), indent=1) + "\n" for each in DASHBOARDS}
