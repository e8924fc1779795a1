"""`python -m unigate_openai_compatible` runs the adapter for the vendor that its environment names."""

from unigate_adapter.server import run
from unigate_openai_compatible import provider_of
from unigate_openai_compatible.settings import vendor_identity

if __name__ == "__main__":
    run(lambda: provider_of(vendor_identity()))
