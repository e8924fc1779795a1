"""OpenAI's responses, kept for a while."""

from typing import Any

import httpx
import pytest

KEY = {"authorization": "Bearer any"}


async def make(ask: Any, given: Any = "hello", **more: Any) -> dict[str, Any]:
    response = await ask("openai", "v1/responses", {"model": "gpt-4o", "input": given, **more})
    made: dict[str, Any] = response.json()
    return made


@pytest.fixture
def kept(client: httpx.AsyncClient) -> Any:
    """Asks for what is below a response."""

    async def kept(method: str, path: str, **params: Any) -> httpx.Response:
        return await client.request(method, f"/openai/v1/responses/{path}", params=params, headers=KEY)

    return kept


async def test_a_response_is_found_as_it_was_made(ask: Any, kept: Any) -> None:
    made = await make(ask)
    assert (await kept("GET", made["id"])).json() == made


async def test_a_response_that_was_not_to_be_stored_is_not_found(ask: Any, kept: Any) -> None:
    made = await make(ask, store=False)
    answer = await kept("GET", made["id"])
    assert (answer.status_code, answer.json()["error"]["message"]) == (
        404,
        f"Response with id '{made['id']}' not found.",
    )


async def test_a_deleted_response_is_gone(ask: Any, kept: Any) -> None:
    made = await make(ask)
    assert (await kept("DELETE", made["id"])).json() == {"id": made["id"], "object": "response", "deleted": True}
    assert (await kept("GET", made["id"])).status_code == 404


async def test_input_items_come_in_pages_the_newest_first(ask: Any, kept: Any) -> None:
    made = await make(ask, [{"role": "user", "content": str(number)} for number in range(3)])
    first = (await kept("GET", f"{made['id']}/input_items", limit=2)).json()
    rest = (await kept("GET", f"{made['id']}/input_items", after=first["last_id"])).json()
    assert [item["content"] for page in (first, rest) for item in page["data"]] == ["2", "1", "0"]
    assert (first["has_more"], rest["has_more"]) == (True, False)


async def test_a_response_is_told_again_as_a_stream(ask: Any, kept: Any, events: Any) -> None:
    made = await make(ask)
    told = events(await kept("GET", made["id"], stream="true"))
    assert told[-1]["response"] == made
    later = events(await kept("GET", made["id"], stream="true", starting_after=2))
    assert later[0]["sequence_number"] == 3


async def test_a_conversation_goes_on(ask: Any, kept: Any) -> None:
    first = await make(ask, "one")
    second = await make(ask, "two", previous_response_id=first["id"])
    items = (await kept("GET", f"{second['id']}/input_items", order="asc")).json()["data"]
    assert [item["role"] for item in items] == ["user", "assistant", "user"]


async def test_outputs_may_answer_calls_of_the_response_that_is_continued(ask: Any) -> None:
    tool = {"type": "function", "name": "weather", "parameters": {"type": "object", "properties": {}}}
    first = await make(ask, tools=[tool])
    call = first["output"][-1]
    result = {"type": "function_call_output", "call_id": call["call_id"], "output": "21"}
    second = await make(ask, [result], previous_response_id=first["id"], tools=[tool])
    assert second["output"][-1]["content"][0]["text"] == "The tool answered: 21"


async def test_what_is_not_there_cannot_be_continued(ask: Any) -> None:
    answer = await make(ask, previous_response_id="resp_0")
    assert answer["error"]["code"] == "previous_response_not_found"


async def test_a_response_of_the_background_is_done_when_it_is_asked_for(ask: Any, kept: Any) -> None:
    made = await make(ask, background=True)
    assert (made["status"], made["usage"]) == ("queued", None)
    found = (await kept("GET", made["id"])).json()
    assert (found["status"], found["usage"]["total_tokens"] > 0) == ("completed", True)


async def test_only_a_response_of_the_background_can_be_cancelled(ask: Any, kept: Any) -> None:
    made = await make(ask, background=True)
    assert (await kept("POST", f"{made['id']}/cancel")).json()["status"] == "cancelled"
    assert (await kept("GET", made["id"])).json()["status"] == "cancelled"
    other = await make(ask)
    assert (await kept("POST", f"{other['id']}/cancel")).status_code == 400


async def test_input_tokens_are_counted(ask: Any) -> None:
    answer = await ask("openai", "v1/responses/input_tokens", {"model": "gpt-4o", "input": "hello there"})
    assert answer.json() == {"object": "response.input_tokens", "input_tokens": 5}


async def test_the_oldest_responses_are_forgotten(ask: Any, kept: Any, simulator: Any) -> None:
    simulator._stored["openai"]._limit = 2
    made = [await make(ask) for _ in range(3)]
    assert [(await kept("GET", one["id"])).status_code for one in made] == [404, 200, 200]
