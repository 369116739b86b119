"""The servers, for real: they answer, their data survives, they leave nothing."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from kafka import KafkaConsumer, KafkaProducer, OffsetAndMetadata, TopicPartition
from minio import Minio
from pymongo import AsyncMongoClient
from pymongo.errors import AutoReconnect
from redis.asyncio import Redis

from devstack import health
from devstack.processes import PROJECT
from devstack.servers import S3Address, running, running_in_thread
from devstack.servers.redis import program_in_wheel

pytestmark = pytest.mark.anyio

# Where the stand-in takes its place, which forgets.
needs_redis = pytest.mark.skipif(
    not (shutil.which("redis-server") or program_in_wheel()),
    reason="neither redis-server is there nor a wheel of it for this Python",
)


async def test_mongo_documents_survive_a_restart(tmp_path: Path) -> None:
    async with (
        running(tmp_path, {"mongo"}) as servers,
        AsyncMongoClient[dict[str, object]](servers.mongo["orders"]) as client,
    ):
        await client.get_default_database().orders.insert_one({"_id": "o1", "total": 4200})

    async with (
        running(tmp_path, {"mongo"}) as servers,
        AsyncMongoClient[dict[str, object]](servers.mongo["orders"]) as client,
    ):
        assert await client.get_default_database().orders.find_one() == {"_id": "o1", "total": 4200}


async def test_what_mongo_acknowledged_outlives_its_kill_amid_writes(tmp_path: Path) -> None:
    async with (
        running(tmp_path, {"mongo"}) as servers,
        AsyncMongoClient[dict[str, object]](servers.mongo["orders"]) as client,
    ):
        orders = client.get_default_database().orders
        await orders.create_index("key", unique=True)
        (server,) = alive_in(tmp_path)
        paid: set[int] = set()

        async def write(numbers: range) -> None:
            for number in numbers:
                await orders.insert_one({"_id": number, "key": f"k{number}", "paid": False})
                await orders.update_one({"key": f"k{number}"}, {"$set": {"paid": True}})
                paid.add(number)
                if len(paid) == 400:
                    os.kill(server, signal.SIGKILL)

        writers = (write(range(start, start + 10_000)) for start in range(0, 80_000, 10_000))
        ends = await asyncio.gather(*writers, return_exceptions=True)
        assert all(isinstance(end, AutoReconnect) for end in ends)

        found = {order["_id"]: order async for order in orders.find()}
        assert len(paid) >= 400
        assert [number for number in paid if not found[number]["paid"]] == []
        # The index and the documents are of one moment.
        for number, order in found.items():
            assert await orders.find_one({"key": f"k{number}"}) == order


async def test_the_file_of_mongo_holds_little_more_than_its_documents(tmp_path: Path) -> None:
    async with (
        running(tmp_path, {"mongo"}) as servers,
        AsyncMongoClient[dict[str, object]](servers.mongo["orders"]) as client,
    ):
        orders = client.get_default_database().orders
        await orders.insert_many({"_id": number, "note": "n" * 500} for number in range(200))
        for turn in range(2000):
            await orders.update_one({"_id": turn % 200}, {"$set": {"turn": turn}})
    assert size_of("orders.h2", tmp_path) < 2_000_000


@needs_redis
async def test_redis_keys_survive_a_restart(tmp_path: Path) -> None:
    async with running(tmp_path, {"redis"}) as servers, Redis.from_url(servers.redis) as redis:
        await redis.set("revoked:s1", "1")

    async with running(tmp_path, {"redis"}) as servers, Redis.from_url(servers.redis) as redis:
        assert await redis.get("revoked:s1") == b"1"


@needs_redis
async def test_what_redis_acknowledged_outlives_its_kill(tmp_path: Path) -> None:
    async with running(tmp_path, {"redis"}) as servers, Redis.from_url(servers.redis) as redis:
        # Otherwise it would lose writes only while its disk is busy.
        assert await redis.config_get("appendfsync") == {"appendfsync": "always"}
        server = (await redis.info("server"))["process_id"]
        for number in range(100):
            await redis.set(f"revoked:s{number}", "1")
        os.kill(server, signal.SIGKILL)

    async with running(tmp_path, {"redis"}) as servers, Redis.from_url(servers.redis) as redis:
        assert await redis.dbsize() == 100


def test_s3_objects_survive_a_restart(tmp_path: Path) -> None:
    with running_in_thread(tmp_path, {"s3"}) as servers:
        minio = s3_client(servers.s3)
        minio.make_bucket("images")
        minio.fput_object("images", "p1/small.webp", __file__)

    with running_in_thread(tmp_path, {"s3"}) as servers:
        answer = s3_client(servers.s3).get_object("images", "p1/small.webp")
        try:
            assert answer.read() == Path(__file__).read_bytes()
        finally:
            answer.close()
            answer.release_conn()


def test_kafka_events_and_offsets_survive_a_restart_on_another_port(tmp_path: Path) -> None:
    with running_in_thread(tmp_path, {"kafka"}) as before:
        publish(before.kafka, [b"first", b"second"])
        assert consume(before.kafka, 1) == [b"first"]

    with running_in_thread(tmp_path, {"kafka"}) as after:
        assert after.kafka != before.kafka
        assert consume(after.kafka, 1) == [b"second"]


def test_nothing_outlives_a_runner_that_was_killed(tmp_path: Path) -> None:
    runner = subprocess.Popen(
        [sys.executable, "-c", RUNNER, str(tmp_path)], cwd=PROJECT, stdout=subprocess.PIPE
    )
    with runner:
        assert runner.stdout is not None
        assert runner.stdout.readline() == b"running\n"
        children = alive_in(tmp_path)
        runner.kill()

    assert children
    wait_until(lambda: not alive_in(tmp_path))


def test_a_server_that_was_killed_comes_back_on_its_port_with_its_data(tmp_path: Path) -> None:
    with running_in_thread(tmp_path, {"kafka"}) as servers:
        publish(servers.kafka, [b"first"])
        (broker,) = alive_in(tmp_path)
        os.kill(broker, signal.SIGKILL)
        wait_until(lambda: alive_in(tmp_path) not in ({broker}, set()))
        check = health.kafka(int(servers.kafka.rpartition(":")[2]))
        wait_until(lambda: asyncio.run(check()) is None)

        assert consume(servers.kafka, 1) == [b"first"]


RUNNER = """
import asyncio, sys
from pathlib import Path
from devstack.servers import running

async def main():
    async with running(Path(sys.argv[1]), {"mongo", "s3"}):
        print("running", flush=True)
        await asyncio.Event().wait()

asyncio.run(main())
"""


def size_of(name: str, folder: Path) -> int:
    (file,) = folder.rglob(name)
    return file.stat().st_size


def s3_client(address: S3Address) -> Minio:
    host = address.url.removeprefix("http://")
    return Minio(host, access_key=address.access_key, secret_key=address.secret_key, secure=False)


def publish(bootstrap: str, values: list[bytes]) -> None:
    producer = KafkaProducer(bootstrap_servers=bootstrap, acks="all")
    try:
        for value in values:
            producer.send("order.created", value, partition=0).get(30)
    finally:
        producer.close()


def consume(bootstrap: str, count: int) -> list[bytes]:
    """The next `count` values for a group that commits what it took."""
    place = TopicPartition("order.created", 0)
    consumer = KafkaConsumer(
        bootstrap_servers=bootstrap,
        group_id="cart-order-created",
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        max_poll_records=1,
    )
    try:
        consumer.assign([place])
        records = [next(consumer) for _ in range(count)]
        consumer.commit({place: OffsetAndMetadata(records[-1].offset + 1, "", -1)})
        return [record.value for record in records]
    finally:
        consumer.close()


def alive_in(folder: Path) -> set[int]:
    """The processes whose command line names `folder`, but not those that run the test."""
    found = set()
    for process in Path("/proc").iterdir():
        if process.name.isdecimal() and int(process.name) != os.getpid():
            try:
                command = (process / "cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            if b"-c" not in command and any(os.fsencode(folder) in word for word in command):
                found.add(int(process.name))
    return found


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, "what was awaited did not happen"
        time.sleep(0.02)
