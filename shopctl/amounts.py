"""Amounts of money as people write them."""

from decimal import Decimal, InvalidOperation

from shop.catalog.v1 import catalog_pb2
from shop.money.v1 import money_pb2

from shopctl.failures import Exit, Failure
from shopctl.session import Session


def amount(session: Session, written: str) -> money_pb2.Money:
    """`19.99` in the currency of the shop.

    Raises:
        Failure: The currency has no such amount.
    """
    config = session.catalog.GetCatalogConfig(catalog_pb2.GetCatalogConfigRequest())
    try:
        minor = Decimal(written) * 10**config.decimals
    except InvalidOperation:
        minor = Decimal("NaN")
    if not minor.is_finite() or minor != minor.to_integral_value():
        example = f"{Decimal(1999).scaleb(-config.decimals):f}"
        raise Failure(Exit.USAGE, f"an amount in {config.currency} is such as {example}")
    return money_pb2.Money(amount_minor=int(minor), currency=config.currency)
