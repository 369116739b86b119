"""A small client of the shop for other programs: channels, tokens, refusals.

With the stubs of the contract it makes the wheel `shop-protos`, so it knows nothing but gRPC and
the contract. What it adds to a plain channel: a token and a deadline with each call, reads that are
repeated while a service is unreachable, and refusals that can be read.

    from shop.catalog.v1 import catalog_pb2, catalog_pb2_grpc
    from shop_client import open_channel

    with open_channel("127.0.0.1:50051") as channel:
        catalog = catalog_pb2_grpc.CatalogServiceStub(channel)
        print(catalog.ListProducts(catalog_pb2.ListProductsRequest(q="lamp")))
"""

from shop_client.channel import DEADLINE_SECONDS, Token, open_channel
from shop_client.refusals import Refusal, refusal_of
from shop_client.tokens import ServiceToken

__all__ = [
    "DEADLINE_SECONDS",
    "Refusal",
    "ServiceToken",
    "Token",
    "open_channel",
    "refusal_of",
]
