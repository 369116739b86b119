"""The servers behind the shop: Kafka, MongoDB, Redis, S3 and Stripe.

Each comes from the first provider there is: a URL in the environment, a program on the PATH, and
else what the package registries carry. `running` gives any of them to a test or a tool:

    async with running(folder, {"mongo", "redis"}) as servers:
        client = AsyncMongoClient(servers.mongo["orders"])
"""

from devstack.servers.addresses import DATABASES, S3Address, Servers, Site
from devstack.servers.providers import ALL, plan
from devstack.servers.running import running, running_in_thread

__all__ = [
    "ALL",
    "DATABASES",
    "S3Address",
    "Servers",
    "Site",
    "plan",
    "running",
    "running_in_thread",
]
