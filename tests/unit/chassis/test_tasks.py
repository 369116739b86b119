import asyncio

import pytest

from chassis.tasks import cancel

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
