"""What a key may use: refused when it is too much, counted as it was in the end."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from unigate.provider.v1 import provider_pb2 as pb


async def test_requests_beyond_the_limit_are_refused_as_openai_does(open_edge: Any) -> None:
    async with open_edge("{requests_per_minute: 2}") as team:
        assert await team.burst(2) == [200, 200]
        response = await team.chat()
    assert response.status_code == 429
    error = response.json()["error"]
    assert (error["type"], error["code"]) == ("requests", "rate_limit_exceeded")
    assert error["message"].startswith(
        "Rate limit reached for fake/small on requests per min (RPM): Limit 2, Used 2, Requested 1. Please try again"
    )
    assert 0 < int(response.headers["retry-after"]) <= 61


async def test_every_answer_tells_how_the_limits_stand(open_edge: Any) -> None:
    async with open_edge("{requests_per_minute: 10, tokens_per_minute: 5000}") as team:
        headers = (await team.chat(max_tokens=100)).headers
    assert headers["x-ratelimit-limit-requests"] == "10"
    assert headers["x-ratelimit-remaining-requests"] == "9"
    assert headers["x-ratelimit-reset-requests"] == "1m0s"
    assert headers["x-ratelimit-limit-tokens"] == "5000"
    assert 4800 < int(headers["x-ratelimit-remaining-tokens"]) < 4900


async def test_the_vendors_figures_give_way_to_the_keys(open_edge: Any, adapter: Any) -> None:
    adapter.answer.head.headers["x-ratelimit-limit-requests"] = "10000"
    async with open_edge("{requests_per_minute: 10}") as team:
        headers = (await team.chat()).headers
    assert headers.get_list("x-ratelimit-limit-requests") == ["10"]


async def test_errors_of_the_vendor_tell_how_the_limits_stand(open_edge: Any, adapter: Any) -> None:
    adapter.answer = pb.InvokeResponse(error=pb.Error(status=500, message="Sorry."))
    async with open_edge("{requests_per_minute: 10}") as team:
        response = await team.chat()
    assert (response.status_code, response.headers["x-ratelimit-remaining-requests"]) == (500, "9")


async def test_a_key_without_limits_has_no_such_headers(open_edge: Any) -> None:
    async with open_edge("{requests_per_minute: 1}") as team:
        response = await team.chat("other")
    assert not [name for name in response.headers if name.startswith("x-ratelimit")]


async def test_one_keys_limit_is_not_anothers(open_edge: Any) -> None:
    async with open_edge("{requests_per_minute: 1}") as team:
        await team.burst(2)
        assert (await team.chat("other")).status_code == 200


async def test_tokens_are_reserved_before_the_call(open_edge: Any) -> None:
    async with open_edge("{tokens_per_minute: 1000}") as team:
        response = await team.chat(max_tokens=5000)
    assert response.status_code == 429
    assert response.json()["error"]["type"] == "tokens"
    assert response.headers["x-should-retry"] == "false"


async def test_what_was_reserved_too_much_is_given_back(open_edge: Any, adapter: Any, answered: Any) -> None:
    adapter.answer = answered(10, 10)
    async with open_edge("{tokens_per_minute: 1000}") as team:
        statuses = [(await team.chat(max_tokens=900)).status_code for _ in range(3)]
    assert statuses == [200, 200, 200]


async def test_tokens_beyond_the_reservation_count(open_edge: Any, adapter: Any, answered: Any) -> None:
    adapter.answer = answered(900, 100)
    async with open_edge("{tokens_per_minute: 1000}") as team:
        statuses = [(await team.chat(max_tokens=10)).status_code for _ in range(2)]
    assert statuses == [200, 429]


async def test_a_stream_is_settled_with_its_usage(open_edge: Any, adapter: Any, kit: Any) -> None:
    adapter.frames = [kit.frame("data: 1\n\n"), kit.last("data: [DONE]\n\n")]
    adapter.frames[1].summary.usage.MergeFrom(pb.Usage(input_tokens=10, output_tokens=10))
    async with open_edge("{tokens_per_minute: 1000}") as team:
        statuses = [(await team.chat(max_tokens=900, stream=True)).status_code for _ in range(3)]
    assert statuses == [200, 200, 200]


async def test_a_refused_call_gives_its_tokens_back(open_edge: Any, adapter: Any) -> None:
    adapter.answer = pb.InvokeResponse(error=pb.Error(status=400, message="No."))
    async with open_edge("{tokens_per_minute: 1000}") as team:
        statuses = [(await team.chat(max_tokens=900)).status_code for _ in range(2)]
    assert statuses == [400, 400]


def delta(text: str) -> str:
    return f'data: {{"choices":[{{"delta":{{"content":"{text}"}}}}]}}\n\n'


async def test_a_stream_that_is_left_counts_all_that_was_delivered(open_edge: Any, adapter: Any, kit: Any) -> None:
    adapter.frames = [kit.frame(delta("word " * 100)), kit.frame(delta("word " * 100))]
    async with open_edge("{tokens_per_minute: 10000}") as team:
        await team.chat(max_tokens=50, stream=True)
        response = await team.chat(max_tokens=1)
    # 200 words, for which 250 tokens are counted, and two small requests
    assert 9680 < int(response.headers["x-ratelimit-remaining-tokens"]) < 9720


PRICED = "prices: {'fake/*': {input_per_million: 0, output_per_million: 1000, output_image_per_million: 1000}}\n"


async def test_a_stream_beyond_the_budget_is_cut(open_edge: Any, adapter: Any, kit: Any) -> None:
    adapter.frames = [kit.frame(delta("word " * 100))] * 50
    async with open_edge("{budget_usd: {day: 1}}", more=PRICED + "reserved_output_tokens: 100\n") as team:
        text = (await team.chat(stream=True)).text
        assert "insufficient_quota" in text
        assert text.count("word") <= 1100
        assert (await team.chat()).status_code == 429


@pytest.mark.parametrize(
    ("path", "request_"),
    [
        ("/v1/images/generations", {"prompt": "x", "quality": "low"}),
        ("/v1/audio/speech", {"input": "x" * 200, "voice": "alloy"}),
        ("/v1/chat/completions", {"messages": [{"role": "user", "content": "x"}], "max_tokens": 400}),
        ("/v1/responses", {"input": "x", "max_output_tokens": 400}),
        (
            "/v1/chat/completions",
            {"messages": [{"role": "user", "content": "x"}], "max_tokens": 400, "max_completion_tokens": 1},
        ),
        ("/v1/chat/completions", {"messages": [{"role": "user", "content": "x"}], "max_tokens": 100, "n": 4}),
    ],
)
async def test_a_burst_spends_no_more_than_the_budget(
    open_edge: Any, adapter: Any, answered: Any, kit: Any, path: str, request_: Any
) -> None:
    adapter.answer = answered(0, 400)
    adapter.frames = [kit.last("x")]
    adapter.frames[0].summary.usage.MergeFrom(adapter.answer.summary.usage)
    async with open_edge("{budget_usd: {day: 1}}", more=PRICED) as team:
        sent = {"model": "fake/small"} | request_
        headers = {"authorization": "Bearer sk-team"}
        answers = await asyncio.gather(*(team.client.post(path, json=sent, headers=headers) for _ in range(40)))
        statuses = [answer.status_code for answer in answers]
        await team.traffic_flushed()
        spent = (await team.usage())["today"]["cost_usd"]
    assert set(statuses) == {200, 429}
    assert 0 < spent <= 1.05


async def test_uploads_are_booked(open_edge: Any, adapter: Any, answered: Any) -> None:
    adapter.uploads = [pb.InvokeUploadResponse(whole=answered(0, 400))]
    form = {"data": {"model": "fake/small", "prompt": "x", "quality": "low"}, "files": {"image": ("a.png", b"x" * 100)}}
    headers = {"authorization": "Bearer sk-team"}
    async with open_edge("{budget_usd: {day: 1}}", more=PRICED) as team:
        send = team.client.post
        answers = await asyncio.gather(*(send("/v1/images/edits", headers=headers, **form) for _ in range(40)))
        spent = (await team.usage())["today"]["cost_usd"]
    assert {answer.status_code for answer in answers} == {200, 429}
    assert 0 < spent <= 1.05


async def test_a_recording_reserves_by_its_length(open_edge: Any, adapter: Any, answered: Any) -> None:
    adapter.uploads = [pb.InvokeUploadResponse(whole=answered(10, 10))]
    form = {"data": {"model": "fake/small"}, "files": {"file": ("a.mp3", b"x" * 400_000)}}
    headers = {"authorization": "Bearer sk-team"}
    async with open_edge("{tokens_per_minute: 2000}") as team:
        large = await team.client.post("/v1/audio/transcriptions", headers=headers, **form)
        form["files"] = {"file": ("a.mp3", b"x" * 40_000)}
        small = await team.client.post("/v1/audio/transcriptions", headers=headers, **form)
    assert (large.status_code, small.status_code) == (429, 200)


async def test_the_longest_answer_is_expected_again(open_edge: Any, adapter: Any, answered: Any) -> None:
    adapter.answer = answered(0, 5000)
    async with open_edge("{tokens_per_minute: 100000}") as team:
        await team.chat()
        await team.burst(40)
        used = 100_000 - int((await team.chat(max_tokens=1)).headers["x-ratelimit-remaining-tokens"])
    assert used <= 105_000


async def test_requests_that_wait_for_the_same_answer_hold_places(open_edge: Any, adapter: Any, kit: Any) -> None:
    adapter.answer = kit.never
    async with open_edge("{concurrent_requests: 3}") as team:
        headers = {"idempotency-key": "k"}
        sent = [asyncio.create_task(team.chat(headers=headers)) for _ in range(10)]
        done, _ = await asyncio.wait(sent, return_when=asyncio.FIRST_COMPLETED)
        while len(done) < 7:
            done, _ = await asyncio.wait(sent, timeout=0.05)
        assert {task.result().status_code for task in done} == {429}
        adapter.answer = pb.InvokeResponse(body=b"{}", summary=pb.Summary())
        adapter.release.set()
        assert sorted(task.result().status_code for task in (await asyncio.wait(sent))[0]) == [200] * 3 + [429] * 7
        assert (await team.chat()).status_code == 200


ALIAS = "aliases: {chain: [fake/first, fake/second]}\n"


async def test_a_fallback_is_held_to_its_own_limit(open_edge: Any, adapter: Any) -> None:
    failing = pb.InvokeResponse(error=pb.Error(status=500, message="Sorry.", retryable=True))
    adapter.answer = failing
    limits = "{requests_per_minute: 100, models: {fake/second: {requests_per_minute: 2}}}"
    async with open_edge(limits, more=ALIAS + "circuit: {failures: 0}\nretries: {attempts: 0}\n") as team:
        for _ in range(5):
            await team.chat(model="chain")
        asked = [call.model for call in adapter.calls]
        left = (await team.chat()).headers["x-ratelimit-remaining-requests"]
    assert (asked.count("first"), asked.count("second")) == (5, 2)
    assert left == "94"


async def test_a_picture_is_not_counted_by_its_bytes(open_edge: Any) -> None:
    picture = {"type": "image_url", "image_url": {"url": "data:image/png;base64," + "A" * 400_000}}
    async with open_edge("{tokens_per_minute: 5000}") as team:
        response = await team.chat(messages=[{"role": "user", "content": [picture]}], max_tokens=1)
    assert response.status_code == 200


async def test_requests_at_a_time_are_limited(open_edge: Any, adapter: Any, kit: Any) -> None:
    adapter.answer = kit.never
    async with open_edge("{concurrent_requests: 1}") as team:
        first = asyncio.ensure_future(team.chat())
        await adapter.started.wait()
        response = await team.chat()
        adapter.release.set()
        await first
        assert (await team.chat()).status_code == 200
    assert response.status_code == 429
    assert "concurrent requests" in response.json()["error"]["message"]


async def test_a_stream_that_fails_frees_its_place(open_edge: Any, adapter: Any, kit: Any) -> None:
    adapter.frames = [kit.frame("data: 1\n\n")]
    async with open_edge("{concurrent_requests: 1}") as team:
        statuses = [(await team.chat(stream=True)).status_code for _ in range(2)]
    assert statuses == [200, 200]


@pytest.mark.parametrize("model", ["fake/large", "big"])
async def test_a_model_can_have_a_limit_of_its_own(open_edge: Any, model: str) -> None:
    limits = "{models: {'fake/l*': {requests_per_minute: 1}}}"
    async with open_edge(limits, more="aliases: {big: fake/large}\n") as team:
        assert await team.burst(2, model=model) == [200, 429]
        assert await team.burst(2) == [200, 200]


PRICES = "prices: {'fake/*': {input_per_million: 1000, output_per_million: 1000}}\n"


async def test_a_spent_budget_is_a_spent_quota(open_edge: Any, adapter: Any, answered: Any) -> None:
    adapter.answer = answered(500, 500)
    async with open_edge("{budget_usd: {day: 1}}", more=PRICES) as team:
        first, response = [await team.chat(max_tokens=1) for _ in range(2)]
    assert first.headers["x-unigate-cost-usd"] == "1"
    assert response.status_code == 429
    assert response.json()["error"]["code"] == "insufficient_quota"
    assert response.headers["x-should-retry"] == "false"
    assert 0 < int(response.headers["retry-after"]) <= 24 * 3600


async def test_a_burst_cannot_spend_more_than_the_budget(open_edge: Any, adapter: Any, answered: Any) -> None:
    adapter.answer = answered(50, 50)
    async with open_edge("{budget_usd: {month: 1}}", more=PRICES) as team:
        statuses = await team.burst(30, max_tokens=100)
        report = await team.usage()
    assert 429 in statuses
    assert 0.5 < report["this_month"]["cost_usd"] <= 1


async def test_a_refusal_is_counted_by_key_and_limit(open_edge: Any) -> None:
    async with open_edge("{requests_per_minute: 0}") as team:
        await team.burst(3)
        assert team.sample("unigate_rate_limited_total", key="team", limit="requests") == 3


async def test_nothing_is_booked_for_a_refused_request(open_edge: Any) -> None:
    async with open_edge("{requests_per_minute: 1, tokens_per_minute: 100000}") as team:
        await team.chat(max_tokens=10)
        refused = [await team.chat(max_tokens=10) for _ in range(3)]
    left = {answer.headers["x-ratelimit-remaining-tokens"] for answer in refused}
    assert len(left) == 1


@pytest.mark.parametrize("stream", [False, True])
async def test_negative_usage_gives_no_credit(
    open_edge: Any, adapter: Any, answered: Any, kit: Any, stream: bool
) -> None:
    adapter.answer = answered(-(10**6), -(2**62))
    adapter.frames = [kit.frame("data: 1\n\n"), kit.last("data: [DONE]\n\n")]
    adapter.frames[1].summary.usage.MergeFrom(adapter.answer.summary.usage)
    async with open_edge("{tokens_per_minute: 1000}") as team:
        assert (await team.chat(stream=stream, max_tokens=10)).status_code == 200
        headers = (await team.chat(max_tokens=10)).headers
        used = (await team.usage())["today"]
    assert int(headers["x-ratelimit-remaining-tokens"]) <= 1000
    assert (used["input_tokens"], used["output_tokens"]) == (0, 0)


async def test_usage_beyond_all_measure_is_bounded(open_edge: Any, adapter: Any, answered: Any) -> None:
    adapter.answer = answered(2**63 - 1, 2**63 - 1)
    async with open_edge("{tokens_per_minute: 1000}") as team:
        assert (await team.chat(max_tokens=10)).status_code == 200
        assert (await team.usage())["today"]["input_tokens"] == 10**9


@pytest.mark.parametrize("members", [{"max_tokens": 10**30}, {"max_tokens": 2**63 - 1, "n": 128}])
async def test_a_limit_beyond_all_numbers_is_reserved_as_the_largest(open_edge: Any, members: Any) -> None:
    async with open_edge("{budget_usd: {day: 1}}", more=PRICED) as team:
        response = await team.chat(**members)
    assert response.status_code == 429
