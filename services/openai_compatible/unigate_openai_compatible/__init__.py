"""unigate's adapter to vendors that speak OpenAI's format. One process per vendor, configured by environment alone."""

from unigate_adapter.openai_compatible import openai_compatible
from unigate_adapter.provider import Provider
from unigate_openai_compatible.settings import VendorIdentity


def provider_of(identity: VendorIdentity) -> Provider:
    """The provider that the settings describe."""
    return openai_compatible(
        name=identity.provider_name,
        base_url=identity.base_url,
        quirks=identity.quirks,
        models=identity.models,
        key_required=identity.has_key,
    )
