"""Two live calls, through every order in which their calls to the outside can take turns.

Each call to a port waits for its turn; what lies between two of them runs at once, as it does on
an event loop. A run is a list of turns. All runs are walked depth first, each on a new world; one
that meets a state which was met before ends there, as all that can follow is walked already, to
its end. A state is all that the two were answered so far, and what the ports hold.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from contextvars import ContextVar
from typing import Any, TypeVar, cast

from chassis.tasks import cancel

Port = TypeVar("Port")

_caller: ContextVar[int] = ContextVar("caller")


class WalkedAlreadyError(Exception):
    """What can follow here was walked by another run."""


class Turns:
    """Gives the calls their turns: first in this order, then always to the one who came first."""

    def __init__(self, turns: tuple[int, ...], seen: set[str]) -> None:
        self.branches: list[tuple[int, ...]] = []
        self._turns = turns
        self._seen = seen
        self._taken: list[int] = []
        self._waiting: list[asyncio.Future[None]] = []
        self._ports: list[Any] = []
        self._answers: tuple[list[str], list[str]] = ([], [])
        self._is_running = False

    def on(self, port: Port) -> Port:
        """The port, seen from a process that takes part."""
        if not any(each is port for each in self._ports):
            self._ports.append(port)
        return cast("Port", _Held(port, self))

    async def both(self, one: Awaitable[object], other: Awaitable[object]) -> list[object]:
        """Run both calls to their ends; what each returned or raised.

        Raises:
            WalkedAlreadyError: For `every_interleaving`, which goes on with the next run.
        """
        self._is_running = True
        tasks = [
            asyncio.create_task(self._as(each, call)) for each, call in enumerate((one, other))
        ]
        await _stillness()
        try:
            while self._waiting:
                turn = self._next_turn()
                self._taken.append(turn)
                self._waiting.pop(turn).set_result(None)
                await _stillness()
        except WalkedAlreadyError:
            await cancel(tasks)
            raise
        self._is_running = False
        return list(await asyncio.gather(*tasks, return_exceptions=True))

    async def take(
        self, name: str, call: Callable[..., Awaitable[object]], arguments: Any, named: Any
    ) -> Any:
        """Call the port when it is this call's turn."""
        if not self._is_running:
            return await call(*arguments, **named)
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        await turn
        answers = self._answers[_caller.get()]
        try:
            answer = await call(*arguments, **named)
        except Exception as error:
            answers.append(repr((name, arguments, named, error)))
            raise
        answers.append(repr((name, arguments, named, answer)))
        return answer

    async def _as(self, caller: int, call: Awaitable[object]) -> object:
        _caller.set(caller)
        return await call

    def _next_turn(self) -> int:
        depth = len(self._taken)
        if depth < len(self._turns):
            return self._turns[depth]
        if len(self._waiting) > 1:
            state = self._state()
            if state in self._seen:
                raise WalkedAlreadyError
            self._seen.add(state)
            self.branches += [(*self._taken, turn) for turn in range(1, len(self._waiting))]
        return 0

    def _state(self) -> str:
        held = [
            {name: value for name, value in vars(port).items() if not callable(value)}
            for port in self._ports
        ]
        state = repr((self._answers, held))
        assert " at 0x" not in state, (
            f"a state is compared by its text, which must tell all: {state}"
        )
        return state


class _Held:
    def __init__(self, port: Any, turns: Turns) -> None:
        self._port = port
        self._turns = turns

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._port, name)

        async def call(*arguments: Any, **named: Any) -> Any:
            return await self._turns.take(name, method, arguments, named)

        return call


async def every_interleaving(run: Callable[[Turns], Awaitable[None]]) -> int:
    """Call `run`, which makes a world, has `Turns.both` run, and asserts, for each order of turns.

    Returns:
        How many runs there were.
    """
    seen: set[str] = set()
    waiting: list[tuple[int, ...]] = [()]
    runs = 0
    while waiting:
        turns = Turns(waiting.pop(), seen)
        with suppress(WalkedAlreadyError):
            await run(turns)
        waiting += turns.branches
        runs += 1
    return runs


async def _stillness() -> None:
    """Return when everything else waits for its turn, or has ended."""
    loop: Any = asyncio.get_running_loop()
    await asyncio.sleep(0)
    while loop._ready:
        await asyncio.sleep(0)
