import pytest

from tests.unit.svc_notify.fakes import FakeClock, FakeMessages


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def messages(clock: FakeClock) -> FakeMessages:
    return FakeMessages(clock)
