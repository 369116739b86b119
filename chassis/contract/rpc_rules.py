"""The contract's annotations of RPCs, read from the descriptors."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from google.protobuf import descriptor_pool
from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.descriptor_pb2 import MethodOptions
from shop.options.v1 import options_pb2

from chassis.auth.identity import Identity
from chassis.contract.reasons import reason_name

# What follows from the other annotations, or from what is unreachable.
GENERAL_REASONS = frozenset(
    {
        *("VALIDATION_FAILED", "UNAUTHENTICATED", "PERMISSION_DENIED", "UNAVAILABLE"),
        *("DEADLINE_EXCEEDED", "INTERNAL", "RATE_LIMITED"),
    }
)


@dataclass(frozen=True)
class Rpc:
    """What the contract says of an RPC.

    Attributes:
        path: As gRPC spells it: `/shop.cart.v1.CartService/AddItem`.
        callers: Who may call it; any of them suffices.
        retryable: A repetition changes nothing.
        reasons: All that it may refuse with: those of its own, and `GENERAL_REASONS`.
        accepts_revoked: A revoked token still says who calls.
        audit: What the audit log tells of a call; None where it tells nothing.
    """

    path: str
    callers: frozenset["options_pb2.Caller.ValueType"]
    retryable: bool
    reasons: frozenset[str]
    accepts_revoked: bool
    audit: options_pb2.AuditRules | None

    def allows(self, identity: Identity) -> bool:
        """Whether `identity` may call it."""
        return any(caller in self.callers for caller in _roles(identity))

    @property
    def is_public(self) -> bool:
        """Whether anyone may call it."""
        return options_pb2.CALLER_PUBLIC in self.callers

    @property
    def knows_callers(self) -> bool:
        """Whether it matters who calls it."""
        return self.callers != {options_pb2.CALLER_PUBLIC}


@cache
def rpc(path: str) -> Rpc | None:
    """What the contract says of the RPC at `path`; None for RPCs that are not ours.

    Raises:
        TypeError: The RPC is ours and does not say who may call it.
    """
    service, _, method = path.removeprefix("/").partition("/")
    if not service.startswith("shop."):
        return None
    pool = descriptor_pool.Default()
    return rpc_of(pool.FindServiceByName(service).methods_by_name[method])


def rpc_of(method: MethodDescriptor) -> Rpc:
    """What the contract says of `method`."""
    options = method.GetOptions()
    rules = options.Extensions[options_pb2.rpc]
    if not rules.callers:
        raise TypeError(f"{method.full_name} has no (shop.options.v1.rpc).callers")
    return Rpc(
        path=f"/{method.containing_service.full_name}/{method.name}",
        callers=frozenset(rules.callers),
        retryable=options.idempotency_level != MethodOptions.IDEMPOTENCY_UNKNOWN,
        reasons=GENERAL_REASONS | set(map(reason_name, rules.reasons)),
        accepts_revoked=rules.accepts_revoked,
        audit=rules.audit if rules.HasField("audit") else None,
    )


def _roles(identity: Identity) -> Iterable["options_pb2.Caller.ValueType"]:
    yield options_pb2.CALLER_PUBLIC
    if identity.kind == "user":
        yield options_pb2.CALLER_USER
        if identity.role == "admin":
            yield options_pb2.CALLER_ADMIN
    elif identity.kind == "service":
        yield options_pb2.CALLER_SERVICE
