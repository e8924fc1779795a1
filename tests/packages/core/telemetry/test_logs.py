"""Logs: a line per event, in either form, with all that is said of it and no library's chatter."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator

import pytest

from unigate_core.telemetry import logs
from unigate_core.telemetry.logs import Line, configure_logs, get_logger, log_line


class ExampleLine(Line, kw_only=True):
    path: str = ""


@pytest.fixture(autouse=True)
def _restored(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    root, ours = logging.getLogger(), logging.getLogger(logs.NAME)
    handlers, levels = root.handlers[:], (root.level, ours.level)
    monkeypatch.setattr(logs, "_write", None)
    yield
    root.handlers[:] = handlers
    root.setLevel(levels[0])
    ours.setLevel(levels[1])


def test_an_event_is_an_object(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("json", "info")
    get_logger("unigate.edge").info("listening", port=8080, name="ü", object=frozenset({1}))
    line = json.loads(capsys.readouterr().out)
    assert line.pop("timestamp").endswith("Z")
    assert line == {"event": "listening", "level": "info", "port": 8080, "name": "ü", "object": [1]}


def test_an_exception_is_in_its_line(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("json", "info")
    try:
        int("bad")
    except ValueError:
        get_logger().exception("failed", part=1)
    (line,) = capsys.readouterr().out.splitlines()
    told = json.loads(line)
    assert (told["event"], told["level"], told["part"]) == ("failed", "error", 1)
    assert told["exception"].endswith("'bad'")


@pytest.mark.parametrize("form", ["json", "console"])
def test_libraries_are_heard_from_warnings_on(capsys: pytest.CaptureFixture[str], form: str) -> None:
    configure_logs(form, "debug")
    logging.getLogger("library").info("chatter")
    logging.getLogger("library").warning("of %s", "weight")
    get_logger().debug("detail")
    first, second = capsys.readouterr().out.splitlines()
    assert "of weight" in first
    assert "detail" in second


def test_what_is_below_the_level_is_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("json", "warning")
    get_logger().info("quiet")
    log_line(get_logger(), ExampleLine(event="request"))
    assert not capsys.readouterr().out


def test_people_read_words(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("console", "info")
    log_line(get_logger(), ExampleLine(event="request", path="/v1/models"))
    (line,) = capsys.readouterr().out.splitlines()
    assert line.endswith(" info     request path=/v1/models")


def test_a_line_with_a_form_of_its_own_looks_the_same(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    configure_logs("json", "info")
    log_line(get_logger(), ExampleLine(event="request", path="/"))
    get_logger().info("request", path="/")
    own, other = (json.loads(line) for line in capfdbinary.readouterr().out.splitlines())
    assert own.pop("timestamp")[:10] == other.pop("timestamp")[:10]
    assert own == other
    assert list(own) == list(other)


def test_a_value_begins_no_line_and_steers_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("console", "info")
    get_logger().info("request", path="/v1/x\n2026 forged\x1b[31m\x85\u2028line")
    (line,) = capsys.readouterr().out.splitlines()
    assert line.endswith("path=/v1/x\\x0a2026 forged\\x1b[31m\\x85\\x2028line")
