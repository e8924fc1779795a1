"""Run the Gemini adapter."""

from __future__ import annotations

from unigate_adapter.server import run
from unigate_gemini import PROVIDER

if __name__ == "__main__":
    run(PROVIDER)
