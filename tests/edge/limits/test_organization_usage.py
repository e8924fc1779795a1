"""Reports of what all keys have used, in OpenAI's format, read by OpenAI's own client."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime
from typing import Any

import pytest
from openai import AsyncOpenAI, BadRequestError, PermissionDeniedError

from unigate.provider.v1 import provider_pb2 as pb
from unigate_edge.cost.usage import UsageCounter
from unigate_edge.cost.usage_buckets import Selection, bucket, days_between, seconds
from unigate_edge.endpoints.organization_usage import LATEST

PRICES = "prices: {'fake/small': {input_per_million: 10, output_per_million: 100}}\n"
DAY = 24 * 3600


@pytest.fixture(params=["one edge", "store"])
async def state(request: pytest.FixtureRequest) -> str:
    """The URL of the store, or none."""
    return "" if request.param == "one edge" else str(request.getfixturevalue("valkey"))


def dates(start: int, end: int) -> list[date]:
    """The days between two times."""
    return [date.fromordinal(day) for day in days_between(start, end)]


def admin(team: Any, key: str = "boss") -> Any:
    """The usage reports of OpenAI's own client."""
    client = AsyncOpenAI(
        api_key="sk-none", admin_api_key=f"sk-{key}", base_url="http://edge/v1", http_client=team.client, max_retries=0
    )
    return client.admin.organization.usage


async def test_usage_and_costs_are_told_by_key_and_model(
    open_edge: Any, adapter: Any, answered: Any, state: str
) -> None:
    adapter.answer = answered(100, 10)
    async with open_edge("{}", state, PRICES) as team:
        for key, model in (("team", "fake/small"), ("team", "fake/large"), ("other", "fake/small")):
            assert (await team.chat(key, model=model)).status_code == 200
        start = int(time.time()) - 3600
        page = await admin(team).completions(start_time=start, group_by=["api_key_id", "model"])
        results = page.data[-1].results
        ours = [r for r in results if r.api_key_id in ("team", "other")]
        summed = (await admin(team).completions(start_time=start, api_key_ids=["team"])).data[-1].results
        costs = (await admin(team).costs(start_time=start, group_by=["line_item"], api_key_ids=["other"])).data[-1]
    assert {(r.api_key_id, r.model) for r in ours} == {
        ("team", "fake/small"), ("team", "fake/large"), ("other", "fake/small"),
    }  # fmt: skip
    assert all(r.input_tokens >= 100 and r.object == "organization.usage.completions.result" for r in ours)
    assert [r.api_key_id for r in summed] == [None]
    assert summed[0].num_model_requests >= 2
    assert costs.results[0].amount.currency == "usd"
    assert costs.results[0].amount.value >= 0.002
    assert costs.results[0].line_item == "fake/small"


async def test_kinds_are_told_apart(open_edge: Any, adapter: Any, answered: Any) -> None:
    adapter.answer = answered(7, 0)
    headers = {"authorization": "Bearer sk-team"}
    requests = {
        "embeddings": {"model": "fake/small", "input": "x"},
        "images/generations": {"model": "fake/small", "prompt": "x", "n": 3},
        "audio/speech": {"model": "fake/small", "input": "spoken", "voice": "alloy"},
        "moderations": {"model": "fake/small", "input": "x"},
    }
    async with open_edge() as team:
        for path, request in requests.items():
            assert (await team.client.post(f"/v1/{path}", json=request, headers=headers)).status_code == 200
        start = int(time.time()) - 10
        usage = admin(team)
        embeddings, images, speech, moderations, chat, transcripts = [
            (await method(start_time=start)).data[-1].results
            for method in (
                usage.embeddings,
                usage.images,
                usage.audio_speeches,
                usage.moderations,
                usage.completions,
                usage.audio_transcriptions,
            )
        ]
    assert [r.input_tokens for r in embeddings] == [7]
    assert [(r.images, r.num_model_requests) for r in images] == [(3, 1)]
    assert [r.characters for r in speech] == [6]
    assert [r.input_tokens for r in moderations] == [7]
    assert (chat, transcripts) == ([], [])


async def test_a_form_counts_the_images_it_asks_for(open_edge: Any, adapter: Any) -> None:
    adapter.uploads = [pb.InvokeUploadResponse(whole=pb.InvokeResponse(body=b"{}", summary=pb.Summary()))]
    async with open_edge() as team:
        response = await team.client.post(
            "/v1/images/edits",
            data={"n": "2", "model": "fake/small", "prompt": "x"},
            files={"image": ("a.png", b"png", "image/png")},
            headers={"authorization": "Bearer sk-team"},
        )
        assert response.status_code == 200
        images = await admin(team).images(start_time=int(time.time()) - 10)
    assert [r.images for r in images.data[-1].results] == [2]


async def test_pages_go_on_where_the_one_before_ended(open_edge: Any, state: str) -> None:
    start = seconds(date(2026, 1, 30))
    async with open_edge("{}", state) as team:
        first = await admin(team).completions(start_time=start, end_time=start + 5 * DAY, limit=3)
        rest = await admin(team).completions(start_time=start, end_time=start + 5 * DAY, limit=3, page=first.next_page)
        nothing = await admin(team).completions(start_time=start, end_time=start)
    assert [b.start_time for b in [*first.data, *rest.data]] == [start + i * DAY for i in range(5)]
    assert (first.has_more, rest.has_more, rest.next_page, nothing.data) == (True, False, None, [])


async def test_all_of_time_is_told_a_page_at_a_time(open_edge: Any) -> None:
    async with open_edge() as team:
        first = await admin(team).costs(start_time=0, end_time=LATEST, limit=2)
        last = await admin(team).costs(start_time=LATEST - 1, end_time=LATEST)
    assert [b.start_time for b in first.data] == [0, DAY]
    assert (first.has_more, last.has_more) == (True, False)
    assert [b.end_time for b in last.data] == [LATEST]


async def test_a_key_that_is_no_admins_sees_nothing(open_edge: Any) -> None:
    async with open_edge() as team:
        with pytest.raises(PermissionDeniedError) as refused:
            await admin(team, "team").costs(start_time=1)
    assert refused.value.code == "insufficient_permissions"


@pytest.mark.parametrize(
    ("query", "param"),
    [
        ({}, "start_time"),
        ({"start_time": "soon"}, "start_time"),
        ({"start_time": -1}, "start_time"),
        ({"start_time": 1, "end_time": 10**30}, "end_time"),
        ({"start_time": 1, "bucket_width": "1h"}, "bucket_width"),
        ({"start_time": 1, "project_ids[]": "p"}, "project_ids"),
        ({"start_time": 1, "page": "next"}, "page"),
        ({"start_time": 1, "limit": 1000}, "limit"),
        ({"start_time": 1, "group_by": "weather"}, None),
        ({"start_time": 1, "unheard_of": "1"}, None),
    ],
)
async def test_a_report_that_cannot_be_made_is_refused(open_edge: Any, query: Any, param: str | None) -> None:
    async with open_edge() as team:
        response = await team.client.get(
            "/v1/organization/usage/completions", params=query, headers={"authorization": "Bearer sk-boss"}
        )
    assert response.status_code == 400
    if param is not None:
        assert response.json()["error"]["param"] == param


async def test_a_report_without_the_store_is_an_error_to_come_back_from(open_edge: Any) -> None:
    async with open_edge("{}", "redis://127.0.0.1:1/0") as team:
        response = await team.client.get(
            "/v1/organization/costs", params={"start_time": 1}, headers={"authorization": "Bearer sk-boss"}
        )
    assert (response.status_code, response.json()["error"]["code"]) == (503, "state_unavailable")


async def test_the_openai_client_is_refused_in_its_own_words(open_edge: Any) -> None:
    async with open_edge() as team:
        with pytest.raises(BadRequestError, match="per day"):
            await admin(team).completions(start_time=1, bucket_width="1m")


def test_days_are_those_of_utc() -> None:
    midnight = seconds(date(2026, 3, 1))
    assert dates(midnight - 1, midnight) == [date(2026, 2, 28)]
    assert dates(midnight, midnight + 1) == [date(2026, 3, 1)]
    assert len(days_between(midnight, midnight + DAY + 1)) == 2


async def test_without_a_store_a_month_of_days_is_kept() -> None:
    now = datetime(2026, 5, 1, tzinfo=UTC)
    counter = UsageCounter(None, lambda: now)
    for day in range(1, 41):
        now = datetime.fromtimestamp(seconds(date(2026, 4, 30)) + day * DAY, UTC)
        counter.add("team", "fake/small", pb.Usage(input_tokens=1), 0)
    kept = await counter.days(dates(seconds(date(2026, 5, 1)), seconds(date(2026, 6, 10))))
    assert [bool(each) for each in kept] == [False] * 9 + [True] * 31


def test_a_bucket_of_nothing_has_no_results() -> None:
    assert bucket(date(2026, 1, 1), {}, Selection("completions"))["results"] == []
