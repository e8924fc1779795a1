"""unigate's adapter to DeepSeek. https://api-docs.deepseek.com"""

from functools import partial

from unigate_adapter.authentication.api_key import bearer
from unigate_adapter.backend import Backend
from unigate_adapter.provider import Provider
from unigate_deepseek.errors import deepseek_error
from unigate_deepseek.models import MODELS
from unigate_deepseek.parameters import PARAMETERS, SEARCH
from unigate_deepseek.profile import PROFILE
from unigate_deepseek.repair import relax, repair
from unigate_deepseek.search_answer import from_responses, responses_stream
from unigate_deepseek.search_request import to_responses
from unigate_formats.neutral.operation import Operation
from unigate_formats.neutral.translation import Translation
from unigate_formats.openai_chat.decode_answer import decode_answer
from unigate_formats.openai_chat.decode_stream import ChatStream
from unigate_formats.openai_chat.encode_messages import inline_kinds
from unigate_formats.openai_chat.encode_request import request_encoder

PROVIDER = Provider(
    name="deepseek",
    telemetry_name="deepseek",
    backend=Backend(
        base_url="https://api.deepseek.com",
        version="",
        key_variable="DEEPSEEK_API_KEY",
        base_url_variable="DEEPSEEK_BASE_URL",
        authentication=bearer(),
        errors=deepseek_error,
        models=MODELS,
        request_id_header="x-ds-trace-id",
    ),
    operations={
        Operation.CHAT: Translation(
            request=request_encoder(PROFILE),
            answer=decode_answer,
            stream=ChatStream,
            parameters=PARAMETERS,
            inline=partial(inline_kinds, PROFILE),
            repair=repair,
            relax=relax,
        ),
        Operation.RESPONSES: Translation(
            request=to_responses,
            answer=from_responses,
            stream=responses_stream,
            parameters=PARAMETERS | SEARCH,
            inline=partial(inline_kinds, PROFILE),
            repair=repair,
            relax=relax,
        ),
    },
)
