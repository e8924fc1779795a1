"""unigate's adapter to OpenAI: its format is the gateway's own, so everything passes through.

https://platform.openai.com/docs/api-reference
"""

from unigate_adapter.openai_compatible import openai_compatible

PROVIDER = openai_compatible(
    name="openai",
    base_url="https://api.openai.com/v1",
    variables=("OPENAI_API_KEY", "OPENAI_BASE_URL"),
)
