"""What do metrics cost: a shop as it is, beside one with METRICS=false?

Products are asked for behind gateways that keep no answers; carts are added to, and checked out.
"""

from collections.abc import Sequence

from benchmarks.harness import Bench, Comparison
from benchmarks.traces import what_it_costs


async def compare(bench: Bench) -> Sequence[Comparison]:
    """Both shops, with the same data and as busy."""
    return await what_it_costs(bench, ({}, "with metrics"), ({"METRICS": "false"}, "without"))
