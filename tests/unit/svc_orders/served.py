"""The service as it is called, on a world of fakes."""

from svc_orders.rpc import OrdersRpc, UseCases
from tests.unit.svc_orders.world import World


def rpc_of(world: World) -> OrdersRpc:
    """The servicer over the world's use cases."""
    process = world.process
    return OrdersRpc(UseCases(process.create, process.create_of_cart, process.cancel, process.read))
