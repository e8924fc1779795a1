"""The vendors by name, each as one record of what the server needs from it."""

from collections.abc import Mapping
from typing import Final

from unigate_simulator import (
    anthropic_api,
    azure_api,
    bedrock_api,
    deepseek_api,
    gemini_api,
    identity_api,
    openai_api,
    vertex_api,
)
from unigate_simulator.vendor import Vendor

VENDORS: Final[Mapping[str, Vendor]] = {
    vendor.name: vendor
    for vendor in (
        openai_api.VENDOR,
        anthropic_api.VENDOR,
        gemini_api.VENDOR,
        deepseek_api.VENDOR,
        azure_api.VENDOR,
        bedrock_api.VENDOR,
        vertex_api.VENDOR,
        identity_api.STS,
        identity_api.ENTRA,
        identity_api.GOOGLE,
    )
}
