"""One running shop for all journeys, and the people who use it."""

from collections.abc import Iterator

import pytest

from tests.support.fixtures import admin, another_shopper, guest, shopper
from tests.support.people import Shop
from tests.support.running import running_shop

__all__ = ["admin", "another_shopper", "guest", "shop", "shopper"]

SETTINGS = {
    # Nothing expires while a test looks at it.
    "ORDER_LIFETIME": "15m",
    # Long enough for two tabs, and short enough to be waited for.
    "REFRESH_GRACE": "2s",
}


@pytest.fixture(scope="package")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A running shop with its demo data, of this run alone."""
    with running_shop(tmp_path_factory.mktemp("shop") / "data", SETTINGS) as running:
        yield running
        assert undeclared(running) == []


def undeclared(shop: Shop) -> list[str]:
    """The refusals, of all journeys, whose reason the contract does not say of their RPC."""
    logs = (shop.data / "logs").glob("*.log")
    lines = [line for log in logs for line in log.read_text().splitlines()]
    return [line for line in lines if "undeclared reason" in line]
