"""An adapter makes no spans of a trace that is kept nowhere above it, unless its sampler is told to."""

from __future__ import annotations

import pytest
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF, ALWAYS_ON, ParentBased, Sampler, TraceIdRatioBased

from unigate_core.tracing.sdk import drops_children
from unigate_core.tracing.span import says_sampled

TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7"


@pytest.mark.parametrize("sampler", [ParentBased(ALWAYS_ON), ParentBased(TraceIdRatioBased(0.1)), ALWAYS_OFF])
def test_a_sampler_that_goes_by_its_parent_drops_what_the_parent_drops(sampler: Sampler) -> None:
    assert drops_children(sampler)


@pytest.mark.parametrize(
    "sampler",
    [ALWAYS_ON, TraceIdRatioBased(0.01), ParentBased(ALWAYS_ON, remote_parent_not_sampled=TraceIdRatioBased(0.01))],
)
def test_a_sampler_with_a_mind_of_its_own_is_asked_each_time(sampler: Sampler) -> None:
    assert not drops_children(sampler)


@pytest.mark.parametrize("flags", ["00", "02", "0a"])
def test_a_trace_without_the_flag_is_not_sampled(flags: str) -> None:
    assert not says_sampled(f"{TRACE}-{flags}")


@pytest.mark.parametrize("header", [f"{TRACE}-01", f"{TRACE}-03", f"{TRACE}-0b", "", "nonsense"])
def test_a_trace_with_the_flag_or_an_odd_header_may_be(header: str) -> None:
    assert says_sampled(header)
