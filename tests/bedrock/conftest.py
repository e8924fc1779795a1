"""Short ways through Bedrock's translators, and frames of its event streams."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from unigate_bedrock import PROVIDER
from unigate_formats.neutral.model import ModelInfo
from unigate_formats.neutral.operation import Operation
from unigate_formats.neutral.parameters import check_parameters, without
from unigate_formats.neutral.translation import Context, NativeCall, Translation
from unigate_formats.openai_chat.decode_request import decode_request

Translate = Callable[..., NativeCall]


def _translate(
    model: str = "us.amazon.nova-2-lite-v1:0",
    *,
    drop_unsupported: bool = False,
    replay: dict[str, bytes] | None = None,
    **body: Any,
) -> NativeCall:
    body = {"model": model, "messages": [{"role": "user", "content": "Hi"}]} | body
    provider = next((family for serves, family in PROVIDER.families if serves(model)), PROVIDER)
    translation = provider.operations[Operation.CHAT]
    assert isinstance(translation, Translation)
    dropped = check_parameters(body, translation.parameters, provider="bedrock", drop_unsupported=drop_unsupported)
    context = Context(
        model=ModelInfo(id=model), new_id=lambda: "x" * 24, replay=replay or {}, drop_unsupported=drop_unsupported
    )
    return translation.request(decode_request(without(body, dropped)), context)


@pytest.fixture
def translate() -> Translate:
    """Model and body members → native call."""
    return _translate
