"""Live updates: who gets what, once and in order."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import grpc
import pytest
from structlog.testing import capture_logs

from chassis.auth.identity import Identity
from chassis.auth.revocations import Revocation
from chassis.errors import Unavailable
from chassis.settings.networks import Networks
from chassis.telemetry import correlation
from gateway.live import frames
from gateway.live.client_messages import MAX_MESSAGES
from gateway.live.frames import encode_cursor
from tests.unit.gateway.fakes import World, make_world, rpc_error
from tests.unit.gateway.live_clients import LiveClient, closed, connected, running, until

pytestmark = pytest.mark.anyio

ME = {"cookie": "session=mine"}
ADMIN = {"cookie": "session=admins"}
AWAY = rpc_error(grpc.StatusCode.UNAVAILABLE)
FAULT = ValueError("an internal error")
TRUE = encode_cursor({"public": True})
ISSUED_AT = 1_795_426_200
FRESH = "resume="  # a handshake that says that there is nothing to resume


@pytest.fixture
async def world(world: World) -> AsyncIterator[World]:
    world.verifier.knows("mine", id="u1", session_id="s1", issued_at=ISSUED_AT)
    world.verifier.knows("theirs", id="u2", session_id="s2")
    world.verifier.knows("admins", id="a1", session_id="s3", role="admin")
    async with running(world.app):
        yield world


async def take(client: LiveClient, count: int) -> list[tuple[str, int]]:
    return client.numbers([await client.receive() for _ in range(count)])


async def test_an_anonymous_socket_gets_public_messages_alone(world: World) -> None:
    async with connected(world.app) as client:
        ready = await client.receive()
        assert ready["type"] == "ready"
        assert ready["data"] == {"userId": None}
        for audience in ("user:u1", "admins", "public"):
            world.source.add(audience)
        frame = await client.receive()
        assert frame == {
            "id": frame["id"],
            "type": "order.created",
            "time": "2026-11-23T09:30:00Z",
            "data": {"of": "public", "number": 1},
        }
        assert (await client.ask({"type": "ping"})) == {"type": "pong"}


async def test_a_user_gets_their_own_messages(world: World) -> None:
    async with connected(world.app, ME) as client:
        assert (await client.receive())["data"] == {"userId": "u1"}
        for audience in ("user:u2", "user:u1", "admins", "public"):
            world.source.add(audience)
        assert await take(client, 2) == [("user:u1", 1), ("public", 1)]
        assert (await client.ask({"type": "ping"})) == {"type": "pong"}


async def test_an_admin_gets_the_admins_messages(world: World) -> None:
    async with connected(world.app, ADMIN) as client:
        await client.receive()
        world.source.add("admins")
        assert await take(client, 1) == [("admins", 1)]


async def test_a_token_in_a_message_makes_a_socket_somebodys(world: World) -> None:
    async with connected(world.app) as client:
        await client.receive()
        ready = await client.ask({"type": "auth", "token": "mine"})
        assert (ready["type"], ready["data"]) == ("ready", {"userId": "u1"})
        world.source.add("user:u1")
        assert await take(client, 1) == [("user:u1", 1)]


async def test_an_expired_cookie_is_nobody(world: World) -> None:
    async with connected(world.app, {"cookie": "session=old"}) as client:
        assert (await client.receive())["data"] == {"userId": None}


async def test_a_bad_bearer_token_refuses_the_handshake(world: World) -> None:
    async with connected(world.app, {"authorization": "Bearer old"}) as client:
        pass
    assert client.denial is not None
    assert (client.denial[0], client.denial[1]["reason"]) == (401, "UNAUTHENTICATED")


async def test_a_page_of_another_site_is_refused(world: World) -> None:
    async with connected(world.app, ME | {"origin": "https://evil.example"}) as client:
        pass
    assert client.denial is not None
    assert (client.denial[0], client.denial[1]["reason"]) == (403, "ORIGIN_NOT_ALLOWED")


async def test_sessions_that_can_not_be_checked_refuse_the_handshake(world: World) -> None:
    world.verifier.failure = Unavailable("Redis is away.")
    async with connected(world.app, ME) as client:
        pass
    assert client.denial is not None
    assert client.denial[0] == 503


@pytest.mark.parametrize("token", ["old", "", None, 5])
async def test_a_bad_token_in_a_message(world: World, token: Any) -> None:
    async with connected(world.app) as client:
        await client.receive()
        error = await client.ask({"type": "auth", "token": token})
        assert (error["type"], error["reason"]) == ("error", "UNAUTHENTICATED")
        assert await closed(client) == 4401


@pytest.mark.parametrize(
    "claim",
    [
        {"userId": "u2"},
        {"type": "ping", "userId": "u2"},
        {"type": "auth", "token": "mine", "userId": "u2"},
        {"userId": {"$gt": ""}},
    ],
)
async def test_a_claimed_user_is_never_believed(world: World, claim: dict[str, Any]) -> None:
    async with connected(world.app, ME) as client:
        await client.receive()
        client.send(claim)
        error = await client.next_of("error")
        assert error["reason"] == "PERMISSION_DENIED"
        assert await closed(client) == 4403
        world.source.add("user:u2")
        assert client.from_server.empty()


async def test_a_user_claimed_in_the_address(world: World) -> None:
    async with connected(world.app, ME, "userId=u2") as client:
        assert (await client.next_of("error"))["reason"] == "PERMISSION_DENIED"
        assert await closed(client) == 4403
    async with connected(world.app, {}, "userId=u2") as client:
        assert (await client.next_of("error"))["reason"] == "PERMISSION_DENIED"
        assert await closed(client) == 4403


async def test_a_true_claim_changes_nothing(world: World) -> None:
    async with connected(world.app, ME, "userId=u1") as client:
        await client.receive()
        client.send({"userId": "u1"})
        assert (await client.ask({"type": "ping"})) == {"type": "pong"}


async def test_a_socket_can_not_change_hands(world: World) -> None:
    async with connected(world.app, ME) as client:
        await client.receive()
        error = await client.ask({"type": "auth", "token": "theirs"})
        assert error["reason"] == "PERMISSION_DENIED"
        assert await closed(client) == 4403


@pytest.mark.parametrize("text", ["{", "[]", "1", "null", '{"type":"dance"}', '{"type":5}', "{}"])
async def test_nonsense_is_answered_and_survived(world: World, text: str) -> None:
    async with connected(world.app) as client:
        await client.receive()
        assert (await client.ask(text))["type"] == "error"
        assert (await client.ask({"type": "ping"})) == {"type": "pong"}


async def test_a_message_over_16_kib_closes(world: World) -> None:
    async with connected(world.app) as client:
        await client.receive()
        client.send('{"type": "ping", "x": "' + "x" * 16384 + '"}')
        assert await closed(client) == 1009


async def test_resume_replays_what_was_missed_once_and_in_order(world: World) -> None:
    async with connected(world.app, ME, FRESH) as client:
        last = (await client.receive())["id"]
    for _ in range(3):
        world.source.add("user:u1")
        world.source.add("public")
        world.source.add("user:u2")
    await settled(world)
    async with connected(world.app, ME) as client:
        await client.receive()
        client.send({"type": "resume", "id": last})
        got = await take(client, 6)
        assert [number for audience, number in got if audience == "public"] == [1, 2, 3]
        assert [number for audience, number in got if audience == "user:u1"] == [1, 2, 3]
        client.send({"type": "resume", "id": last})
        await still(client)
        world.source.add("public")
        assert await take(client, 1) == [("public", 4)]


async def test_what_arrives_during_a_replay_is_neither_lost_nor_doubled(world: World) -> None:
    async with connected(world.app, query=FRESH) as client:
        last = (await client.receive())["id"]
    world.source.page = 2
    for _ in range(5):
        world.source.add("public")
    await settled(world)
    async with connected(world.app) as client:
        await client.receive()
        world.source.may_list.clear()
        client.send({"type": "resume", "id": last})
        await until(lambda: ("public", 0) in world.source.lists)
        for _ in range(4):
            world.source.add("public")
        await settled(world)
        world.source.may_list.set()
        assert await take(client, 9) == [("public", number) for number in range(1, 10)]
        world.source.add("public")
        assert await take(client, 1) == [("public", 10)]


async def test_each_id_resumes_after_its_own_message(world: World) -> None:
    async with connected(world.app) as client:
        await client.receive()
        for _ in range(4):
            world.source.add("public")
        ids = [(await client.receive())["id"] for _ in range(4)]
    for position, last in enumerate(ids, 1):
        async with connected(world.app) as client:
            await client.receive()
            client.send({"type": "resume", "id": last})
            assert await take(client, 4 - position) == [
                ("public", number) for number in range(position + 1, 5)
            ]
            assert (await client.ask({"type": "ping"})) == {"type": "pong"}


async def test_a_message_before_the_resume_is_not_sent_twice(world: World) -> None:
    async with connected(world.app, query=FRESH) as client:
        last = (await client.receive())["id"]
    world.source.add("public")
    await settled(world)
    async with connected(world.app) as client:
        await client.receive()
        world.source.add("public")
        assert await take(client, 1) == [("public", 2)]
        client.send({"type": "resume", "id": last})
        frame = await client.receive()
        assert client.numbers([frame]) == [("public", 1)]
        assert (await client.ask({"type": "ping"})) == {"type": "pong"}
    async with connected(world.app) as client:
        await client.receive()
        client.send({"type": "resume", "id": frame["id"]})
        await still(client)


async def test_an_id_of_another_user_tells_nothing(world: World) -> None:
    async with connected(world.app, ME, FRESH) as client:
        mine = (await client.receive())["id"]
    world.source.add("user:u1")
    world.source.add("public")
    await settled(world)
    async with connected(world.app, {"cookie": "session=theirs"}) as client:
        await client.receive()
        client.send({"type": "resume", "id": mine})
        assert await take(client, 1) == [("public", 1)]
        assert (await client.ask({"type": "ping"})) == {"type": "pong"}


async def test_an_id_ahead_of_the_log_is_harmless(world: World) -> None:
    for _ in range(3):
        world.source.add("public")
    await settled(world)
    async with connected(world.app, query=FRESH) as client:
        ahead = (await client.receive())["id"]
    world.source.log["public"].clear()
    await settled(world)
    async with connected(world.app) as client:
        await client.receive()
        client.send({"type": "resume", "id": ahead})
        await still(client)
        world.source.add("public")
        assert await take(client, 1) == [("public", 1)]


async def test_what_another_gateway_sent_already_is_left_out(world: World) -> None:
    async with connected(world.app) as client:
        await client.receive()
        world.source.add("public")
        ahead = (await client.receive())["id"]
    world.source.log["public"].clear()
    async with connected(world.app) as client:
        await client.receive()
        late = world.source.add("public", is_heard=False)
        client.send({"type": "resume", "id": ahead})
        await still(client)
        world.source.stream.put_nowait(late)
        world.source.add("public")
        assert await take(client, 1) == [("public", 2)]


@pytest.mark.parametrize(
    "cursor", ["", "nonsense!", "bnVsbA", None, 5, "eyJhIjotMX0", "W10", "é", TRUE]
)
async def test_a_bad_id_is_refused(world: World, cursor: Any) -> None:
    async with connected(world.app) as client:
        await client.receive()
        error = await client.ask({"type": "resume", "id": cursor})
        assert (error["type"], error["reason"]) == ("error", "VALIDATION_FAILED")


async def test_what_the_stream_lost_is_listed(world: World) -> None:
    async with connected(world.app, ME) as client:
        await client.receive()
        world.source.add("user:u1")
        world.source.add("user:u1", is_heard=False)
        world.source.add("user:u1", is_heard=False)
        world.source.add("user:u1")
        assert await take(client, 4) == [("user:u1", number) for number in range(1, 5)]


@pytest.mark.parametrize("end", [TimeoutError(), AWAY, FAULT])
async def test_what_was_missed_while_the_stream_was_down_is_listed(
    world: World, end: Exception
) -> None:
    async with connected(world.app, ME) as client:
        await client.receive()
        world.source.add("user:u1", is_heard=False)
        world.source.add("public", is_heard=False)
        world.source.stream.put_nowait(end)
        assert sorted(await take(client, 2)) == [("public", 1), ("user:u1", 1)]


@pytest.mark.parametrize("failure", [AWAY, FAULT])
async def test_a_list_that_failed_is_tried_again_at_the_next_sign_of_life(
    world: World, failure: Exception
) -> None:
    async with connected(world.app) as client:
        await client.receive()
        world.source.failure = failure
        world.source.add("public", is_heard=False)
        world.source.add("public")
        with capture_logs() as logs:
            await until(lambda: bool(world.source.lists))
            await settled(world)
        assert [each["event"] for each in logs] == ["missed messages cannot be listed"]
        world.source.failure = None
        world.source.stream.put_nowait(None)
        assert await take(client, 2) == [("public", 1), ("public", 2)]


@pytest.mark.parametrize("failure", [AWAY, FAULT])
async def test_a_log_that_is_away_closes_new_sockets_for_now(
    world: World, failure: Exception
) -> None:
    world.source.failure = failure
    async with connected(world.app) as client:
        assert await closed(client) == 1013


@pytest.mark.parametrize("failure", [AWAY, FAULT])
async def test_a_replay_that_fails_closes_the_socket_for_now(
    world: World, failure: Exception
) -> None:
    async with connected(world.app, query=FRESH) as client:
        cursor = (await client.receive())["id"]
    world.source.add("public")
    await settled(world)
    async with connected(world.app) as client:
        await client.receive()
        world.source.failure = failure
        client.send({"type": "resume", "id": cursor})
        assert await closed(client) == 1013


async def test_a_client_that_does_not_read_is_sent_away(world: World) -> None:
    async with connected(world.app) as slow, connected(world.app) as quick:
        await slow.receive()
        await quick.receive()
        slow.reads.clear()
        for number in range(1, 301):
            world.source.add("public")
            assert await take(quick, 1) == [("public", number)]
        slow.reads.set()
        assert await closed(slow) == 4408
        assert quick.code is None


async def test_a_revoked_session_closes_its_sockets(world: World) -> None:
    async with connected(world.app, ME) as mine, connected(world.app) as nobody:
        await mine.receive()
        await nobody.receive()
        world.registries[0].revoke(Revocation(1, session_id="s9"))
        world.registries[0].revoke(Revocation(1, user_id="u9"))
        assert (await mine.ask({"type": "ping"})) == {"type": "pong"}
        world.registries[0].revoke(Revocation(1, session_id="s1"))
        assert await closed(mine) == 4401
        assert (await nobody.ask({"type": "ping"})) == {"type": "pong"}
    async with connected(world.app, ME) as mine:
        await mine.receive()
        world.registries[0].revoke(Revocation(1, user_id="u1", before=ISSUED_AT * 1000))
        assert (await mine.ask({"type": "ping"})) == {"type": "pong"}
        world.registries[0].revoke(Revocation(1, user_id="u1", before=ISSUED_AT * 1000 + 1))
        assert await closed(mine) == 4401


async def test_who_cannot_be_checked_again_is_asked_to_come_back(world: World) -> None:
    class AwayThen(dict[str, Identity]):
        def __getitem__(self, token: str) -> Identity:
            world.verifier.failure = Unavailable("Redis is unreachable.")
            return super().__getitem__(token)

    world.verifier.identities = AwayThen(world.verifier.identities)
    async with connected(world.app, ME) as client:
        assert await closed(client) == 1013


class GoodOnce(dict[str, Identity]):
    """Tokens that are revoked as soon as they were verified."""

    def __getitem__(self, token: str) -> Identity:
        return self.pop(token)


async def test_a_revocation_between_verification_and_connection_is_noticed(world: World) -> None:
    world.verifier.identities = GoodOnce(world.verifier.identities)
    async with connected(world.app, ME) as client:
        assert await closed(client) == 4401


async def test_a_token_that_expires_closes_its_socket(world: World) -> None:
    world.verifier.knows("short", id="u1", expires_at=0.0)
    async with connected(world.app, {"cookie": "session=short"}) as client:
        assert await closed(client) == 4401


async def test_a_new_token_prolongs(world: World) -> None:
    async with connected(world.app) as client:
        await client.receive()
        assert (await client.ask({"type": "auth", "token": "mine"}))["type"] == "ready"
        world.verifier.knows("newer", id="u1", session_id="s1")
        assert (await client.ask({"type": "auth", "token": "newer"}))["type"] == "ready"
        world.source.add("user:u1")
        assert await take(client, 1) == [("user:u1", 1)]


async def test_a_user_has_20_sockets_at_most(world: World) -> None:
    async with connections(world, 20):
        async with connected(world.app, ME) as one_more:
            assert await closed(one_more) == 4429
        async with connected(world.app, {"cookie": "session=theirs"}) as somebody_else:
            assert (await somebody_else.receive())["type"] == "ready"
    async with connected(world.app, ME) as client:
        assert (await client.receive())["type"] == "ready"


async def test_a_network_has_so_many_sockets_at_most() -> None:
    elsewhere = {"x-forwarded-for": "198.51.100.7"}
    world = make_world(sockets_per_network=2, trusted_proxies=Networks("203.0.113.9"))
    async with running(world.app), connected(world.app) as first, connected(world.app) as second:
        await first.receive()
        await second.receive()
        async with connected(world.app) as one_more:
            await until(lambda: one_more.denial is not None)
            assert one_more.denial is not None
            status, problem = one_more.denial
            assert (status, problem["reason"]) == (429, "RATE_LIMITED")
        async with connected(world.app, elsewhere) as neighbour:
            assert (await neighbour.receive())["type"] == "ready"
        second.to_server.put_nowait({"type": "websocket.disconnect", "code": 1001})
        await until(lambda: len(world.registries[0]) == 1)
        async with connected(world.app) as client:
            assert (await client.receive())["type"] == "ready"


async def test_who_says_too_much_is_sent_away(world: World) -> None:
    async with connected(world.app) as client, connected(world.app) as other:
        await client.receive()
        await other.receive()
        for _ in range(MAX_MESSAGES):
            assert (await client.ask({"type": "ping"}))["type"] == "pong"
        client.send({"type": "ping"})
        assert await closed(client) == 1008
        assert (await other.ask({"type": "ping"}))["type"] == "pong"


async def test_a_resume_counts_as_ten_messages(world: World) -> None:
    async with connected(world.app, query=FRESH) as client:
        cursor = (await client.receive())["id"]
        for _ in range(MAX_MESSAGES // 10):
            client.send({"type": "resume", "id": cursor})
        client.send({"type": "ping"})
        assert await closed(client) == 1008


async def test_stopping_closes_every_socket(world: World) -> None:
    async with connected(world.app) as client:
        await client.receive()
        world.registries[0].close_all(frames.SERVICE_RESTART)
        assert await closed(client) == 1012
    assert len(world.registries[0]) == 0


async def settled(world: World) -> None:
    """Everything on the stream was taken."""
    await until(world.source.stream.empty)
    for _ in range(10):
        await asyncio.sleep(0)


async def still(client: LiveClient) -> None:
    """Nothing is sent but the answer to this; a replay that is due comes before it."""
    for _ in range(20):
        await asyncio.sleep(0)
    assert (await client.ask({"type": "ping"})) == {"type": "pong"}


@asynccontextmanager
async def connections(world: World, count: int) -> AsyncIterator[None]:
    """Several sockets of one user, all open."""
    async with AsyncExitStack() as stack:
        for _ in range(count):
            client = await stack.enter_async_context(connected(world.app, ME))
            await client.receive()
        yield


async def test_who_leaves_during_the_handshake_is_no_failure(world: World) -> None:
    with capture_logs() as logs:
        async with connected(world.app, has_left=True):
            pass
    assert logs == []


async def test_who_leaves_later_is_no_failure(world: World) -> None:
    with capture_logs() as logs:
        async with connected(world.app) as client:
            await client.receive()
            client.has_left = True
            world.source.add("public")
            await until(lambda: not world.registries[0])
    assert logs == []


class BrokenSocket:
    """Fails where a client would read."""

    async def wait(self) -> None:
        raise FAULT


async def test_what_breaks_a_socket_is_logged_with_its_user_and_request(world: World) -> None:
    def correlated(_: Any, __: str, line: Any) -> Any:
        return line | dict(correlation.fields())

    with capture_logs([correlated]) as logs:
        async with connected(world.app, ME | {"x-request-id": "r1"}) as client:
            await client.receive()
            vars(client)["reads"] = BrokenSocket()
            world.source.add("public")  # its task is begun by the stream that all sockets share
            assert await closed(client) == frames.TRY_AGAIN_LATER.code
    [line] = [each for each in logs if each["event"] == "live connection broken"]
    ids = [line.get(name) for name in ("http.request.id", "user.id", "session.id")]
    assert ids == ["r1", "u1", "s1"]


async def test_a_socket_holds_nothing_of_its_handshake(world: World) -> None:
    async with connected(world.app, ME) as client:
        await client.receive()
        assert client.scope == {}
