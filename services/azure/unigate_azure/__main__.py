"""Runs the adapter: `python -m unigate_azure`."""

from unigate_azure import provider_of
from unigate_azure.settings import place

if __name__ == "__main__":
    from unigate_adapter.server import run

    run(lambda: provider_of(place()))
