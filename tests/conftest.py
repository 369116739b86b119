"""Fixtures of all tests: each server is started for the first test that asks for it.

It runs until the end, for all; tests use names of their own on it.
"""

from collections.abc import Iterator

import pytest

from devstack.credentials import Credentials
from devstack.servers import S3Address, running_in_thread
from tests.support.stripe import Emulator


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Async tests run on asyncio, as the shop does."""
    return "asyncio"


@pytest.fixture(scope="session")
def kafka_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A running Kafka."""
    with running_in_thread(tmp_path_factory.mktemp("kafka"), {"kafka"}) as servers:
        yield servers.kafka


@pytest.fixture(scope="session")
def mongodb_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A running MongoDB; the URL ends in a database that no test uses."""
    with running_in_thread(tmp_path_factory.mktemp("mongo"), {"mongo"}) as servers:
        yield servers.mongo["orders"]


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A running Redis."""
    with running_in_thread(tmp_path_factory.mktemp("redis"), {"redis"}) as servers:
        yield servers.redis


@pytest.fixture(scope="session")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Address]:
    """A running S3 server."""
    with running_in_thread(tmp_path_factory.mktemp("s3"), {"s3"}) as servers:
        yield servers.s3


@pytest.fixture(scope="session")
def stripe(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    """A running emulator of Stripe."""
    data = tmp_path_factory.mktemp("stripe")
    with running_in_thread(data, {"stripe"}) as servers:
        yield Emulator(servers.stripe, Credentials.kept_in(data).stripe_secret_key)
