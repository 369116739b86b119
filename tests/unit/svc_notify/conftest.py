import pytest

from tests.support.clock import FakeClock
from tests.unit.svc_notify.fakes import FakeMessages


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def messages(clock: FakeClock) -> FakeMessages:
    return FakeMessages(clock)
