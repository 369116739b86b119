"""Fills a new shop through its gRPC services, as any other tool would."""

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from typing import Any

import grpc
from shop.auth.v1 import auth_pb2, auth_pb2_grpc
from shop.catalog.v1 import catalog_pb2, catalog_pb2_grpc
from shop.orders.v1 import orders_pb2_grpc
from shop.payments.v1 import payments_pb2_grpc

from devstack.demo.catalogue import load_catalogue
from devstack.demo.past_orders import place_orders
from devstack.demo.stocking import add_products
from devstack.logins import ADMIN, SHOPPER, Login
from devstack.startup_errors import StartupError

SECONDS = 20.0


def fill(
    addresses: Mapping[str, str], progress: Callable[[int, int], None] = lambda _done, _total: None
) -> None:
    """Add what the shop does not have yet; a shop that has everything is left alone.

    Args:
        addresses: `host:port` of each service, by its process's name.
        progress: gets how many of how many products there are.

    Raises:
        StartupError: A service refused.
    """
    with ExitStack() as stack:

        def channel(name: str) -> grpc.Channel:
            return stack.enter_context(grpc.insecure_channel(addresses[name]))

        try:
            auth = auth_pb2_grpc.AuthServiceStub(channel("svc_auth"))
            catalog = catalog_pb2_grpc.CatalogServiceStub(channel("svc_catalog"))
            admin = sign_in(auth, ADMIN)
            config = catalog.GetCatalogConfig(
                catalog_pb2.GetCatalogConfigRequest(), timeout=SECONDS
            )
            products = add_products(catalog, admin, load_catalogue(config.currency), progress)
            place_orders(
                orders_pb2_grpc.OrdersServiceStub(channel("svc_orders")),
                payments_pb2_grpc.PaymentsServiceStub(channel("svc_payments")),
                sign_in_or_up(auth, admin, SHOPPER),
                products,
            )
        except grpc.RpcError as error:
            raise StartupError(f"The demo data could not be loaded: {_sentence(error)}") from error


def sign_in(auth: auth_pb2_grpc.AuthServiceStub, login: Login) -> str:
    """Sign in; the access token."""
    request = auth_pb2.SignInRequest(email=login.email, password=login.password)
    return auth.SignIn(request, timeout=SECONDS).access_token


def sign_in_or_up(auth: auth_pb2_grpc.AuthServiceStub, admin: str, login: Login) -> str:
    """Sign in, to a new account where there is none; the access token.

    Whether there is one is asked as the `admin` whose token it is: a sign-in that is refused looks
    like an attack in the log.
    """
    listing = auth_pb2.ListUsersRequest(query=login.email)
    metadata = (("authorization", f"Bearer {admin}"),)
    if auth.ListUsers(listing, timeout=SECONDS, metadata=metadata).users:
        return sign_in(auth, login)
    request = auth_pb2.SignUpRequest(email=login.email, password=login.password, name="Sam Shopper")
    return auth.SignUp(request, timeout=SECONDS).access_token


def code_of(error: grpc.RpcError) -> grpc.StatusCode:
    """The status code of a call that failed."""
    call: Any = error  # a failed call is its own error
    code: grpc.StatusCode = call.code()
    return code


def _sentence(error: grpc.RpcError) -> str:
    call: Any = error
    return f"{code_of(error).name.lower()}: {call.details()}"
