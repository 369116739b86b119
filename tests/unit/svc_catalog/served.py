"""The service as it is called, on stores in memory."""

from svc_catalog.rpc import CatalogRpc
from svc_catalog.usecases.count_products import CountProducts
from svc_catalog.usecases.edit_products import EditProducts
from svc_catalog.usecases.list_products import ListProducts
from svc_catalog.usecases.reserve_stock import ReserveStock
from svc_catalog.usecases.search_products import SearchProducts
from svc_catalog.usecases.store_images import StoreImages
from tests.unit.svc_catalog.fakes import (
    FakeCategoryStore,
    FakeImageStore,
    FakeProductStore,
    FakeRenderer,
    FakeVocabulary,
)
from tests.unit.svc_catalog.samples import NOON


def rpc_of(store: FakeProductStore, vocabulary: FakeVocabulary | None = None) -> CatalogRpc:
    """The servicer over a store of products and what else it needs."""
    images, categories, counting = FakeImageStore(), FakeCategoryStore(), CountProducts(store)
    searching = SearchProducts(vocabulary or FakeVocabulary(), "english")
    return CatalogRpc(
        ListProducts(store, categories, searching, counting),
        EditProducts(
            store,
            images,
            categories,
            searching,
            counting,
            "USD",
            clock=lambda: NOON,
            new_id=lambda: "new",
        ),
        ReserveStock(store, counting, lambda: NOON, lambda: "token"),
        StoreImages(images, FakeRenderer()),
    )
