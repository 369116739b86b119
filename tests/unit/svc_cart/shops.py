"""The cart's use cases on ports in memory."""

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count

from svc_cart.usecases.checkout import Checkout
from svc_cart.usecases.edit_cart import EditCart
from svc_cart.usecases.event_handlers import FollowOrders, FollowProducts
from svc_cart.usecases.look_up_products import LookUpProducts
from svc_cart.usecases.merge_guest_cart import MergeGuestCart
from svc_cart.usecases.write_cart import WriteCart
from tests.unit.svc_cart.fakes import (
    FakeCartStore,
    FakeCatalog,
    FakeOrders,
    FakeProductReplica,
    no_pause,
)
from tests.unit.svc_cart.samples import NOON, product, usd


def _numbered(prefix: str) -> Callable[[], str]:
    numbers = count(1)
    return lambda: f"{prefix}{next(numbers)}"


@dataclass
class Shop:
    """A shop that sells lamps and vases for 10 dollars."""

    carts: FakeCartStore = field(default_factory=FakeCartStore)
    replica: FakeProductReplica = field(
        default_factory=lambda: FakeProductReplica(
            {"lamp": product("lamp"), "vase": product("vase")}
        )
    )
    catalog: FakeCatalog = field(
        default_factory=lambda: FakeCatalog({"lamp": product("lamp"), "vase": product("vase")})
    )
    orders: FakeOrders = field(
        default_factory=lambda: FakeOrders({"lamp": usd(1000), "vase": usd(1000)})
    )

    def __post_init__(self) -> None:
        self.write_cart = WriteCart(self.carts, _numbered("cart"), no_pause)
        self.products = LookUpProducts(self.replica, self.catalog)
        self.merge_guest_cart = MergeGuestCart(self.carts, self.write_cart)
        self.edit_cart = EditCart(
            self.carts,
            self.write_cart,
            self.merge_guest_cart,
            self.products,
            currency="USD",
            clock=lambda: NOON,
            new_secret=_numbered("secret"),
        )
        self.checkout = Checkout(
            self.carts,
            self.write_cart,
            self.merge_guest_cart,
            self.products,
            self.orders,
            lambda: NOON,
        )
        self.follow_products = FollowProducts(self.replica)
        self.follow_orders = FollowOrders(self.write_cart)
