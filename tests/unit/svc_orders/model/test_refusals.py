"""What a refusal says."""

from types import ModuleType

import pytest

import svc_cart.model.refusals
import svc_catalog.model.stock
import svc_orders.model.refusals
from svc_orders.model.refusals import OutOfStock, Shortage


@pytest.mark.parametrize(
    "module", [svc_cart.model.refusals, svc_catalog.model.stock, svc_orders.model.refusals]
)
def test_a_shortage_is_said_in_the_same_words_by_each_service(module: ModuleType) -> None:
    lines = (module.Shortage("a", "Lamp", 3, 2), module.Shortage("b", "Vase", 1, 0))
    assert module.OutOfStock(lines).message == "Only 2 of Lamp can be bought. Vase is sold out."


def test_a_product_without_a_title_is_named_by_its_id() -> None:
    assert OutOfStock([Shortage("lamp-1", "", 1, 0)]).message == "lamp-1 is sold out."


def test_a_shortage_without_its_detail_says_something() -> None:
    assert OutOfStock([]).message == "There is not enough left."
