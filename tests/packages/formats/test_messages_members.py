"""Members of a Messages request that no other vendor knows: the model reads them as text, or the client is told."""

from __future__ import annotations

from typing import Any

import pytest

from unigate_core.errors import RequestRefused
from unigate_formats.anthropic_messages.decode_request import decode_request
from unigate_formats.neutral.drop_extensions import drop_extensions
from unigate_formats.neutral.request import ChatRequest, TextPart

MARK = {"type": "ephemeral"}
PDF = {"type": "base64", "media_type": "application/pdf", "data": "JVBERi0="}
WORDS = {"type": "content", "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]}


def decoded(*blocks: Any, drop_unsupported: bool = True, **members: Any) -> ChatRequest:
    content = list(blocks) or "q"
    body = {"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": content}], **members}
    return decode_request(body, lambda token: None, drop_unsupported=drop_unsupported)


@pytest.mark.parametrize(
    ("source", "texts"),
    [
        (PDF, ["Read it."]),
        ({"type": "url", "url": "https://a/b.pdf"}, ["Read it."]),
        ({"type": "text", "data": "words"}, ["Plan\nRead it.\nwords"]),
        (WORDS, ["Plan\nRead it.", "a", "b"]),
    ],
)
def test_the_model_reads_what_the_client_says_of_a_document(source: Any, texts: list[str]) -> None:
    [turn] = decoded({"type": "document", "title": "Plan", "context": "Read it.", "source": source}).turns
    assert [part.text for part in turn.parts if isinstance(part, TextPart)] == texts


@pytest.mark.parametrize(
    ("block", "paths"),
    [
        ({"type": "document", "source": PDF, "citations": {"enabled": True}}, ["citations"]),
        ({"type": "document", "source": PDF, "citations": {"enabled": False}}, []),
        ({"type": "document", "source": WORDS, "cache_control": MARK}, ["cache_control"]),
        ({"type": "document", "source": {"type": "content", "content": []}, "x": 1}, ["x"]),
        (
            {
                "type": "search_result", "title": "t", "source": "s", "citations": {"enabled": True},
                "content": [{"type": "text", "text": "a", "cache_control": MARK}],
            },
            ["citations", "content[0].cache_control"],
        ),
        ({"type": "text", "text": "a", "citations": [{"type": "char_location"}]}, []),
    ],
)  # fmt: skip
def test_what_is_lost_of_a_block_is_told(block: dict[str, Any], paths: list[str]) -> None:
    told = drop_extensions(decoded(block), {}, drop_unsupported=True)
    assert told == [f"messages[0].content[0].{path}" for path in paths]


@pytest.mark.parametrize(
    ("members", "paths"),
    [
        ({"output_config": {"effort": "low", "task_budget": {"type": "tokens", "total": 9}}},
         ["output_config.task_budget"]),
        ({"output_config": {"effort": "x"}}, ["output_config.effort"]),
        ({"thinking": {"type": "adaptive", "display": "omitted"}}, ["thinking.display"]),
        ({"thinking": {"type": "adaptive", "display": "summarized"}}, []),
        ({"thinking": {"type": "enabled", "budget_tokens": 2000}}, []),
        ({"thinking": {"type": "between_tools"}}, ["thinking.type"]),
        ({"metadata": {"user_id": "u", "team": "t"}}, ["metadata.team"]),
    ],
)  # fmt: skip
def test_what_is_lost_of_the_options_is_told_or_refused(members: Any, paths: list[str]) -> None:
    assert list(decoded(**members).dropped) == paths
    if paths:
        with pytest.raises(RequestRefused):
            decoded(**members, drop_unsupported=False)


def test_an_unknown_form_of_the_answer_is_refused() -> None:
    with pytest.raises(RequestRefused) as refused:
        decoded(output_config={"format": {"type": "xml"}})
    assert refused.value.param == "output_config.format"
