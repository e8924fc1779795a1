"""What every test shares."""

import gc
import logging
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any

import pytest
from hypothesis import settings

from unigate_core.telemetry.logs import NAME, members_of

# a busy machine is slow, not wrong
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Run coroutine tests on asyncio, the loop that the services run on."""
    return "asyncio"


@pytest.fixture
def held() -> Iterator[Callable[[str], list[str]]]:
    """The names of a package's functions whose frames are held by anything, without the collector's help until then."""

    def frames() -> list[FrameType]:
        return [each for each in gc.get_objects() if isinstance(each, FrameType)]

    def names(package: str) -> list[str]:
        new = [each.f_code for each in frames() if id(each) not in earlier]
        gc.enable()
        return [code.co_qualname for code in new if f"/{package}/" in code.co_filename]

    gc.collect()
    gc.disable()
    earlier = {id(each) for each in frames()}
    yield names
    gc.enable()


@pytest.fixture
def logged() -> Iterator[list[dict[str, Any]]]:
    """The events that are logged while a test runs, with their members."""
    lines: list[dict[str, Any]] = []

    class Kept(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append({"event": record.getMessage(), **members_of(record)})

    logger, handler = logging.getLogger(NAME), Kept()
    level = logger.level
    logger.setLevel(logging.DEBUG)
    logger.addHandler(handler)
    yield lines
    logger.removeHandler(handler)
    logger.setLevel(level)
