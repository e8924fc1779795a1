"""Where a Vertex adapter calls, and which models it offers."""

from __future__ import annotations

import msgspec

HOST = "https://aiplatform.googleapis.com"
API_VERSION = "v1beta1"
GLOBAL = "global"
MULTI_REGIONS = frozenset({"eu", "us"})


def _host(location: str) -> str:
    """https://cloud.google.com/vertex-ai/generative-ai/docs/learn/locations"""
    if location == GLOBAL:
        return HOST
    if location in MULTI_REGIONS:
        return f"https://aiplatform.{location}.rep.googleapis.com"
    return f"https://{location}-aiplatform.googleapis.com"


class Place(msgspec.Struct, frozen=True):
    """`name` stands before the names of its models. `address` takes the place of Google's. Without a `project` calls
    are made in express mode, with a key. `models` are those to offer; without them Google's own are asked for, which
    leaves out those of other publishers."""

    name: str = "vertex"
    project: str = ""
    location: str = GLOBAL
    address: str = ""
    models: tuple[str, ...] = ()

    @property
    def url(self) -> str:
        """The base of all calls, the project's own where there is one."""
        if "/projects/" in self.address or not self.project:
            return self.address if "/projects/" in self.address else self.root
        return f"{self.root}/projects/{self.project}/locations/{self.location}"

    @property
    def root(self) -> str:
        """The versioned base of the location, below which projects and publishers stand."""
        base = self.address or _host(self.location)
        base = base.partition("/projects/")[0]
        return base if base.rpartition("/")[2].startswith("v1") else f"{base}/{API_VERSION}"
