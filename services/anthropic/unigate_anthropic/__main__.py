"""Runs the adapter: `python -m unigate_anthropic`."""

from unigate_adapter.server import run
from unigate_anthropic import PROVIDER

if __name__ == "__main__":
    run(PROVIDER)
