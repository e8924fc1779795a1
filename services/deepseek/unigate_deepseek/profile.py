"""How DeepSeek's chat completions depart from OpenAI's. https://api-docs.deepseek.com/api/create-chat-completion"""

from __future__ import annotations

import re

from unigate_deepseek.reasoning import FORMAT, thinking, thinks, thoughts
from unigate_formats.openai_chat.profile import ChatProfile

PROFILE = ChatProfile(
    name="deepseek",
    title="DeepSeek",
    limit="max_tokens",
    end_user=("user_id", re.compile(r"[A-Za-z0-9_-]{1,512}")),
    media=frozenset({"image"}),
    follows_urls=False,
    choices=False,
    max_stops=16,
    schemas=False,
    parallel=False,
    options=frozenset({"thinking"}),
    thinks=thinks,
    # https://api-docs.deepseek.com/guides/thinking_mode
    ignored_while_thinking={"temperature": 1, "frequency_penalty": 0, "presence_penalty": 0},
    reasoning=thinking,
    thoughts=thoughts,
    thought_format=FORMAT,
)
