"""`python -m unigate_openai` runs the adapter."""

from unigate_common.serving.server import run
from unigate_openai import PROVIDER

if __name__ == "__main__":
    run(PROVIDER)
