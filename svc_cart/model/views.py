"""What a shopper sees of a cart: its lines with the products as they are now."""

from collections.abc import Mapping
from dataclasses import dataclass

from chassis.currencies import Money
from svc_cart.model.cart import Cart, Line
from svc_cart.model.products import Product


@dataclass(frozen=True)
class CartItem:
    """A line as it is shown.

    Attributes:
        previous_price: The price that was shown before, where it has changed since.
        available: How many can be bought now; none where the product is gone.
    """

    product_id: str
    title: str
    price: Money
    previous_price: Money | None
    quantity: int
    available: int
    image_url: str

    @property
    def subtotal(self) -> Money:
        """Price times quantity."""
        return self.price.times(self.quantity)

    @property
    def can_be_bought(self) -> bool:
        """Whether there is enough of it."""
        return self.available >= self.quantity


@dataclass(frozen=True)
class CartView:
    """A cart as it is shown.

    Attributes:
        id: Empty where nothing was ever added.
        items: In the order they were added.
        subtotal: Sum of the lines that can be bought.
        version: The cart's.
    """

    id: str
    items: tuple[CartItem, ...]
    subtotal: Money
    version: int

    @property
    def total_quantity(self) -> int:
        """Sum of the quantities."""
        return sum(item.quantity for item in self.items)


def view(cart: Cart, products: Mapping[str, Product], currency: str) -> CartView:
    """A cart with what is known of its products.

    Args:
        cart: With the prices that were shown before.
        products: By id; those that are missing are gone.
        currency: That of everything the shop sells.
    """
    items = tuple(_item(line, products.get(line.product_id)) for line in cart.lines)
    total = sum(item.subtotal.amount_minor for item in items if item.can_be_bought)
    return CartView(
        id=cart.id if cart.version else "",
        items=items,
        subtotal=Money(total, currency),
        version=cart.version,
    )


def _item(line: Line, product: Product | None) -> CartItem:
    price = line.price
    if product is not None and not product.deleted and product.price is not None:
        price = product.price
    return CartItem(
        product_id=line.product_id,
        title=product.title if product else "",
        price=price,
        previous_price=line.price if line.price != price else None,
        quantity=line.quantity,
        available=product.for_sale if product else 0,
        image_url=product.image_url if product else "",
    )
