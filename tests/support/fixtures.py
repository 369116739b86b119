"""People of whatever `shop` is, as fixtures for a `conftest.py` to take in."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.support.people import Admin, Shop, Shopper

__all__ = ["admin", "another_shopper", "guest", "shopper"]


@contextmanager
def signed_up(shop: Shop) -> Iterator[Shopper]:
    """Somebody with a new account, in a browser of their own."""
    with shop.visitor() as client:
        person = Shopper(client)
        person.sign_up()
        yield person


@pytest.fixture
def guest(shop: Shop) -> Iterator[Shopper]:
    """Somebody who has just come in."""
    with shop.visitor() as client:
        yield Shopper(client)


@pytest.fixture
def shopper(shop: Shop) -> Iterator[Shopper]:
    """Somebody with a new account, signed in."""
    with signed_up(shop) as person:
        yield person


@pytest.fixture
def another_shopper(shop: Shop) -> Iterator[Shopper]:
    """Somebody else with a new account, signed in."""
    with signed_up(shop) as person:
        yield person


@pytest.fixture
def admin(shop: Shop) -> Iterator[Admin]:
    """The admin of the demo shop, signed in."""
    with shop.visitor() as client:
        login = shop.ready["logins"]["admin"]
        person = Admin(client)
        person.sign_in(login["email"], login["password"])
        yield person
