"""What a process says of itself."""

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from shop.ops.v1 import system_pb2

from chassis.clock import utcnow
from chassis.rpc.process_report import ProcessReport, Remembered, settings_shown
from chassis.rpc.system_rpc import SystemRpc
from chassis.settings.environment import ProcessSettings
from chassis.telemetry.log_levels import levels

pytestmark = pytest.mark.anyio


@dataclass(frozen=True, kw_only=True)
class Settings(ProcessSettings):
    """Those of a process, with some of each type."""

    names: tuple[str, ...] = ("a", "b")
    is_on: bool = True
    pause: timedelta = timedelta(milliseconds=1500)
    absent: str | None = None
    other_secret: str = field(default="s3cret", repr=False)


SETTINGS = Settings(auth_url="auth:1", client_secret="cl13nt", redis_url="redis://:pw@redis:6379")


async def passes() -> None:
    return


async def fails() -> None:
    raise ConnectionError("redis://secret@10.0.0.1")


async def hangs(*_: object) -> None:
    await asyncio.Event().wait()


async def test_it_says_what_runs() -> None:
    before = utcnow()
    report = ProcessReport("cart", SETTINGS, {}, {})
    [process] = (await SystemRpc(report).GetSystem(system_pb2.GetSystemRequest(), None)).processes
    assert (process.service, process.log_level) == ("cart", levels.level)
    assert process.version
    assert process.host
    assert before.timestamp() <= process.started_at.ToNanoseconds() / 1e9 <= utcnow().timestamp()


async def test_it_is_ready_while_what_it_needs_is() -> None:
    reports = [
        await ProcessReport("cart", SETTINGS, {"mongodb": needed}, {"kafka": fails})()
        for needed in (passes, fails, hangs)
    ]
    assert [report.is_ready for report in reports] == [True, False, False]
    assert [[(each.name, each.state) for each in report.checks] for report in reports] == [
        [("mongodb", state), ("kafka", "ConnectionError")]
        for state in ("ok", "ConnectionError", "TimeoutError")
    ]
    assert [each.is_required for each in reports[0].checks] == [True, False]


async def test_what_cannot_be_found_out_is_named_and_the_rest_is_there() -> None:
    report = ProcessReport("cart", SETTINGS, {}, {})

    async def letters(process: system_pb2.Process) -> None:
        process.dead_letters = 3

    async def away(_: system_pb2.Process) -> None:
        raise ConnectionError

    report.parts |= {"outboxes": hangs, "dead_letters": letters, "consumer_lag": away}
    process = await report()
    assert process.dead_letters == 3
    assert list(process.unknown) == ["outboxes", "consumer_lag"]


async def test_settings_are_shown_without_secrets() -> None:
    shown = {each.name: each for each in settings_shown(SETTINGS)}
    assert {name: each.value for name, each in shown.items()} == {
        "AUTH_URL": "auth:1",
        "CLIENT_SECRET": "",
        "REDIS_URL": "",
        "LOG_LEVEL": "info",
        "DRAIN": "20s",
        "NAMES": "a,b",
        "IS_ON": "true",
        "PAUSE": "1.5s",
        "ABSENT": "",
        "OTHER_SECRET": "",
    } | {name: each.value for name, each in shown.items() if name in NEW}
    hidden = {name for name, each in shown.items() if each.is_hidden}
    assert {"CLIENT_SECRET", "REDIS_URL", "OTHER_SECRET"} <= hidden
    text = "".join(str(each) for each in shown.values())
    assert not any(secret in text for secret in ("cl13nt", ":pw@", "s3cret"))


NEW = {each.name for each in settings_shown(SETTINGS)} - {
    *("AUTH_URL", "CLIENT_SECRET", "REDIS_URL", "LOG_LEVEL", "DRAIN", "NAMES", "IS_ON", "PAUSE"),
    *("ABSENT", "OTHER_SECRET"),
}


async def test_an_answer_is_remembered_for_a_while() -> None:
    asked: list[int] = []

    async def ask() -> int:
        asked.append(1)
        return len(asked)

    kept = Remembered(ask, fresh=60)
    assert [await kept(), await kept()] == [1, 1]
    anew = Remembered(ask, fresh=0)
    assert [await anew(), await anew()] == [2, 3]


async def test_the_last_answer_counts_while_a_new_one_takes_its_time() -> None:
    is_slow = asyncio.Event()
    may_answer = asyncio.Event()
    may_answer.set()

    async def ask() -> str:
        await may_answer.wait()
        return "late" if is_slow.is_set() else "first"

    kept = Remembered(ask, fresh=0, patience=0.01)
    assert await kept() == "first"
    is_slow.set()
    may_answer.clear()
    assert await kept() == "first"
    may_answer.set()
    assert await kept() == "late"


async def test_a_question_that_fails_has_no_answer() -> None:
    with pytest.raises(ConnectionError):
        await Remembered(fails)()
