"""A product and the rules of its fields."""

from dataclasses import dataclass, replace
from datetime import datetime

from chassis.errors import InvalidField, NotFound, Refusal


@dataclass(frozen=True)
class Money:
    """An amount in minor units of an ISO 4217 currency."""

    amount_minor: int
    currency: str


@dataclass(frozen=True)
class ProductFields:
    """What an admin says of a product.

    Attributes:
        title: Its name, never blank.
        description: Plain text; may be empty.
        category: The one category it is in, never blank.
        price: Price of one, more than nothing.
        quantity: How many the shop has, reserved ones included.
        image_key: The picture's key; empty without one.
    """

    title: str
    description: str
    category: str
    price: Money
    quantity: int
    image_key: str = ""

    def checked(self, currency: str) -> "ProductFields":
        """These fields without surrounding blanks.

        Args:
            currency: The only one that the shop sells in, so that carts and orders can be summed.

        Raises:
            InvalidField: One of them breaks a rule.
        """
        trimmed = replace(
            self,
            title=self.title.strip(),
            description=self.description.strip(),
            category=self.category.strip(),
        )
        if not trimmed.title:
            raise InvalidField("title", "must not be blank")
        if not trimmed.category:
            raise InvalidField("category", "must not be blank")
        if trimmed.price.amount_minor <= 0:
            raise InvalidField("price.amount_minor", "must be more than 0")
        if trimmed.price.currency != currency:
            raise InvalidField("price.currency", f"must be {currency}")
        return trimmed


@dataclass(frozen=True)
class Product:
    """Something that is sold.

    Attributes:
        id: Opaque id.
        fields: What the admins say of it.
        user_id: The admin who added it.
        reserved: How many of `fields.quantity` are held for orders.
        version: Grows by one with every change that can be seen, stock included.
        created_at: When it was added.
        deleted: It was taken out of the shop; nothing of it changes any more but its stock.
    """

    id: str
    fields: ProductFields
    user_id: str
    reserved: int
    version: int
    created_at: datetime
    deleted: bool = False

    @property
    def available(self) -> int:
        """How many can be bought now."""
        return self.fields.quantity - self.reserved

    def updated(self, fields: ProductFields, version: int) -> "Product":
        """This product with new fields; an empty image key keeps the present picture.

        Args:
            fields: Checked ones.
            version: The version that the change was made on.

        Raises:
            VersionConflict: The product has changed since.
            InvalidField: Fewer are left than orders hold.
        """
        if version != self.version:
            raise VersionConflict(self)
        if fields.quantity < self.reserved:
            raise InvalidField("quantity", f"must be at least {self.reserved}, which are reserved")
        kept = fields if fields.image_key else replace(fields, image_key=self.fields.image_key)
        return replace(self, fields=kept, version=version + 1)


@dataclass(frozen=True)
class Announcement:
    """A fact to be told of a product: the topic, and the product to tell."""

    topic: str
    product: Product


class VersionConflict(Refusal):
    """An update was made on a version that is no longer the current one."""

    reason = "VERSION_CONFLICT"

    def __init__(self, current: Product) -> None:
        super().__init__(f"The product is at version {current.version} by now.")
        self.current = current


def no_such_product(product_id: str) -> NotFound:
    """The refusal that names a product that is not there, or not any more."""
    return NotFound(f"There is no product {product_id}.")
