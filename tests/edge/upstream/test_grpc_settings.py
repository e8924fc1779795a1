"""What the edge sets in gRPC before it is imported is known to the version that is locked."""

from __future__ import annotations

import os
import subprocess
import sys

OPEN_A_CHANNEL = "import {first}, grpc; grpc.insecure_channel('127.0.0.1:1').close()"


def said(first: str, **variables: str) -> str:
    """What a process says that imports a module and opens a channel."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GRPC_")}
    done = subprocess.run(
        [sys.executable, "-c", OPEN_A_CHANNEL.format(first=first)],
        env=environment | variables, capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    return done.stdout + done.stderr


def test_the_experiment_that_is_switched_off_is_known() -> None:
    assert "Unknown experiment" in said("sys", GRPC_EXPERIMENTS="-no_such_experiment")
    assert "Unknown experiment" not in said("unigate_edge")


def test_an_operator_decides() -> None:
    assert "no_such_experiment" in said("unigate_edge", GRPC_EXPERIMENTS="-no_such_experiment")
