"""Background work: ended, waited for, repeated, shared, joined, and in threads of its own."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Collection, Coroutine, Sequence
from contextlib import suppress
from contextvars import Context
from datetime import timedelta
from typing import Any, Generic, TypeVar

import structlog

log = structlog.get_logger(__name__)

T = TypeVar("T")
R = TypeVar("R")

_AGAIN_SECONDS = 0.05


async def cancel(tasks: Collection[asyncio.Task[Any]]) -> None:
    """Cancel `tasks` until every one has ended; what they raise or return is dropped.

    Once is not enough: `asyncio.wait_for` of Python 3.11 loses a cancellation that arrives
    together with its result (bpo-37658, mended in 3.12), and MongoDB's driver waits in it at each
    request. A task that loops over such calls outlives about every third cancellation.
    """
    pending = set(tasks)
    while pending:
        for task in pending:
            task.cancel()
        _, pending = await asyncio.wait(pending, timeout=_AGAIN_SECONDS)
    await asyncio.gather(*tasks, return_exceptions=True)


async def is_set_within(event: asyncio.Event, seconds: float) -> bool:
    """Wait for `event`, but no longer than that many seconds; whether it is set."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
    return event.is_set()


async def run_until(stopping: asyncio.Event, work: Awaitable[None]) -> bool:
    """Do `work`; False where `stopping` was set before it was done."""
    task = asyncio.ensure_future(work)
    stop = asyncio.create_task(stopping.wait())
    await asyncio.wait({task, stop}, return_when=asyncio.FIRST_COMPLETED)
    stop.cancel()
    if not task.done():
        await cancel([task])
        return False
    await task
    return True


async def repeat(pause: timedelta, name: str, work: Callable[[], Awaitable[None]]) -> None:
    """Do `work` again and again, with `pause` between; a failure is logged, and it goes on."""
    while True:
        await asyncio.sleep(pause.total_seconds())
        try:
            await work()
        except Exception:
            log.exception("sweep failed", sweep=name)


async def in_thread(work: Callable[[], T], name: str = "blocking-call") -> T:
    """What `work`, which blocks, returns or raises in a thread of its own, called `name`.

    It is a daemon: work that hangs must not keep the process alive.
    """
    loop = asyncio.get_running_loop()
    outcome: asyncio.Future[T] = loop.create_future()

    def tell(set_: Callable[[Any], None], value: Any) -> None:
        if not outcome.done():
            set_(value)

    def run() -> None:
        outcome_call: tuple[Callable[[Any], None], Any]
        try:
            outcome_call = outcome.set_result, work()
        except BaseException as error:  # noqa: BLE001 - it is raised where it is awaited
            outcome_call = outcome.set_exception, error
        with suppress(RuntimeError):  # the loop is closed
            loop.call_soon_threadsafe(tell, *outcome_call)

    threading.Thread(target=run, name=name, daemon=True).start()
    return await outcome


class SingleFlight(Generic[T]):
    """Work that several callers may want at once: it is done once, and each gets its outcome.

    So where it takes long, all wait for it side by side. It goes on where a caller gives up, and
    knows nothing of any caller's deadline or identity.

    Args:
        work: Begins it.
    """

    def __init__(self, work: Callable[[], Coroutine[Any, Any, T]]) -> None:
        self._work = work
        self._task: asyncio.Task[T] | None = None

    async def __call__(self) -> T:
        """What it returns or raises, this time."""
        if self._task is None or self._task.done():
            loop = asyncio.get_running_loop()
            self._task = loop.create_task(self._work(), context=Context())
            # There may be no one left to take an error.
            self._task.add_done_callback(lambda task: task.cancelled() or task.exception())
        return await asyncio.shield(self._task)


class Together(Generic[T, R]):
    """Work that is done for many at once: what is asked for meanwhile is done together next.

    Args:
        work: Does it for some, in the order in which they were asked for; an outcome for each. What
            it raises, each of them raises.
    """

    def __init__(self, work: Callable[[Sequence[T]], Coroutine[Any, Any, Sequence[R]]]) -> None:
        self._work = work
        self._gathering: tuple[list[T], asyncio.Task[Sequence[R]]] | None = None
        self._last: asyncio.Task[Sequence[R]] | None = None

    async def __call__(self, item: T) -> R:
        """The outcome for `item`."""
        items, done = self._gathering or self._gather()
        items.append(item)
        place = len(items) - 1
        # A caller that is cancelled must not take the others with it.
        return (await asyncio.shield(done))[place]

    def _gather(self) -> tuple[list[T], asyncio.Task[Sequence[R]]]:
        items = list[T]()
        loop = asyncio.get_running_loop()
        self._last = loop.create_task(self._do(items, self._last), context=Context())
        # There may be no one left to take an error.
        self._last.add_done_callback(lambda task: task.cancelled() or task.exception())
        self._gathering = items, self._last
        return self._gathering

    async def _do(
        self, items: Sequence[T], before: asyncio.Task[Sequence[R]] | None
    ) -> Sequence[R]:
        if before is not None:
            await asyncio.wait([before])
        self._gathering = None
        return await self._work(items)
