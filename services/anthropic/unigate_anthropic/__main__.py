"""Runs the adapter: `python -m unigate_anthropic`."""

from unigate_anthropic import PROVIDER
from unigate_common.serving.server import run

if __name__ == "__main__":
    run(PROVIDER)
