"""Runs the adapter: `python -m unigate_vertex`."""

from unigate_vertex import provider_of
from unigate_vertex.settings import place

if __name__ == "__main__":
    from unigate_adapter.server import run

    run(lambda: provider_of(place()))
