"""The port ImageStore."""

import asyncio
import socket
from functools import partial
from urllib.parse import urlsplit

import pytest

from chassis.errors import Unavailable
from chassis.ids import new_id
from chassis.resilience.circuit_breakers import NEAR, CircuitBreakers, states
from chassis.rpc.deadline import deadline_in
from devstack.servers import S3Address
from svc_catalog.peers.minio_images import MinioImageStore
from svc_catalog.usecases.ports import ImageStore
from tests.support.relays import relay_to

pytestmark = pytest.mark.anyio

KEY = "ab" * 32
FILES = {320: b"small", 640: b"middle" * 1000, 1280: bytes(range(256)) * 1000}


async def test_a_picture_that_was_never_put(images: ImageStore) -> None:
    assert not await images.exists(KEY)
    assert await images.get(KEY, "640.webp") is None
    await images.put("cd" * 32, FILES)
    assert not await images.exists(KEY)
    assert await images.get(KEY, "640.webp") is None


async def test_what_is_put_comes_back(images: ImageStore) -> None:
    await images.put(KEY, FILES)
    await images.put(KEY, FILES)
    assert await images.exists(KEY)
    for width, data in FILES.items():
        assert await images.get(KEY, f"{width}.webp") == data


async def test_a_server_that_is_away() -> None:
    with socket.socket() as reserved:
        # Bound and not listening: nobody else gets the port, and nobody answers on it.
        reserved.bind(("127.0.0.1", 0))
        away = MinioImageStore(
            f"http://127.0.0.1:{reserved.getsockname()[1]}", "shop-key", "shop-secret", "shop"
        )
        with pytest.raises(Unavailable):
            await away.get(KEY, "640.webp")
        with pytest.raises(Unavailable):
            await away.put(KEY, FILES)


async def test_a_server_that_hangs_is_asked_no_more_until_it_answers_again(s3: S3Address) -> None:
    breakers = CircuitBreakers()
    async with relay_to(urlsplit(s3.url).port or 80) as before_s3:
        store = MinioImageStore(
            f"http://127.0.0.1:{before_s3.port}",
            s3.access_key,
            s3.secret_key,
            f"shop-{new_id()}",
            partial(breakers.of, "s3", backoff=NEAR),
        )
        await store.put(KEY, FILES)
        before_s3.hold_up()

        async def is_away() -> None:
            with pytest.raises(Unavailable):
                await store.get(KEY, "640.webp")

        # The call that is being served has little time: it says nothing.
        for seconds in (0.1, 0.1, 0.1):
            with deadline_in(seconds):
                await is_away()
        assert states()["s3"] == "closed"
        with deadline_in(1.2):
            await asyncio.gather(*(is_away() for _ in range(3)))
        assert states()["s3"] != "closed"
        await is_away()
        before_s3.let_go()
        async with asyncio.timeout(20):
            while states()["s3"] != "closed":
                await asyncio.sleep(0.01)
        assert await store.get(KEY, "640.webp") == FILES[640]
    await breakers.aclose()
