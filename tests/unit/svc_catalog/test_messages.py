"""What the world is told of a product."""

from dataclasses import replace

from shop.catalog.v1 import events_pb2

from svc_catalog.messages import event_message
from svc_catalog.model.products import Announcement
from tests.unit.svc_catalog.samples import product


def test_news_of_a_product_have_it_as_it_is() -> None:
    lamp = product("lamp")
    created = event_message(Announcement("product.created", lamp))
    updated = event_message(Announcement("product.updated", lamp))
    assert isinstance(created, events_pb2.ProductCreated)
    assert isinstance(updated, events_pb2.ProductUpdated)
    assert created.product == updated.product
    assert (updated.product.id, updated.product.version) == ("lamp", 1)


def test_nothing_is_as_new_as_a_deletion() -> None:
    gone = replace(product("lamp"), version=3, deleted=True)
    deleted = event_message(Announcement("product.deleted", gone))
    assert deleted == events_pb2.ProductDeleted(product_id="lamp", version=3)
    overtaken = event_message(Announcement("product.updated", gone))
    assert isinstance(overtaken, events_pb2.ProductUpdated)
    assert overtaken.product.version == 2
