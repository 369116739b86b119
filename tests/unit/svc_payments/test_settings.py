"""What the settings say of Stripe."""

import pytest

from chassis.settings.environment import load
from svc_payments.settings import Settings

ENVIRONMENT = {
    "AUTH_URL": "svc-auth:50051",
    "CLIENT_SECRET": "secret",
    "REDIS_URL": "redis://redis:6379/0",
    "GRPC_PORT": "50051",
    "OPS_PORT": "8080",
    "MONGODB_URL": "mongodb://mongo:27017/payments",
    "KAFKA_URL": "kafka:9092",
    "ORDERS_URL": "svc-orders:50051",
    "STRIPE_SECRET_KEY": "sk_test_1",
    "STRIPE_PUBLISHABLE_KEY": "pk_test_1",
    "STRIPE_WEBHOOK_SECRET": "whsec_1",
}


@pytest.mark.parametrize(
    ("url", "emulator"),
    [
        ("", ""),
        ("https://api.stripe.com", ""),
        ("https://api.stripe.com/", ""),
        ("http://stripe.localhost:12111", "http://stripe.localhost:12111"),
    ],
)
def test_pages_take_stripe_itself_for_no_emulator(url: str, emulator: str) -> None:
    assert load(Settings, {**ENVIRONMENT, "STRIPE_URL": url}).emulator_url == emulator


def test_without_a_url_it_is_stripe_itself() -> None:
    assert load(Settings, ENVIRONMENT).emulator_url == ""
