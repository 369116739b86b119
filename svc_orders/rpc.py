"""Orders over gRPC: message -> use case -> message."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import grpc
from google.protobuf.message import Message
from shop.orders.v1 import orders_pb2, orders_pb2_grpc

from chassis.auth.identity import Identity, require_user
from chassis.errors import Refusal
from chassis.rpc.client_address import client_address
from chassis.rpc.paging import Total, decode_page_token, encode_page_token, page_size
from chassis.rpc.values import time_in
from chassis.settings.networks import network_of
from svc_orders.messages import (
    STATUSES,
    lines_of,
    order_message,
    out_of_stock_message,
    price_changed_message,
    stats_message,
    stuck_message,
    too_many_unpaid_items_message,
    total_not_chargeable_message,
)
from svc_orders.model.lines import CartRef
from svc_orders.model.order import Buyer
from svc_orders.model.refusals import (
    OutOfStock,
    PriceChanged,
    TooManyUnpaidItems,
    TotalNotChargeable,
)
from svc_orders.usecases.cancel_order import CancelOrder
from svc_orders.usecases.create_cart_order import CreateCartOrder
from svc_orders.usecases.create_order import CreateOrder
from svc_orders.usecases.ports import Filter, Page, Position
from svc_orders.usecases.queries import QueryOrders
from svc_orders.usecases.stuck_orders import StuckOrders

Context = grpc.aio.ServicerContext[Any, Any]

STATUS_OF = {number: status for status, number in STATUSES.items()}


@dataclass(frozen=True)
class UseCases:
    """What callers can do with orders."""

    create: CreateOrder
    create_of_cart: CreateCartOrder
    cancel: CancelOrder
    read: QueryOrders
    stuck: StuckOrders


class OrdersRpc(orders_pb2_grpc.OrdersServiceServicer):
    """shop.orders.v1.OrdersService."""

    def __init__(self, do: UseCases) -> None:
        self._do = do

    async def CreateOrder(
        self, request: orders_pb2.CreateOrderRequest, context: Context
    ) -> orders_pb2.CreateOrderResponse:
        """Makes an order and reserves its stock."""
        user = require_user()
        order = await self._do.create(
            _buyer(user), lines_of(request.items), request.idempotency_key
        )
        return orders_pb2.CreateOrderResponse(order=order_message(order, with_timeline=True))

    async def CreateCartOrder(
        self, request: orders_pb2.CreateCartOrderRequest, context: Context
    ) -> orders_pb2.CreateCartOrderResponse:
        """Makes the order of the caller's cart, or finds it."""
        user = require_user()
        order = await self._do.create_of_cart(
            _buyer(user),
            CartRef(request.cart_id, request.generation, request.version),
            lines_of(request.items),
            request.idempotency_key,
        )
        return orders_pb2.CreateCartOrderResponse(order=order_message(order, with_timeline=True))

    async def ListOrders(
        self, request: orders_pb2.ListOrdersRequest, context: Context
    ) -> orders_pb2.ListOrdersResponse:
        """The caller's orders, newest first."""
        where = Filter(user_id=require_user().id, status=STATUS_OF.get(request.status))
        page = await self._page(where, request.page_size, request.page_token)
        return orders_pb2.ListOrdersResponse(
            orders=map(order_message, page.orders),
            next_page_token=_token(where, page),
            total_size=page.total,
        )

    async def GetOrder(
        self, request: orders_pb2.GetOrderRequest, context: Context
    ) -> orders_pb2.GetOrderResponse:
        """One of the caller's orders, with its timeline."""
        order = await self._do.read.own(require_user().id, request.order_id)
        return orders_pb2.GetOrderResponse(order=order_message(order, with_timeline=True))

    async def CancelOrder(
        self, request: orders_pb2.CancelOrderRequest, context: Context
    ) -> orders_pb2.CancelOrderResponse:
        """Cancels one of the caller's unpaid orders."""
        order = await self._do.cancel.own(require_user().id, request.order_id)
        return orders_pb2.CancelOrderResponse(order=order_message(order, with_timeline=True))

    async def ListAllOrders(
        self, request: orders_pb2.ListAllOrdersRequest, context: Context
    ) -> orders_pb2.ListAllOrdersResponse:
        """Everyone's orders, newest first."""
        where = Filter(
            user_id=request.user_id or None,
            status=STATUS_OF.get(request.status),
            since=time_in(request, "from"),
            until=time_in(request, "to"),
        )
        page = await self._page(where, request.page_size, request.page_token)
        return orders_pb2.ListAllOrdersResponse(
            orders=map(order_message, page.orders),
            next_page_token=_token(where, page),
            total_size=page.total,
        )

    async def GetAnyOrder(
        self, request: orders_pb2.GetAnyOrderRequest, context: Context
    ) -> orders_pb2.GetAnyOrderResponse:
        """Anyone's order, with its timeline."""
        order = await self._do.read.any(request.order_id)
        return orders_pb2.GetAnyOrderResponse(order=order_message(order, with_timeline=True))

    async def GetOrderStats(
        self, request: orders_pb2.GetOrderStatsRequest, context: Context
    ) -> orders_pb2.GetOrderStatsResponse:
        """Counts by status, revenue by day, best sellers."""
        return stats_message(await self._do.read.stats(request.days))

    async def CancelAnyOrder(
        self, request: orders_pb2.CancelAnyOrderRequest, context: Context
    ) -> orders_pb2.CancelAnyOrderResponse:
        """Cancels anyone's order; a completed one is refunded."""
        order = await self._do.cancel.any(request.order_id, request.detail)
        return orders_pb2.CancelAnyOrderResponse(order=order_message(order, with_timeline=True))

    async def ListStuckOrders(
        self, request: orders_pb2.ListStuckOrdersRequest, context: Context
    ) -> orders_pb2.ListStuckOrdersResponse:
        """Orders that are late."""
        stuck = await self._do.stuck.list()
        return orders_pb2.ListStuckOrdersResponse(stuck_orders=map(stuck_message, stuck))

    async def ReconcileOrder(
        self, request: orders_pb2.ReconcileOrderRequest, context: Context
    ) -> orders_pb2.ReconcileOrderResponse:
        """Does for one order what is due."""
        order = await self._do.stuck.free(request.order_id)
        return orders_pb2.ReconcileOrderResponse(order=order_message(order, with_timeline=True))

    async def _page(self, where: Filter, size: int, token: str) -> Page:
        position = decode_page_token(token, repr(where), (datetime, str, Total))
        after = Position(*position) if position is not None else None
        return await self._do.read.page(where, after, page_size(size))


def _buyer(user: Identity) -> Buyer:
    return Buyer(user.id, user.email, network_of(client_address.get()))


def _token(where: Filter, page: Page) -> str:
    if page.end is None:
        return ""
    return encode_page_token(repr(where), (page.end.created_at, page.end.order_id, page.total))


DETAILS: Mapping[type[Refusal], Callable[[Any], Message]] = {
    OutOfStock: out_of_stock_message,
    PriceChanged: price_changed_message,
    TooManyUnpaidItems: too_many_unpaid_items_message,
    TotalNotChargeable: total_not_chargeable_message,
}
