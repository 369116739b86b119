"""What the demo shop sells: six categories, read from the TOML files beside this module."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

from devstack.demo.prices import price_in

_FOLDER = Path(__file__).parent / "products"
_PICTURES = Path(__file__).parent / "pictures"


@dataclass(frozen=True, slots=True)
class DemoProduct:
    """A product as it is entered into a new shop.

    Attributes:
        slug: Stable name, unique; also what its picture is found by.
        title: For people, unique.
        description: Two or three sentences.
        category: One of the six, in words.
        price_minor: Price in minor units of `currency` (the files have US cents).
        currency: ISO 4217 code.
        quantity: Pieces in stock; 0 is sold out.
        keywords: Other words that people look for it by.
    """

    slug: str
    title: str
    description: str
    category: str
    price_minor: int
    currency: str
    quantity: int
    keywords: str = ""

    def picture(self) -> bytes:
        """Its picture: a WebP of 1280 by 1280 pixels."""
        return (_PICTURES / f"{self.slug}.webp").read_bytes()


def load_catalogue(currency: str = "USD") -> tuple[DemoProduct, ...]:
    """All products at prices in a currency, by category in order and then as in its file.

    Raises:
        KeyError: A product lacks a field.
        tomllib.TOMLDecodeError: A file is malformed.
    """
    return tuple(
        product
        for file in sorted(_FOLDER.glob("*.toml"))
        for product in _read_category(file, currency)
    )


def _read_category(file: Path, currency: str) -> list[DemoProduct]:
    listing = tomllib.loads(file.read_text(encoding="utf-8"))
    return [
        DemoProduct(
            slug=entry["slug"],
            title=entry["title"],
            description=entry["description"].strip(),
            category=listing["category"],
            price_minor=price_in(currency, entry["price_minor"]),
            currency=currency,
            quantity=entry["quantity"],
            keywords=entry.get("keywords", ""),
        )
        for entry in listing["product"]
    ]
