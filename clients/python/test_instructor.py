"""instructor, by tools and by a schema."""

from __future__ import annotations

import instructor
import pytest
from openai import OpenAI
from pydantic import BaseModel


class Answer(BaseModel):
    name: str


@pytest.mark.parametrize("mode", [instructor.Mode.TOOLS, instructor.Mode.JSON_SCHEMA])
def test_structured_output(url: str, key: str, model: str, mode: instructor.Mode) -> None:
    client = instructor.from_openai(OpenAI(base_url=f"{url}/v1", api_key=key, max_retries=0), mode=mode)
    answer = client.chat.completions.create(
        model=model, response_model=Answer, max_retries=0, messages=[{"role": "user", "content": "Who?"}]
    )
    assert isinstance(answer, Answer)
