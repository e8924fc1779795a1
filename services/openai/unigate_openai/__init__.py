"""unigate's adapter to OpenAI: its format is the gateway's own, so everything passes through.

https://platform.openai.com/docs/api-reference
"""

import re

from msgspec.structs import replace

from unigate_adapter.openai_compatible import Quirks, openai_compatible
from unigate_adapter.provider import Provider

_completes = re.compile(r"(ft:)?(gpt-3\.5-turbo-instruct|davinci-002|babbage-002)").match
"""The models that have completions, https://platform.openai.com/docs/models; the chats of all others serve them."""


def _provider(*, completions: bool) -> Provider:
    return openai_compatible(
        name="openai",
        base_url="https://api.openai.com/v1",
        variables=("OPENAI_API_KEY", "OPENAI_BASE_URL"),
        quirks=Quirks(completions=completions),
    )


_legacy = _provider(completions=True)
PROVIDER = replace(
    _provider(completions=False),
    # at the same address: none of its own
    families=((_completes, replace(_legacy, backend=replace(_legacy.backend, base_url=""))),),
)
