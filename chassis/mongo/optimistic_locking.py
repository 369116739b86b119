"""Changing what carries a version: load, decide, write if no other writer was first; else again."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol, TypeVar

from chassis.errors import NotFound, Unavailable

T = TypeVar("T")
C = TypeVar("C")
T_co = TypeVar("T_co", covariant=True)
C_contra = TypeVar("C_contra", contravariant=True)

Pause = Callable[[int], Awaitable[None]]
"""Waits before a write is tried again; takes how many were tried, from 1."""

TRIES = 10
# Of any number of parallel writers one always wins, so this many all get their turn.
TRIES_OF_MANY = 60


@dataclass(frozen=True)
class PollPolicy:
    """How a call waits for another that is under way: so many polls, with a pause before each."""

    polls: int
    pause: Callable[[], Awaitable[None]]


class VersionedStore(Protocol[T_co, C_contra]):
    """A store whose `save` writes the next version only over the one that it was made from."""

    async def get(self, key: str, /) -> T_co | None:
        """What is kept under the key, as it is now."""

    async def save(self, change: C_contra, /) -> bool:
        """Write the next version; False where another was written first."""


async def until_written(
    attempt: Callable[[], Awaitable[T | None]],
    *,
    refusal: str,
    tries: int = TRIES,
    pause: Pause | None = None,
) -> T:
    """Repeat `attempt` until it returns something else than None, which means a lost write.

    Raises:
        Unavailable: Every try was lost; `refusal` is its message. Also what `attempt` raises.
    """
    for number in range(1, tries + 1):
        done = await attempt()
        if done is not None:
            return done
        if pause is not None:
            await pause(number)
    raise Unavailable(refusal)


async def change(
    store: VersionedStore[T, C],
    key: str,
    decide: Callable[[T], C | None],
    after: Callable[[C], T],
    *,
    noun: str,
    known: T | None = None,
) -> T:
    """Apply `decide` to what is kept under `key`, until its result could be written.

    Args:
        store: Where it is kept.
        key: Its id.
        decide: May be called again with a newer version; returns None where nothing is to be done.
        after: What a change leads to.
        noun: What it is, for refusals, such as "order".
        known: What was last seen of it, which is tried first. It is read only where that is not
            given, or where another writer was first.

    Returns:
        What is kept after it; as it was seen where there was nothing to do.

    Raises:
        NotFound: Nothing is kept under the key; also whatever `decide` raises.
        Unavailable: Others keep writing first.
    """

    async def attempt() -> T | None:
        nonlocal known
        current, known = known or await store.get(key), None
        if current is None:
            raise NotFound(f"There is no such {noun}.")
        changed = decide(current)
        if changed is None:
            return current
        return after(changed) if await store.save(changed) else None

    return await until_written(attempt, refusal=f"The {noun} is being changed; try again.")
