"""Anthropic's Messages API behind unigate's contract. https://docs.anthropic.com/en/api/overview"""

from unigate.provider.v1 import provider_pb2 as pb
from unigate_adapter.authentication.api_key import api_key
from unigate_adapter.backend import Backend
from unigate_adapter.provider import Provider
from unigate_formats.anthropic_messages.errors import from_error
from unigate_formats.anthropic_messages.models import PAGE, overlay, parse_models
from unigate_formats.anthropic_messages.native_api import API, COUNTER
from unigate_formats.anthropic_messages.rate_limits import to_openai
from unigate_formats.anthropic_messages.translation import CHAT
from unigate_formats.neutral.model import ModelListing
from unigate_formats.neutral.operation import Operation

PROVIDER = Provider(
    name="anthropic",
    telemetry_name="anthropic",
    backend=Backend(
        base_url="https://api.anthropic.com",
        version="v1",
        key_variable="ANTHROPIC_API_KEY",
        base_url_variable="ANTHROPIC_BASE_URL",
        authentication=api_key("x-api-key", more={"anthropic-version": "2023-06-01"}),
        errors=from_error,
        models=ModelListing(path=PAGE, parse=parse_models, overlay=overlay),
        request_id_header="request-id",
        rate_limits=to_openai,
    ),
    operations={Operation.CHAT: CHAT},
    native={pb.CLIENT_FORMAT_ANTHROPIC_MESSAGES: API},
    token_counter=COUNTER,
)
