"""Live updates: whatever a client has read when its connection drops, it gets the rest, once."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.live.frames import Entry, encode_cursor
from gateway.live.subscription import MAX_MISSED
from tests.unit.gateway.fakes import World, make_world
from tests.unit.gateway.live_clients import LiveClient, connected, running, until

pytestmark = pytest.mark.anyio

ADMIN = {"cookie": "session=admins"}
AUDIENCES = ("public", "user:a1", "admins")


@pytest.fixture
async def world(world: World) -> AsyncIterator[World]:
    world.verifier.knows("admins", id="a1", session_id="s3", role="admin")
    async with running(world.app):
        yield world


class Reader:
    """What one person has read over all their connections, as a browser keeps it."""

    def __init__(self) -> None:
        self.last_id = ""
        self.read: list[tuple[str, int]] = []

    async def take(self, client: LiveClient) -> dict[str, Any]:
        frame = await client.receive()
        self.last_id = frame.get("id") or self.last_id
        if "of" in frame.get("data", {}):
            self.read += client.numbers([frame])
        return frame


# What happens in each connection: messages of these audiences appear, and the client drops after
# it has read so many frames.
ROUNDS = st.lists(
    st.tuples(
        st.lists(st.sampled_from(AUDIENCES), max_size=5),  # while it is away
        st.lists(st.sampled_from(AUDIENCES), max_size=4),  # during the replay
        st.lists(st.sampled_from(AUDIENCES), max_size=4),  # afterwards
        st.booleans(),  # says by a message what it has
        st.integers(0, 12),  # frames that it reads
    ),
    min_size=1,
    max_size=6,
)


@settings(max_examples=150, deadline=None)
@given(rounds=ROUNDS, page=st.integers(1, 3))
def test_a_drop_after_any_frame_loses_nothing_and_doubles_nothing(
    rounds: list[tuple[list[str], list[str], list[str], bool, int]], page: int
) -> None:
    asyncio.run(drop_and_resume(rounds, page))


async def drop_and_resume(
    rounds: list[tuple[list[str], list[str], list[str], bool, int]], page: int
) -> None:
    world = make_world()
    world.verifier.knows("admins", id="a1", session_id="s3", role="admin")
    world.source.page = page
    reader, total = Reader(), Counter[str]()
    gate = hold_lists(world)

    async def happen(audiences: list[str]) -> None:
        for audience in audiences:
            total[audience] += 1
            world.source.add(audience)
        await settled(world)

    async with running(world.app):
        async with connected(world.app, ADMIN, "resume=") as client:
            await reader.take(client)
        for while_away, during_replay, afterwards, by_message, count in rounds:
            await happen(while_away)
            gate.clear()
            query = "" if by_message else f"resume={reader.last_id}"
            async with connected(world.app, ADMIN, query) as client:
                if by_message:
                    await reader.take(client)
                    client.send({"type": "resume", "id": reader.last_id})
                await settled(world)
                await happen(during_replay)
                gate.set()
                await settled(world)
                await happen(afterwards)
                for _ in range(min(count, client.from_server.qsize())):
                    await reader.take(client)
        async with connected(world.app, ADMIN, f"resume={reader.last_id}") as client:
            while len(reader.read) < total.total():
                await reader.take(client)
            await settled(world)
            client.send({"type": "ping"})
            while (await reader.take(client))["type"] != "pong":
                pass
    for audience, newest in total.items():
        numbers = [number for name, number in reader.read if name == audience]
        assert numbers == list(range(1, newest + 1))


def hold_lists(world: World) -> asyncio.Event:
    """What lets lists be answered: held back, so that things happen in the middle of a replay."""
    gate, after = asyncio.Event(), world.source.after

    async def held(audience: str, sequence: int) -> list[Entry]:
        await gate.wait()
        return await after(audience, sequence)

    gate.set()
    world.source.after = held  # type: ignore[method-assign]
    return gate


async def settled(world: World) -> None:
    await until(world.source.stream.empty)
    for _ in range(30):
        await asyncio.sleep(0)


async def test_ready_claims_nothing_for_a_client_that_may_resume_yet(world: World) -> None:
    async with connected(world.app, ADMIN) as client:
        assert "id" not in await client.receive()
    async with connected(world.app, ADMIN, "resume=") as client:
        assert (await client.receive())["id"]


async def test_an_audience_that_is_joined_later_is_resumed_too(world: World) -> None:
    async with connected(world.app, ADMIN, "resume=") as client:
        last = (await client.receive())["id"]
    for audience in AUDIENCES:
        world.source.add(audience)
    await settled(world)
    async with connected(world.app, query=f"resume={last}") as client:
        await client.receive()
        assert client.numbers([await client.receive()]) == [("public", 1)]
        client.send({"type": "auth", "token": "admins"})
        assert (await client.receive())["type"] == "ready"
        frames = [await client.receive() for _ in range(2)]
        assert sorted(client.numbers(frames)) == [("admins", 1), ("user:a1", 1)]


async def test_a_bad_id_in_the_address_is_reported_and_survived(world: World) -> None:
    async with connected(world.app, query="resume=nonsense!") as client:
        assert (await client.receive())["id"]
        assert (await client.receive())["reason"] == "VALIDATION_FAILED"
        assert (await client.ask({"type": "ping"})) == {"type": "pong"}


@pytest.mark.parametrize("gone", [0, 3])
async def test_who_missed_too_much_is_asked_to_load_anew(world: World, gone: int) -> None:
    for _ in range(MAX_MISSED + 2):
        world.source.add("public")
    await settled(world)
    cursor = encode_cursor({"public": gone and 2})
    if gone:
        # What has expired is not in the log any more.
        world.source.expired["public"] = 3
    async with connected(world.app, query=f"resume={cursor}") as client:
        assert (await client.receive())["type"] == "ready"
        error = await client.receive()
        assert (error["type"], error["reason"]) == ("error", "RESUME_TOO_OLD")
        assert not any(after < 2 for _, after in world.source.lists)
        world.source.add("public")
        frame = await client.receive()
        assert client.numbers([frame]) == [("public", MAX_MISSED + 3)]
    world.source.add("public")
    await settled(world)
    async with connected(world.app, query=f"resume={frame['id']}") as client:
        await client.receive()
        assert client.numbers([await client.receive()]) == [("public", MAX_MISSED + 4)]
