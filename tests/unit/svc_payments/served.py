"""The service as it is called, on a world of fakes."""

from shop.payments.v1 import payments_pb2

from svc_payments.rpc import PaymentsRpc, UseCases
from tests.unit.svc_payments.world import World

NO_CONFIG = payments_pb2.GetPaymentConfigResponse()


def rpc_of(world: World, config: payments_pb2.GetPaymentConfigResponse = NO_CONFIG) -> PaymentsRpc:
    """The servicer over the world's use cases."""
    process = world.process
    do = UseCases(
        process.create,
        process.get,
        process.refund,
        process.list_of_order,
        process.reconcile,
        process.follow_stripe,
        process.stuck,
    )
    return PaymentsRpc(do, config)
