"""What the soak's page tells of its samples."""

import pytest

from bench.soak_report import chart, growth, report, slope


def results(rise: float) -> dict[str, object]:
    """Ten minutes in which the edge takes `rise` MB a minute more."""
    samples = [
        {
            "seconds": 10.0 * n,
            "memory": {"edge": 80 + rise * n / 6, "openai": 70.0, "simulator": 50.0},
            "stores": {"cache": 1.0, "replays": 2.0},
            "store_limits": {"cache": 8.0, "replays": 8.0},
            "files": {"edge": 20, "openai": 12, "simulator": 9},
            "in_flight": 0.0,
            "connections": 0.0,
        }
        for n in range(61)
    ]
    return {
        "machine": {"commit": "abc", "cores": 2, "python": "3.11"},
        "seconds": 600.0,
        "clients": 8,
        "faults_percent": 40,
        "answers": {"200": 5, "499": 2},
        "default_store_mb": 469.0,
        "samples": samples,
    }


def test_a_line_s_slope_is_told() -> None:
    assert slope([(0, 1), (1, 3), (2, 5)]) == pytest.approx(2)
    assert slope([(0, 1)]) == 0


def test_growth_is_told_by_the_minute() -> None:
    assert growth(results(3))["edge"] == pytest.approx(3)
    assert growth(results(0))["openai"] == pytest.approx(0)


def test_the_page_tells_memory_limits_and_what_was_left() -> None:
    page = report(results(0))
    assert "may take 16 MB here" in page
    assert "| 10 | 80 MB | 70 MB | 3 MB | 20 |" in page
    assert "0 requests in flight, 0 connections and 20 files open at the edge, 20 at first" in page.replace("\n", " ")
    assert "| left by the client | 2 |" in page


def test_the_picture_shows_both_lines() -> None:
    assert chart(results(1)).count('fill="none"') == 2
