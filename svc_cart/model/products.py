"""What the cart knows of the catalog's products."""

from dataclasses import dataclass

from chassis.currencies import Money


@dataclass(frozen=True)
class Product:
    """A copy of a product.

    Attributes:
        id: The product's id.
        version: The catalog's; a greater one is newer.
        title: Its name; empty where only its deletion is known.
        price: Price of one; None where only its deletion is known.
        available: How many can be bought.
        image_url: Address of its picture; empty without one.
        deleted: It is no longer sold.
    """

    id: str
    version: int
    title: str = ""
    price: Money | None = None
    available: int = 0
    image_url: str = ""
    deleted: bool = False

    @property
    def for_sale(self) -> int:
        """How many can be bought; none of a deleted one."""
        return 0 if self.deleted else self.available
