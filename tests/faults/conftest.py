"""A running shop for faults alone, in which nothing waits for long."""

from collections.abc import Iterator

import pytest

from tests.faults.processes import Processes
from tests.support.fixtures import admin, another_shopper, guest, shopper
from tests.support.people import Shop
from tests.support.running import empty_shop, running_shop

__all__ = ["admin", "another_shopper", "guest", "processes", "shop", "shopper"]

# An order lives shorter than the outages here, and short enough to be waited for; a charge that
# Stripe knows nothing of is given up after 30 times as long as a call may take.
SETTINGS = {"ORDER_LIFETIME": "30s", "RESERVATION_GRACE": "5s", "STRIPE_TIMEOUT": "3s"}


@pytest.fixture(scope="package")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A running shop of two replicas each, without products, of this run alone."""
    data = empty_shop(tmp_path_factory.mktemp("faults") / "data")
    with running_shop(data, SETTINGS, replicas=2) as running:
        yield running


@pytest.fixture
def processes(shop: Shop) -> Iterator[Processes]:
    """The shop's processes, all of them well before and after the test."""
    them = Processes(shop)
    them.wait_until_well()
    yield them
    them.wait_until_well()
