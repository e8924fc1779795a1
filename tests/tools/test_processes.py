"""Processes that one command starts and another stops."""

import os
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tools.processes import Ledger, Process, spawn, started_at, stop, wait

WAITS = "import sys; print('up', flush=True); sys.stdin.read(); import signal; signal.pause()"
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); signal.pause()"


def start(code: str, folder: Path) -> Process:
    """Start Python code and wait until it says that it is up."""
    process = spawn("sample", [sys.executable, "-c", code], dict(os.environ), folder)
    while process.alive() and "up" not in process.tail():
        wait([process], 0.02)
    return process


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    """A ledger of nothing yet."""
    return Ledger(tmp_path / "processes.json")


def test_a_process_that_was_written_down_is_found_again(ledger: Ledger, tmp_path: Path) -> None:
    process = start(WAITS, tmp_path)
    ledger.write([process])
    assert ledger.running() == [process]
    stop([process])


def test_a_stopped_process_is_not_running(ledger: Ledger, tmp_path: Path) -> None:
    process = start(WAITS, tmp_path)
    ledger.write([process])
    assert stop([process]) == []
    assert ledger.running() == []


def test_a_process_id_that_belongs_to_another_by_now_is_left_alone(ledger: Ledger) -> None:
    ledger.write([Process("stale", os.getpid(), "another start", os.devnull)])
    assert ledger.running() == []
    assert stop([Process("stale", os.getpid(), "another start", os.devnull)]) == []


def test_a_process_that_ignores_the_request_is_killed_and_named(tmp_path: Path) -> None:
    process = start(STUBBORN, tmp_path)
    assert stop([process], seconds=0.1) == [process]
    assert not process.alive()


def test_a_process_that_is_gone_has_no_start(tmp_path: Path) -> None:
    process = start("print('up')", tmp_path)
    wait([process], 5)
    assert started_at(process.pid) is None


def test_the_last_lines_of_a_log_are_told(tmp_path: Path) -> None:
    log = tmp_path / "sample.log"
    log.write_text("one\ntwo\nthree\n")
    assert replace(Process("sample", 1, "", ""), log=str(log)).tail(2) == "two\nthree"


def test_nothing_running_leaves_no_file(ledger: Ledger) -> None:
    ledger.write([])
    assert not ledger.path.exists()
