"""Fixtures of the gateway's unit tests."""

from collections.abc import AsyncIterator

import httpx
import pytest

from tests.unit.gateway.fakes import World, make_world


@pytest.fixture
async def world(anyio_backend: str) -> World:
    return make_world()


@pytest.fixture
async def client(world: World) -> AsyncIterator[httpx.AsyncClient]:
    async with world.client() as client:
        yield client
