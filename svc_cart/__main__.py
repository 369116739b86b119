"""Starts the cart: `python -m svc_cart`."""

from shop.cart.v1 import cart_pb2_grpc
from shop.catalog.v1 import catalog_pb2_grpc
from shop.orders.v1 import orders_pb2_grpc

from chassis.clock import utcnow
from chassis.ids import new_id, new_secret
from chassis.outbox.versioned import jittered
from chassis.service import Service, run
from svc_cart.consumers import subscriptions
from svc_cart.messages import event_message
from svc_cart.peers.catalog import CatalogPeer
from svc_cart.peers.orders import OrdersPeer
from svc_cart.rpc import DETAILS, CartRpc
from svc_cart.settings import Settings
from svc_cart.store import CARTS, INDEXES, MongoCartStore, MongoProductReplica
from svc_cart.usecases.checkout import Checkout
from svc_cart.usecases.edit_cart import EditCart
from svc_cart.usecases.event_handlers import FollowOrders, FollowProducts
from svc_cart.usecases.look_up_products import LookUpProducts
from svc_cart.usecases.merge_guest_cart import MergeGuestCart
from svc_cart.usecases.write_cart import WriteCart


async def wire(service: Service[Settings]) -> None:
    """Put the cart together."""
    settings = service.settings
    database = await service.database(INDEXES)
    carts = MongoCartStore(database, service.outbox(CARTS, event_message, gathers=True))
    replica = MongoProductReplica(database)
    catalog = CatalogPeer(
        service.stub(catalog_pb2_grpc.CatalogServiceStub, "svc_catalog", settings.catalog_url)
    )
    orders = OrdersPeer(
        service.stub(orders_pb2_grpc.OrdersServiceStub, "svc_orders", settings.orders_url)
    )
    products = LookUpProducts(replica, catalog)
    write_cart = WriteCart(carts, new_id, jittered)
    merge_guest_cart = MergeGuestCart(carts, write_cart)
    edit_cart = EditCart(
        carts,
        write_cart,
        merge_guest_cart,
        products,
        currency=settings.currency,
        clock=utcnow,
        new_secret=new_secret,
    )
    checkout = Checkout(carts, write_cart, merge_guest_cart, products, orders, utcnow)
    service.serve(
        cart_pb2_grpc.add_CartServiceServicer_to_server,
        CartRpc(edit_cart, checkout),
        details=DETAILS,
    )
    service.consume(subscriptions(FollowProducts(replica), FollowOrders(write_cart)))


if __name__ == "__main__":
    run("svc_cart", Settings, wire)
