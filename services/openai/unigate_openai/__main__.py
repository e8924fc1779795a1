"""`python -m unigate_openai` runs the adapter."""

from unigate_adapter.server import run
from unigate_openai import PROVIDER

if __name__ == "__main__":
    run(PROVIDER)
