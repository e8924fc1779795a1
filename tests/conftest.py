"""What every test shares."""

import gc
from collections.abc import Callable, Iterator
from types import FrameType

import pytest
from hypothesis import settings

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
