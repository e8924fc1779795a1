"""Where a Vertex adapter calls, and which models it offers."""

from __future__ import annotations

import msgspec

HOST = "https://aiplatform.googleapis.com"
API_VERSION = "v1beta1"
GLOBAL = "global"


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
        base = self.address or (
            HOST if self.location == GLOBAL else f"https://{self.location}-aiplatform.googleapis.com"
        )
        base = base.partition("/projects/")[0]
        return base if base.rpartition("/")[2].startswith("v1") else f"{base}/{API_VERSION}"
