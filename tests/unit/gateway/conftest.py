"""Fixtures of the gateway's unit tests."""

from collections.abc import AsyncIterator

import httpx
import pytest

from gateway.cache import layers, store
from tests.support.clock import FakeSeconds
from tests.unit.gateway.fakes import World, make_world


@pytest.fixture
async def world(anyio_backend: str) -> World:
    return make_world()


@pytest.fixture
async def client(world: World) -> AsyncIterator[httpx.AsyncClient]:
    async with world.client() as client:
        yield client


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> FakeSeconds:
    """The time of what is kept at the edge."""
    clock = FakeSeconds()
    for module in (layers, store):
        monkeypatch.setattr(module, "monotonic", clock)
    return clock
