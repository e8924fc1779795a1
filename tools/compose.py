"""`make compose-up`: the edge's configuration for docker-compose.yml, with a key that is made here and shown once.

In a container the edge listens on all addresses, which it refuses to do without a key.
"""

import hashlib
import secrets
import subprocess
import sys
from typing import Any

import yaml

from tools.discovery import adapters
from tools.processes import RUN

FOLDER = RUN / "compose"


def configuration(key: str) -> dict[str, Any]:
    """Return an edge configuration with every provider's container as a target and one key."""
    return {
        "providers": {each.provider: {"target": f"dns:///{each.provider}:50051"} for each in adapters()},
        "keys": [{"name": "compose", "sha256": hashlib.sha256(key.encode()).hexdigest(), "models": ["*"]}],
    }


def main() -> int:
    """Write the configuration where there is none, then start the containers."""
    path = FOLDER / "unigate.yaml"
    if path.exists():
        print(f"{path} is kept, and so is its key; remove it for a new one")
    else:
        FOLDER.mkdir(parents=True, exist_ok=True)
        key = f"sk-unigate-{secrets.token_urlsafe(32)}"
        path.write_text(yaml.safe_dump(configuration(key), sort_keys=False))
        print(f"key of this gateway, not shown again: {key}")
    return subprocess.run(["docker", "compose", "up", "--build", "--detach", "--wait"], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
