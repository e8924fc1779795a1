"""What every test shares."""

import pytest
from hypothesis import settings

# a busy machine is slow, not wrong
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Run coroutine tests on asyncio, the loop that the services run on."""
    return "asyncio"
