"""Fixtures of all tests."""

from collections.abc import Iterator

import pytest

from devstack.servers import Servers, running_in_thread


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Async tests run on asyncio, as the shop does."""
    return "asyncio"


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """Kafka, MongoDB, Redis, S3 and Stripe, started for this run; tests use names of their own."""
    with running_in_thread(tmp_path_factory.mktemp("servers") / "data") as started:
        yield started
