"""The vendors by name, each as one record of what the server needs from it."""

from collections.abc import Mapping
from typing import Final

from unigate_simulator import anthropic_api, deepseek_api, gemini_api, openai_api
from unigate_simulator.vendor import Vendor

VENDORS: Final[Mapping[str, Vendor]] = {
    vendor.name: vendor for vendor in (openai_api.VENDOR, anthropic_api.VENDOR, gemini_api.VENDOR, deepseek_api.VENDOR)
}
