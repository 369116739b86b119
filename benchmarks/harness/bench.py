"""Starts what benchmarks need, and stops it all."""

import asyncio
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import httpx
import psutil

from benchmarks.harness.catalogue import CATEGORIES, fill
from benchmarks.harness.comparison import Sample, Side
from benchmarks.harness.load import load, request
from benchmarks.harness.people import Person, people
from benchmarks.harness.usage import cpu_seconds
from chassis.ids import new_id
from devstack import health, ready_file
from devstack.console import Console, Silent
from devstack.ports import LOOPBACK
from devstack.processes.process import Process
from devstack.supervisor import Supervisor
from tests.support.running import free_port

# Of the usual shop; large enough for lists to be more than the demo's.
PRODUCTS = 1_000
# Of pages that differ though they show the same; 24.5 on average.
SIZES = range(9, 41)
START_SECONDS, STOP_SECONDS = 240.0, 60.0
# A shop is at rest below so much of a core.
AT_REST, SETTLING_SECONDS = 0.25, 60
# No one waits for a load's orders to be paid, or asks for fewer of them.
SETTINGS = {"UNPAID_ORDERS": "1000000", "UNPAID_ITEMS": "1000000"}


@dataclass(frozen=True)
class Reference:
    """A reference that runs: where it is, and its process."""

    url: str
    pids: Mapping[str, int]


@dataclass(frozen=True)
class Shop:
    """A shop that runs.

    Attributes:
        data: Its data folder.
        ready: What its `ready.json` says.
        pids: Its processes, its servers and its supervisor, by name.
    """

    data: Path
    ready: Mapping[str, Any]
    pids: Mapping[str, int]

    @property
    def url(self) -> str:
        """Where browsers go."""
        return str(self.ready["url"])

    def grpc(self, service: str) -> str:
        """`host:port` of a service, such as `svc_catalog`."""
        return str(self.ready["processes"][service]["grpc"])

    def mongo(self, name: str) -> str:
        """URL of the database of a service, such as `catalog`."""
        return str(self.ready["servers"]["mongo"][name])

    async def get(self, path: str) -> dict[str, Any]:
        """What the API answers a guest."""
        async with httpx.AsyncClient(base_url=self.url, verify=False) as client:
            answered: dict[str, Any] = (await client.get(path)).raise_for_status().json()
            return answered

    async def product_ids(self, count: int) -> list[str]:
        """Ids of products that can be bought by the thousand."""
        listed = await self.get(f"/api/products?pageSize={count}&category={CATEGORIES[0]}")
        return [product["id"] for product in listed["products"]]

    def shopper(self) -> Person:
        """Someone new, signed in."""
        return self._people()

    @cached_property
    def _people(self) -> Callable[[], Person]:
        return people(self.data)


class Bench:
    """What a question starts its subjects and references with.

    Shops are kept for the questions that follow; all else ends with the question.

    Args:
        folder: An empty folder for the data of all of it.
        shops: Closed at the end of the run.
        stack: Closed at the end of the question.
        running: The shops that were started before, by their number of products.
    """

    def __init__(
        self,
        folder: Path,
        shops: AsyncExitStack,
        stack: AsyncExitStack,
        running: dict[int, Shop],
    ) -> None:
        self.folder = folder
        self.stack = stack
        self._shops = shops
        self._running = running

    async def shop(self, products: int = PRODUCTS) -> Shop:
        """A shop with its demo data and so many products, which all questions share."""
        if products not in self._running:
            print(f"starting a shop of {products:,} products ...", file=sys.stderr, flush=True)
            data = self.folder / f"shop-{new_id()}"
            await fill(data, products)
            self._running[products] = await self.start_shop(data, self._shops)
        return self._running[products]

    async def start_shop(
        self,
        data: Path,
        stack: AsyncExitStack,
        *,
        workers: int = 1,
        replicas: int = 1,
        settings: Mapping[str, str] = {},
    ) -> Shop:
        """Start a shop on the folder `data`, absent or of an earlier run, until `stack` closes.

        It has so many gateways, and replicas of each service; its processes have `settings` too.
        """
        numbers = ("--workers", str(workers), "--replicas", str(replicas))
        argv = (sys.executable, "-m", "devstack", "up", "--port", str(free_port()), *numbers)
        file = data / ready_file.FILE_NAME

        async def is_up() -> str | None:
            return None if file.exists() else "it is not ready"

        shop = Process(
            name="supervisor",
            argv=(*argv, "--data", str(data)),
            env={**SETTINGS, **settings},
            healthy=is_up,
            stuck_seconds=START_SECONDS,
            stop_seconds=STOP_SECONDS,
        )
        supervisor = await stack.enter_async_context(self._supervisor(shop))
        described = json.loads(file.read_text())
        pids = {name: each["pid"] for name, each in described["processes"].items()}
        pids |= described["serverPids"] | {"supervisor": supervisor.pid("supervisor")}
        return Shop(data, described, {name: pid for name, pid in pids.items() if pid is not None})

    async def reference(self, name: str, *arguments: object) -> Reference:
        """Start `benchmarks.references.NAME PORT ARGUMENTS...`, which serves HTTP there."""
        port = free_port()
        process = Process(
            name=name,
            argv=(
                *(sys.executable, "-m", f"benchmarks.references.{name}", str(port)),
                *map(str, arguments),
            ),
            healthy=health.reachable([(LOOPBACK, port)]),
        )
        supervisor = await self.stack.enter_async_context(self._supervisor(process))
        pid = supervisor.pid(name)
        return Reference(f"http://{LOOPBACK}:{port}", {name: pid} if pid else {})

    async def without_cache(self, shop: Shop) -> Shop:
        """The shop behind another gateway, which keeps no answers."""
        return await self.another_gateway(shop, EDGE_CACHE_BYTES="0")

    async def another_gateway(self, shop: Shop, **changes: str) -> Shop:
        """The shop behind another gateway, whose settings differ by `changes` alone."""
        port = free_port()
        settings = psutil.Process(shop.pids["gateway"]).environ()
        process = Process(
            name="gateway",
            argv=(sys.executable, "-m", "gateway"),
            env={**settings, "PORT": str(port), "OPS_PORT": str(free_port()), **changes},
            healthy=health.http(port, "/api/ready"),
        )
        supervisor = await self.stack.enter_async_context(self._supervisor(process))
        url, pid = f"http://{LOOPBACK}:{port}", supervisor.pid("gateway")
        pids = {**shop.pids, "gateway": pid} if pid else shop.pids
        return replace(shop, ready={**shop.ready, "url": url}, pids=pids)

    async def transcoded(
        self, backend: str, *arguments: object, rpcs: Sequence[str], pids: Mapping[str, int]
    ) -> Reference:
        """Start a reference that serves `rpcs`, and bare Starlette in front of it.

        Args:
            backend: Its name.
            arguments: What it is given besides its port.
            rpcs: Their full names, which are their paths in HTTP.
            pids: Further processes that have a part in its work.
        """
        behind = await self.reference(backend, *arguments)
        front = await self.reference("transcoding", behind.url.partition("//")[2], *rpcs)
        return Reference(front.url, {**front.pids, **behind.pids, **pids})

    async def finding(
        self,
        rpc: str,
        url: str,
        cookies: Mapping[str, str] | None = None,
        *,
        shop: Shop,
        at: tuple[str, str],
        query: Mapping[str, Any],
    ) -> Side:
        """The least that can find something: bare Starlette, bare gRPC and one `find`.

        Args:
            rpc: Its full name.
            url: Where the shop answers the same, which the reference's answer is taken from.
            cookies: Of whom it is asked there.
            shop: The shop.
            at: The database, such as `catalog`, and the collection.
            query: The arguments of pymongo's `find`.
        """
        answer = (await self._answer(url, cookies)).text
        backend = ("finding", shop.mongo(at[0]), at[1], json.dumps(query), rpc, answer)
        floor = await self.transcoded(*backend, rpcs=[rpc], pids={"mongo": shop.pids["mongo"]})
        return loaded("the floor: one find", [[request(f"{floor.url}/{rpc}")]], floor)

    async def same_bytes(self, url: str, cookies: Mapping[str, str] | None = None) -> Side:
        """Bare Starlette with the bytes that `url` answers now, to whoever has such cookies."""
        answer = await self._answer(url, cookies)
        file = self.folder / f"{new_id()}.bytes"
        file.write_bytes(answer.content)
        reference = await self.reference("same_bytes", file, answer.headers["content-type"])
        return loaded("Starlette with the same bytes", [[request(reference.url)]], reference)

    @staticmethod
    async def _answer(url: str, cookies: Mapping[str, str] | None) -> httpx.Response:
        async with httpx.AsyncClient(cookies=dict(cookies or {})) as client:
            answer = await client.get(url, headers={"accept-encoding": "identity"})
            return answer.raise_for_status()

    def _supervisor(self, process: Process) -> Supervisor:
        return Supervisor([process], logs=self.folder / "logs", console=_Trouble())


def loaded(name: str, scripts: Sequence[Sequence[bytes]], server: Shop | Reference) -> Side:
    """A side that is asked `scripts` as fast as it answers; see `load`."""

    async def measure(seconds: float) -> Sample:
        return await load(server.url, scripts, seconds)

    return Side(name, measure, server.pids)


async def settled(shop: Shop) -> None:
    """Return once a shop has done what earlier loads left it to do, or after a minute."""
    for _ in range(SETTLING_SECONDS):
        before = sum(cpu_seconds(shop.pids).values())
        await asyncio.sleep(1)
        if sum(cpu_seconds(shop.pids).values()) - before < AT_REST:
            return


class _Trouble(Silent):
    """Says only what went wrong."""

    def trouble(self, name: str, text: str) -> None:
        Console().trouble(name, text)
