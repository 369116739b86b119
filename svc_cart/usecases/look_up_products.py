"""The products that carts need: from the replica, or else from the catalog."""

import asyncio
from collections.abc import Collection, Mapping

from chassis.errors import Unavailable
from svc_cart.model.products import Product
from svc_cart.model.refusals import no_such_product
from svc_cart.usecases.ports import Catalog, ProductReplica


class LookUpProducts:
    """What carts know of products.

    Args:
        replica: What is known of them.
        catalog: Asked for those that are not known yet.
    """

    def __init__(self, replica: ProductReplica, catalog: Catalog) -> None:
        self._replica = replica
        self._catalog = catalog

    async def get(self, product_ids: Collection[str]) -> Mapping[str, Product]:
        """Those that exist or did, by id.

        Raises:
            Unavailable: One is not known, and the catalog does not answer.
        """
        known = await self._replica.get(product_ids) if product_ids else {}
        unknown = [each for each in product_ids if each not in known]
        asked = await asyncio.gather(*map(self._ask, unknown))
        return {**known, **{product.id: product for product in asked if product is not None}}

    async def sold(self, product_id: str) -> Product:
        """One that can be put into a cart.

        Raises:
            NotFound: There is none, or it is no longer sold.
        """
        product = (await self.get([product_id])).get(product_id)
        if product is None or product.deleted:
            raise no_such_product(product_id)
        return product

    async def newer(self, product: Product) -> Product | None:
        """The product as it is now, where the replica is behind and the catalog answers."""
        try:
            current = await self._ask(product.id)
        except Unavailable:
            return None
        return current if current is not None and current.version > product.version else None

    async def gone(self, product_ids: Collection[str]) -> Mapping[str, str]:
        """The titles, by id, of those that are no longer sold, even if that is not known yet.

        Raises:
            Unavailable: The catalog does not answer.
        """
        known = await self.get(product_ids)
        doubtful = [each for each in product_ids if each in known and not known[each].deleted]
        current = await asyncio.gather(*map(self._catalog.get, doubtful))
        sold = {product.id for product in current if product is not None}
        return {
            each: known[each].title if each in known else ""
            for each in product_ids
            if each not in sold
        }

    async def _ask(self, product_id: str) -> Product | None:
        product = await self._catalog.get(product_id)
        if product is not None:
            await self._replica.put(product)
        return product
