"""Products in lists, each rendered once for all pages that show it as it is."""

from collections.abc import Callable
from typing import Any

from cachetools import LRUCache
from jinja2 import Environment
from markupsafe import Markup

from ui.api.problems import Json

MOST = 2_000


class ProductCards:
    """Renders products; what was rendered is kept, the least recently shown leave first.

    A card is kept by all that it shows, so it is never another one than the product's own.

    Args:
        templates: Where the card's template is.
        most: So many are kept.
    """

    def __init__(self, templates: Environment, most: int = MOST) -> None:
        module: Any = templates.get_template("parts/product_card.html").module
        self._render: Callable[..., Markup] = module.product_card
        self._cards: LRUCache[tuple[object, ...], Markup] = LRUCache(most)

    def __call__(self, product: Json, eager: bool = False, level: int = 2) -> Markup:
        """The card.

        Args:
            product: As the API tells it.
            eager: It is seen as soon as the page is, so its picture should be there soon.
            level: The level of its heading.
        """
        price = product["price"]
        shown = (
            product["id"],
            product["title"],
            price["amountMinor"],
            price["currency"],
            product["available"],
            product["imageUrl"],
            *((image["url"], image["width"]) for image in product["images"]),
            eager,
            level,
        )
        card = self._cards.get(shown)
        if card is None:
            card = self._cards[shown] = self._render(product, eager, level)
        return card
