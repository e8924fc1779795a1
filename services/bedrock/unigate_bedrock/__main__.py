"""Runs the adapter: `python -m unigate_bedrock`."""

from unigate_bedrock import provider_of
from unigate_bedrock.settings import place

if __name__ == "__main__":
    from unigate_adapter.server import run

    run(lambda: provider_of(place()))
