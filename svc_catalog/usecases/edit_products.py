"""Keeping products."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from chassis.clock import Clock
from chassis.errors import InvalidField, Unavailable
from chassis.ids import NewId
from svc_catalog.model.products import (
    NoLongerSold,
    Product,
    ProductFields,
    VersionConflict,
    no_such_product,
)
from svc_catalog.usecases.count_products import CountProducts
from svc_catalog.usecases.ports import CategoryStore, ImageStore, ProductStore
from svc_catalog.usecases.search_products import SearchProducts

# An edit is repeated only where another admin's came between.
ATTEMPTS = 5


@dataclass(frozen=True)
class Edit:
    """A change of a product.

    Attributes:
        changes: One of `DETAILS` -> its new value.
        quantity_change: What to add to the stock.
        details_version: The one that the changes were made on; None for whichever it is.
        version: The only version of the product to change; None for any.
        key: Idempotency key; empty for none.
    """

    changes: Mapping[str, Any]
    quantity_change: int = 0
    details_version: int | None = None
    version: int | None = None
    key: str = ""


class EditProducts:
    """The products of the shop.

    Args:
        store: Where they are.
        images: Where their pictures are.
        categories: How categories are spelled.
        searching: By what they are found.
        count: Counts them, and has to count again after each change.
        currency: The one that the shop sells in, ISO 4217.
        clock: The time now.
        new_id: Ids of new products.
    """

    def __init__(
        self,
        store: ProductStore,
        images: ImageStore,
        categories: CategoryStore,
        searching: SearchProducts,
        count: CountProducts,
        currency: str,
        clock: Clock,
        new_id: NewId,
    ) -> None:
        self._store = store
        self._images = images
        self._categories = categories
        self._searching = searching
        self._count = count
        self.currency = currency
        self._clock = clock
        self._new_id = new_id

    async def get(self, product_id: str) -> Product:
        """One product.

        Raises:
            NotFound: There is none.
            NoLongerSold: It was deleted.
        """
        product = await self._store.find(product_id)
        if product is None:
            raise no_such_product(product_id)
        if product.deleted:
            raise NoLongerSold(product)
        return product

    async def create(self, fields: ProductFields, user_id: str) -> Product:
        """Add a product for the admin `user_id`.

        Raises:
            InvalidField: A field breaks a rule, or the picture was never uploaded.
        """
        product_id = self._new_id()
        product = Product(
            id=product_id,
            fields=await self._checked(fields, product_id),
            user_id=user_id,
            reserved=0,
            version=1,
            created_at=self._clock(),
        )
        await self._searching.learn(product.fields)
        with self._count.changing_products():
            await self._store.insert(product)
        return product

    async def update(self, product_id: str, fields: ProductFields, version: int) -> Product:
        """Replace the fields of a product; an empty image key keeps its picture.

        Raises:
            NotFound: There is none, or it was deleted.
            VersionConflict: `version` is not the current one.
            InvalidField: A field breaks a rule, or fewer are left than orders hold.
        """
        checked = await self._checked(fields, product_id)
        updated = (await self.get(product_id)).updated(checked, version)
        await self._searching.learn(checked)
        with self._count.changing_products():
            is_written = await self._store.replace(updated)
        if not is_written:
            raise VersionConflict(await self.get(product_id))
        return updated

    async def edit(self, product_id: str, edit: Edit) -> Product:
        """Change some fields of a product; the others, and what is sold meanwhile, stay.

        Raises:
            NotFound: There is none, or it was deleted.
            VersionConflict: Others have changed one of these fields since it was read.
            InvalidField: A field breaks a rule, or fewer would be left than orders hold.
            Unavailable: Others keep changing the product.
        """
        for _ in range(ATTEMPTS):
            current = await self.get(product_id)
            if edit.key and await self._store.has_edit(product_id, edit.key):
                return current
            if edit.version is not None and edit.version != current.version:
                raise VersionConflict(current)
            await self._check_picture(edit.changes.get("image_key", ""))
            checked = replace(current.fields, **edit.changes).checked(self.currency)
            if "category" in edit.changes:
                checked = await self._spelled(checked, product_id)
            changes = {name: getattr(checked, name) for name in edit.changes}
            edited = current.edited(changes, edit.quantity_change, edit.details_version)
            if edited == current:
                return current
            await self._searching.learn(edited.fields)
            with self._count.changing_products():
                written = await self._store.edit(current, edited, edit.version, edit.key)
            if written is not None:
                return written
        raise Unavailable("The product changes too fast; try again.")

    async def delete(self, product_id: str) -> None:
        """Take a product out of the shop; one that is out already stays out.

        Raises:
            NotFound: There never was such a product.
        """
        if await self._store.find(product_id) is None:
            raise no_such_product(product_id)
        with self._count.changing_products():
            await self._store.delete(product_id)

    async def _checked(self, fields: ProductFields, product_id: str) -> ProductFields:
        checked = fields.checked(self.currency)
        await self._check_picture(checked.image_key)
        return await self._spelled(checked, product_id)

    async def _spelled(self, fields: ProductFields, product_id: str) -> ProductFields:
        category = await self._categories.keep(fields.category, product_id)
        return replace(fields, category=category)

    async def _check_picture(self, key: str) -> None:
        if key and not await self._images.exists(key):
            raise InvalidField("image_key", "must be the key of an uploaded image")
