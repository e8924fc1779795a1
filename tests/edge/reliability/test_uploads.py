"""Uploads are sent once: to the first model of their alias that is ready and healthy."""

from __future__ import annotations

from typing import Any

import pytest

from unigate.provider.v1 import provider_pb2 as pb


async def transcribe(pair: Any, model: str) -> Any:
    return await pair.client.post("/v1/audio/transcriptions", data={"model": model}, files={"file": ("a.wav", b"x")})


async def test_an_adapter_that_is_not_there_is_passed_over(pair: Any) -> None:
    await pair.chat("two/m")
    response = await transcribe(pair, "absent")
    assert (response.status_code, response.headers["x-unigate-provider"]) == (200, "two")
    assert response.headers["x-unigate-attempts"] == "1"


async def test_a_failure_is_told_and_not_sent_again(pair: Any) -> None:
    pair.one.script = [pb.InvokeResponse(error=pb.Error(status=503, message="busy", retryable=True))]
    await pair.chat("two/m")
    assert (await transcribe(pair, "one/m")).status_code == 503
    assert pair.count("unigate_retries_total") == 0


@pytest.mark.parametrize("settings", ["circuit: {failures: 1}"])
async def test_a_failing_model_is_passed_over(pair: Any) -> None:
    pair.one.script = [pb.InvokeResponse(error=pb.Error(status=500, message="broken"))]
    await pair.chat("both")
    assert (await transcribe(pair, "both")).headers["x-unigate-provider"] == "two"
