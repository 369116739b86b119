"""Which servers there are, and the plan of any subset of them."""

from collections.abc import Callable, Collection, Mapping
from typing import Any

from devstack.processes.process import Process
from devstack.servers import kafka, mongo, redis, s3, stripe, zipkin
from devstack.servers.addresses import Servers, Site

# Each plans its address, which is a field of `Servers`, and its process.
PROVIDERS: Mapping[str, Callable[[Site], tuple[Any, Process]]] = {
    "kafka": kafka.plan,
    "mongo": mongo.plan,
    "redis": redis.plan,
    "s3": s3.plan,
    "stripe": stripe.plan,
    "zipkin": zipkin.plan,
}
# All that a shop needs; Zipkin is for those who want to see traces.
ALL = frozenset(PROVIDERS) - {"zipkin"}


def plan(site: Site, names: Collection[str] = ALL) -> tuple[Servers, list[Process]]:
    """The addresses of the servers called `names`, and the processes behind them.

    Nothing runs yet, but ports are chosen and folders and settings are written.

    Raises:
        StartupError: a setting is wrong, or a cached library is not the locked one.
        KeyError: a name is not one of `PROVIDERS`.
    """
    planned = {name: PROVIDERS[name](site) for name in sorted(names)}
    addresses = {name: address for name, (address, _) in planned.items()}
    return Servers(**addresses), [process for _, process in planned.values()]
