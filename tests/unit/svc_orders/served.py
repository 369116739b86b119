"""The service as it is called, on a world of fakes."""

from svc_orders.rpc import OrdersRpc, UseCases
from tests.unit.svc_orders.world import World


def rpc_of(world: World) -> OrdersRpc:
    """The servicer over the world's use cases."""
    do = world.process
    return OrdersRpc(UseCases(do.create, do.create_of_cart, do.cancel, do.read, do.stuck))
