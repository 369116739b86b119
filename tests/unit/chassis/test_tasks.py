import asyncio
import threading
from collections.abc import Sequence
from typing import Any

import pytest

from chassis.tasks import SingleFlight, Together, cancel, in_thread, is_set_within

pytestmark = pytest.mark.anyio


async def test_tasks_end_and_what_they_raise_is_dropped() -> None:
    async def wait() -> None:
        await asyncio.Event().wait()

    async def fail() -> None:
        raise ValueError("dropped")

    tasks = [asyncio.create_task(wait()), asyncio.create_task(fail())]
    await asyncio.sleep(0)
    await cancel(tasks)
    assert tasks[0].cancelled()
    assert isinstance(tasks[1].exception(), ValueError)


async def test_a_task_that_loses_its_first_cancellations_ends_too() -> None:
    lost = 0

    async def stubborn() -> None:
        nonlocal lost
        while lost < 3:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                lost += 1
        await asyncio.Event().wait()

    task = asyncio.create_task(stubborn())
    await asyncio.sleep(0)
    await cancel([task])
    assert (lost, task.cancelled()) == (3, True)


async def test_no_tasks_are_no_trouble() -> None:
    await cancel([])


class Work:
    """Work that ends when it is told how."""

    def __init__(self) -> None:
        self.begun = 0
        self.outcome: asyncio.Future[str] = asyncio.Future()

    async def __call__(self) -> str:
        self.begun += 1
        return await self.outcome


async def test_what_several_want_at_once_is_done_once() -> None:
    work = Work()
    shared = SingleFlight(work)
    callers = [asyncio.create_task(shared()) for _ in range(3)]
    await asyncio.sleep(0)
    callers.pop().cancel()
    await asyncio.sleep(0)
    work.outcome.set_result("done")
    assert await asyncio.gather(*callers) == ["done", "done"]
    assert work.begun == 1
    await shared()
    assert work.begun == 2


async def test_a_failure_is_everybodys_and_the_next_begins_anew() -> None:
    work = Work()
    shared = SingleFlight(work)
    callers = [asyncio.create_task(shared()) for _ in range(2)]
    await asyncio.sleep(0)
    work.outcome.set_exception(ValueError("no"))
    outcomes = await asyncio.gather(*callers, return_exceptions=True)
    assert [type(each) for each in outcomes] == [ValueError, ValueError]
    work.outcome = asyncio.Future()
    work.outcome.set_result("done")
    assert await shared() == "done"
    assert work.begun == 2


async def test_what_is_asked_for_meanwhile_is_done_together_next() -> None:
    gates = [asyncio.Event(), asyncio.Event()]
    begun: list[list[str]] = []

    async def shout(texts: Sequence[str]) -> Sequence[str]:
        begun.append([*texts])
        await gates[len(begun) - 1].wait()
        if "bad" in texts:
            raise ValueError
        return [text.upper() for text in texts]

    shouted = Together(shout)
    first = asyncio.create_task(shouted("a"))
    while not begun:
        await asyncio.sleep(0)
    later = [asyncio.create_task(shouted(text)) for text in ("b", "bad", "c")]
    await asyncio.sleep(0)
    later[0].cancel()
    gates[0].set()
    assert await first == "A"
    while len(begun) < 2:
        await asyncio.sleep(0)
    gates[1].set()
    outcomes = await asyncio.gather(*later, return_exceptions=True)
    assert begun == [["a"], ["b", "bad", "c"]]
    assert [type(each) for each in outcomes] == [asyncio.CancelledError, ValueError, ValueError]


async def test_an_event_is_waited_for_no_longer_than_said() -> None:
    event = asyncio.Event()
    assert not await is_set_within(event, 0.0)
    waiting = asyncio.create_task(is_set_within(event, 3_600.0))
    await asyncio.sleep(0)
    event.set()
    assert await waiting
    # What is set already is so, even where there is no time.
    assert await is_set_within(event, -1.0)


async def test_what_blocks_returns_or_raises_from_a_thread_that_ends_with_the_process() -> None:
    thread = await in_thread(threading.current_thread, "a-call")
    assert (thread.name, thread.daemon) == ("a-call", True)
    assert thread is not threading.current_thread()
    with pytest.raises(ZeroDivisionError):
        await in_thread(lambda: 1 // 0)


async def test_a_thread_that_nobody_waits_for_any_more_ends_unheard() -> None:
    faults: list[Any] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: faults.append(context))
    began: asyncio.Queue[threading.Thread] = asyncio.Queue()
    may_end = threading.Event()
    loop = asyncio.get_running_loop()

    def work() -> None:
        loop.call_soon_threadsafe(began.put_nowait, threading.current_thread())
        may_end.wait()

    task = asyncio.create_task(in_thread(work))
    thread = await began.get()
    await cancel([task])
    may_end.set()
    await in_thread(lambda: thread.join(20.0))
    assert not faults
