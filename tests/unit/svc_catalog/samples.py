"""Products to test with."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from chassis.currencies import Money
from svc_catalog.model.products import Product, ProductFields

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def fields(**changes: Any) -> ProductFields:
    """The fields of a lamp, with changes."""
    lamp = ProductFields(
        title="Brass lamp",
        description="Warm light for a desk",
        category="Lighting",
        price=Money(4900, "USD"),
        quantity=10,
    )
    return replace(lamp, **changes)


def product(
    product_id: str = "p1", *, minutes: int = 0, reserved: int = 0, **changes: Any
) -> Product:
    """A product added some minutes after noon."""
    return Product(
        id=product_id,
        fields=fields(**changes),
        user_id="admin",
        reserved=reserved,
        version=1,
        created_at=NOON + timedelta(minutes=minutes),
    )
