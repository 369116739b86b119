import pytest

from chassis.currencies import CURRENCIES, Currency
from devstack.demo.catalogue import load_catalogue


@pytest.mark.parametrize("known", CURRENCIES.values(), ids=CURRENCIES.keys())
def test_every_demo_product_can_be_bought_in_every_currency(known: Currency) -> None:
    for product in load_catalogue(known.code):
        assert product.currency == known.code
        assert known.can_charge(product.price_minor)
        assert known.can_charge(4 * product.price_minor)


def test_prices_are_round_amounts_of_the_currency() -> None:
    prices = {
        code: load_catalogue(code)[0].price_minor for code in ("USD", "EUR", "JPY", "KWD", "ISK")
    }
    dollars = prices["USD"]
    assert prices["EUR"] == dollars
    assert prices["JPY"] == pytest.approx(dollars * 1.5, rel=0.01)
    assert prices["KWD"] == pytest.approx(dollars * 3, rel=0.01)
    assert prices["ISK"] == pytest.approx(dollars * 1.3, rel=0.01)
