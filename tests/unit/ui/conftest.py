"""A browser in front of the pages, and a fake gateway behind them."""

import httpx
import pytest
from httpx import AsyncClient

from tests.unit.ui import samples
from tests.unit.ui.fake_api import FakeApi
from ui.api.remote import RemoteApi
from ui.app import create_app


@pytest.fixture
def api() -> FakeApi:
    """The gateway; it has one product, and nobody is signed in."""
    fake = FakeApi()
    fake.answers("GET", "/api/products", samples.listing(samples.product()))
    fake.answers("GET", "/api/products/p1", {"product": samples.product()})
    fake.answers("GET", "/api/catalog/config", {"currency": "USD"})
    fake.answers("GET", "/api/cart", samples.cart())
    fake.answers("GET", "/api/orders", samples.orders())
    fake.answers("GET", "/api/users/currentuser", {"currentUser": None})
    return fake


@pytest.fixture
def emulator() -> FakeApi:
    """The Stripe emulator."""
    fake = FakeApi()
    fake.answers("POST", "/v1/payment_methods", {"id": "pm_1"})
    return fake


@pytest.fixture
def browser(api: FakeApi, emulator: FakeApi) -> AsyncClient:
    """A browser; it follows no redirects by itself."""
    client = httpx.AsyncClient(
        transport=httpx.MockTransport(api.handle), base_url="http://gateway.test"
    )

    def new_emulator_client() -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=httpx.MockTransport(emulator.handle))

    app = create_app(RemoteApi(client), "http://gateway.test", new_emulator_client)
    return AsyncClient(
        transport=httpx.ASGITransport(app, raise_app_exceptions=False, client=("192.0.2.1", 5)),
        base_url="http://shop.test",
    )


@pytest.fixture
def shopper(api: FakeApi, browser: AsyncClient) -> AsyncClient:
    """A browser whose shopper is signed in."""
    api.answers("GET", "/api/users/currentuser", {"currentUser": samples.user()})
    browser.cookies.update({"session": "s", "refreshToken": "r"})
    return browser


@pytest.fixture
def admin(api: FakeApi, shopper: AsyncClient) -> AsyncClient:
    """A browser whose shopper is an admin."""
    api.answers("GET", "/api/users/currentuser", {"currentUser": samples.user(role="admin")})
    return shopper
