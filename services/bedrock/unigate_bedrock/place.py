"""Where a Bedrock adapter calls, and which models it offers."""

from __future__ import annotations

import msgspec

DEFAULT_REGION = "us-east-1"


class Place(msgspec.Struct, frozen=True):
    """`name` stands before the names of its models. `runtime` and `control` are addresses where they are not the
    region's own: of models being called, and of their list. `models` are those to offer; without them AWS is asked."""

    name: str = "bedrock"
    region: str = DEFAULT_REGION
    runtime: str = ""
    control: str = ""
    models: tuple[str, ...] = ()

    @property
    def runtime_url(self) -> str:
        """Where models are called."""
        return self.runtime or f"https://bedrock-runtime.{self.region}.{_domain(self.region)}"

    @property
    def control_url(self) -> str:
        """Where models are listed; beside a runtime of one's own there is none but that."""
        return self.control or self.runtime or f"https://bedrock.{self.region}.{_domain(self.region)}"


def _domain(region: str) -> str:
    return "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
