import pytest

from tests.unit.svc_auth.world import World


@pytest.fixture
def world() -> World:
    return World()
