"""A product and the rules of its fields."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType
from typing import Any

from chassis.currencies import Money
from chassis.currencies import currency as currency_of
from chassis.errors import InvalidField, NotFound, Refusal

MAX_QUANTITY = 1_000_000

# What admins say of a product besides its stock.
DETAILS = ("title", "description", "category", "price", "image_key", "keywords")


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
        keywords: Other words that people look for it by; may be empty.
    """

    title: str
    description: str
    category: str
    price: Money
    quantity: int
    image_key: str = ""
    keywords: str = ""

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
            keywords=self.keywords.strip(),
        )
        if not trimmed.title:
            raise InvalidField("title", "must not be blank")
        if not trimmed.category:
            raise InvalidField("category", "must not be blank")
        if trimmed.price.amount_minor <= 0:
            raise InvalidField("price.amount_minor", "must be more than 0")
        if trimmed.price.currency != currency:
            raise InvalidField("price.currency", f"must be {currency}")
        known = currency_of(currency)
        if trimmed.price.amount_minor > known.maximum:
            most = f"{known.maximum}, {known.written(known.maximum)}: more cannot be charged"
            raise InvalidField("price.amount_minor", f"must be at most {most}")
        if trimmed.price.amount_minor % known.step:
            step = f"a multiple of {known.step}: other amounts in {currency} cannot be charged"
            raise InvalidField("price.amount_minor", f"must be {step}")
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
        details_version: Grows by one with every change of one of `DETAILS`.
        changed_in: One of `DETAILS` -> the `details_version` that its last change made.
    """

    id: str
    fields: ProductFields
    user_id: str
    reserved: int
    version: int
    created_at: datetime
    deleted: bool = False
    details_version: int = 1
    changed_in: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))

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
        return replace(self._with(kept), version=version + 1)

    def edited(
        self, changes: Mapping[str, Any], quantity_change: int, details_version: int | None
    ) -> "Product":
        """This product with some of `DETAILS` changed, and something added to its stock.

        Args:
            changes: One of `DETAILS` -> its new value, which was not checked yet.
            quantity_change: What to add to the stock; below 0 takes from it.
            details_version: The one that the changes were made on; None for whichever it is.

        Raises:
            VersionConflict: One of the details has been changed to something else since.
            InvalidField: Fewer would be left than orders hold, or more than a product may have.
        """
        changes = {name: new for name, new in changes.items() if new != getattr(self.fields, name)}
        if details_version is not None:
            lost = [name for name in changes if self.changed_in.get(name, 0) > details_version]
            if lost:
                raise VersionConflict(self, lost)
        if quantity_change < 0 and self.available + quantity_change < 0:
            least = f"must be at least {-self.available}, as so many are not reserved"
            raise InvalidField("quantity_change", least)
        if self.fields.quantity + quantity_change > MAX_QUANTITY:
            most = MAX_QUANTITY - self.fields.quantity
            raise InvalidField("quantity_change", f"must be at most {most}")
        quantity = self.fields.quantity + quantity_change
        return self._with(replace(self.fields, **changes, quantity=quantity))

    def _with(self, fields: ProductFields) -> "Product":
        changed = [name for name in DETAILS if getattr(fields, name) != getattr(self.fields, name)]
        if not changed:
            return replace(self, fields=fields)
        version = self.details_version + 1
        return replace(
            self,
            fields=fields,
            details_version=version,
            changed_in={**self.changed_in, **dict.fromkeys(changed, version)},
        )


@dataclass(frozen=True)
class Announcement:
    """An event of a product: its topic, and the product it announces."""

    topic: str
    product: Product


class VersionConflict(Refusal):
    """A change was made on what is no longer the current product.

    Args:
        current: The product as it is now.
        fields: Which of the changed details others have changed; empty where any change counts.
    """

    reason = "VERSION_CONFLICT"

    def __init__(self, current: Product, fields: Sequence[str] = ()) -> None:
        what = f"The {' and '.join(fields)}" if fields else "The product"
        super().__init__(f"{what} has been changed since. Look at the product as it is now.")
        self.current = current
        self.fields = tuple(fields)


class NoLongerSold(NotFound):
    """The product was taken out of the shop."""

    def __init__(self, product: Product) -> None:
        super().__init__(f"{product.fields.title} is no longer sold.")
        self.product = product


def no_such_product(product_id: str) -> NotFound:
    """The refusal that names a product that is not there, or not any more."""
    return NotFound(f"There is no product {product_id}.")
