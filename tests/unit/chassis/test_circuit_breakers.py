"""What opens a circuit, what closes it, and what says nothing."""

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest
from prometheus_client import REGISTRY

from chassis.ids import new_id
from chassis.resilience.backoff import Backoff
from chassis.resilience.circuit_breakers import CircuitBreaker, CircuitBreakers, CircuitOpen, states

pytestmark = pytest.mark.anyio

AWAY = ConnectionError("away")


class Peer:
    """Answers probes when it is let."""

    def __init__(self) -> None:
        self.answers = False
        self.probes = 0
        self.at_once = 0
        self.most_at_once = 0
        self.may_end = asyncio.Event()
        self.may_end.set()

    async def probe(self) -> None:
        self.probes += 1
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            await self.may_end.wait()
            if not self.answers:
                raise AWAY
        finally:
            self.at_once -= 1


@pytest.fixture
def peer() -> Peer:
    return Peer()


@pytest.fixture
async def breaker(peer: Peer) -> AsyncIterator[CircuitBreaker]:
    """One that opens at the third failure, and probes without a pause."""
    made = CircuitBreaker(new_id(), peer.probe, failures=3, backoff=Backoff(0.0, 0.0))
    yield made
    await made.aclose()


def fail(breaker: CircuitBreaker, times: int) -> None:
    for _ in range(times):
        breaker.unanswered(breaker.admit(), AWAY)


async def until(condition: Callable[[], bool]) -> None:
    while not condition():
        await asyncio.sleep(0)


def metric(name: str, breaker: CircuitBreaker) -> float | None:
    return REGISTRY.get_sample_value(name, {"name": breaker.name})


async def test_the_third_failure_in_a_row_opens_it(breaker: CircuitBreaker) -> None:
    fail(breaker, 2)
    breaker.answered(breaker.admit())
    fail(breaker, 2)
    assert breaker.state == "closed"
    fail(breaker, 1)
    assert breaker.state == "open"
    with pytest.raises(CircuitOpen, match="did not answer lately"):
        breaker.admit()


async def test_many_calls_that_hang_at_once_open_it_once(breaker: CircuitBreaker) -> None:
    turns = [breaker.admit() for _ in range(20)]
    for turn in turns:
        breaker.unanswered(turn, AWAY)
    assert breaker.state == "open"


async def test_an_answer_to_a_probe_closes_it(breaker: CircuitBreaker, peer: Peer) -> None:
    fail(breaker, 3)
    await until(lambda: peer.probes >= 3)
    assert breaker.state != "closed"
    peer.answers = True
    await until(lambda: breaker.state == "closed")
    breaker.answered(breaker.admit())
    assert peer.at_once == 0


async def test_one_probe_at_a_time_and_no_call_while_it_is_under_way(
    breaker: CircuitBreaker, peer: Peer
) -> None:
    peer.may_end.clear()
    fail(breaker, 3)
    await until(lambda: peer.at_once == 1)
    assert breaker.state == "half_open"
    for _ in range(5):
        with pytest.raises(CircuitOpen):
            breaker.admit()
        await asyncio.sleep(0)
    assert peer.probes == peer.most_at_once == 1


async def test_what_began_before_it_was_closed_says_nothing_of_now(
    breaker: CircuitBreaker, peer: Peer
) -> None:
    late = [breaker.admit() for _ in range(3)]
    fail(breaker, 3)
    peer.answers = True
    await until(lambda: breaker.state == "closed")
    for turn in late:
        breaker.unanswered(turn, AWAY)
    assert breaker.state == "closed"


async def test_a_late_answer_does_not_close_it(breaker: CircuitBreaker, peer: Peer) -> None:
    peer.may_end.clear()
    late = breaker.admit()
    fail(breaker, 3)
    breaker.answered(late)
    assert breaker.state == "open"
    await until(lambda: peer.at_once == 1)
    breaker.answered(late)
    assert breaker.state == "half_open"


async def test_refusals_are_answers_and_who_gives_up_says_nothing(breaker: CircuitBreaker) -> None:
    async def refuse() -> None:
        raise ValueError

    async def give_up() -> None:
        raise asyncio.CancelledError

    def is_unanswered(error: Exception) -> bool:
        return isinstance(error, ConnectionError)

    fail(breaker, 2)
    with pytest.raises(ValueError):  # noqa: PT011 - it is the very one above
        await breaker.call(refuse, is_unanswered)
    fail(breaker, 2)
    with pytest.raises(asyncio.CancelledError):
        await breaker.call(give_up, is_unanswered)
    fail(breaker, 1)
    assert breaker.state == "open"


async def test_what_is_called_while_it_is_open_is_not_begun(breaker: CircuitBreaker) -> None:
    begun = []

    async def work() -> None:
        begun.append(1)
        raise AWAY

    for _ in range(3):
        with pytest.raises(ConnectionError):
            await breaker.call(work, lambda _: True)
    with pytest.raises(CircuitOpen):
        await breaker.call(work, lambda _: True)
    assert len(begun) == 3


async def test_its_state_is_shown(breaker: CircuitBreaker, peer: Peer) -> None:
    peer.may_end.clear()
    assert metric("circuit_breaker_state", breaker) == 0
    fail(breaker, 3)
    assert metric("circuit_breaker_state", breaker) == 2
    await until(lambda: peer.at_once == 1)
    assert metric("circuit_breaker_state", breaker) == 1
    assert states()[breaker.name] == "half_open"
    with pytest.raises(CircuitOpen):
        breaker.admit()
    assert metric("circuit_breaker_rejected_total", breaker) == 1
    peer.answers = True
    peer.may_end.set()
    await until(lambda: breaker.state == "closed")
    assert metric("circuit_breaker_state", breaker) == 0
    assert states()[breaker.name] == "closed"


async def test_none_opens_where_that_is_switched_off(peer: Peer) -> None:
    breaker = CircuitBreakers(failures=0).of(new_id(), peer.probe)
    fail(breaker, 1000)
    assert breaker.state == "closed"


async def test_all_who_ask_the_same_share_one(peer: Peer) -> None:
    breakers = CircuitBreakers()
    name = new_id()
    assert breakers.of(name, peer.probe) is breakers.of(name, peer.probe)
    await breakers.aclose()
    assert name not in states()
