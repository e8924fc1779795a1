"""`python -m unigate_deepseek` runs the adapter."""

from unigate_adapter.server import run
from unigate_deepseek import PROVIDER

if __name__ == "__main__":
    run(PROVIDER)
