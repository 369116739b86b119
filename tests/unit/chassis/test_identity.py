"""What a call is served as does not depend on who ends it."""

import asyncio
from collections.abc import AsyncGenerator

import pytest

from chassis.auth.identity import ANONYMOUS, Identity, acting_as, current_identity
from chassis.rpc.deadline import deadline_in, shortened

pytestmark = pytest.mark.anyio

ANN = Identity("user", "ann", "user", token="the token")


async def test_a_stream_may_be_closed_in_another_context() -> None:
    async def stream() -> AsyncGenerator[tuple[str, float]]:
        with acting_as(ANN), deadline_in(5):
            yield current_identity().id, shortened(60)

    serving = stream()
    async with asyncio.TaskGroup() as tasks:
        served = tasks.create_task(serving.__anext__())
    assert served.result()[0] == "ann"
    assert served.result()[1] < 6
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(serving.aclose())
    assert current_identity() is ANONYMOUS
    assert shortened(60) == 60


def test_the_token_does_not_show_in_logs() -> None:
    assert "the token" not in repr(ANN)
