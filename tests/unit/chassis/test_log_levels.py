"""How much is logged, changed while a process runs."""

import logging
from collections.abc import Iterator
from datetime import timedelta

import pytest
from shop.ops.v1 import logs_pb2

from chassis.errors import InvalidField
from chassis.rpc.logs_rpc import LogRpc
from chassis.telemetry.log_levels import Levels

pytestmark = pytest.mark.anyio

OWN = ("__main__", "chassis", "ui", "svc_test", "svc_test.usecases", "")
DEBUG, INFO, ERROR = logs_pb2.LOG_LEVEL_DEBUG, logs_pb2.LOG_LEVEL_INFO, logs_pb2.LOG_LEVEL_ERROR


@pytest.fixture
def levels() -> Iterator[Levels]:
    """Of `svc_test`, at INFO."""
    before = {name: logging.getLogger(name).level for name in OWN}
    levels = Levels()
    levels.configure("info", "svc_test")
    yield levels
    for name, level in before.items():
        logging.getLogger(name).setLevel(level)


class Timers:
    """Runs what was put off, when it is told to."""

    def __init__(self) -> None:
        self.due: list[Timer] = []

    def __call__(self, seconds: float, work: object) -> "Timer":
        self.due.append(Timer(work))
        return self.due[-1]

    def run(self) -> None:
        for timer in self.due:
            timer.run()


class Timer:
    def __init__(self, work: object) -> None:
        self.work = work

    def cancel(self) -> None:
        self.work = None

    def run(self) -> None:
        if callable(self.work):
            self.work()


def logs(name: str, level: int) -> bool:
    return logging.getLogger(name).isEnabledFor(level)


@pytest.mark.parametrize(
    ("given", "least"),
    [("debug", logging.DEBUG), ("WARN", logging.WARNING), ("warning", logging.WARNING)],
)
def test_a_process_logs_what_its_setting_says(levels: Levels, given: str, least: int) -> None:
    levels.configure(given, "svc_test")
    assert logging.getLogger("svc_test.usecases").getEffectiveLevel() == least


def test_libraries_log_only_what_is_wrong(levels: Levels) -> None:
    levels.set("DEBUG")
    assert logs("svc_test.usecases", logging.DEBUG)
    assert not logs("httpcore", logging.INFO)
    assert logs("httpcore", logging.WARNING)


def test_one_logger_can_say_more_than_the_others(levels: Levels) -> None:
    levels.set("DEBUG", "svc_test.usecases")
    assert logs("svc_test.usecases.check_out", logging.DEBUG)
    assert not logs("svc_test.store", logging.DEBUG)
    levels.set(None, "svc_test.usecases")
    assert not logs("svc_test.usecases", logging.DEBUG)
    assert levels.changed() == []


def test_a_process_as_a_whole_goes_back_to_its_level_and_takes_all_with_it(levels: Levels) -> None:
    levels.set("ERROR")
    levels.set("DEBUG", "svc_test")
    assert logs("svc_test", logging.DEBUG)
    assert not logs("chassis", logging.WARNING)
    levels.set(None)
    assert levels.level == "INFO"
    assert not logs("svc_test", logging.DEBUG)
    assert logs("chassis", logging.INFO)


def test_after_some_time_it_is_as_before(levels: Levels) -> None:
    timers = Timers()
    levels.set("DEBUG", duration=timedelta(minutes=5), later=timers)
    assert levels.changed()[0].until is not None
    timers.run()
    assert levels.level == "INFO"


def test_the_time_of_an_earlier_change_does_not_end_a_later_one(levels: Levels) -> None:
    timers = Timers()
    levels.set("DEBUG", duration=timedelta(minutes=5), later=timers)
    levels.set("ERROR")
    timers.run()
    assert levels.level == "ERROR"


async def test_the_level_is_changed_by_rpc(levels: Levels) -> None:
    rpc = LogRpc("svc_test", levels)
    request = logs_pb2.SetLogLevelRequest(level=DEBUG, logger="svc_test", duration_seconds=60)
    await rpc.SetLogLevel(request, None)
    now = (await rpc.GetLogLevel(logs_pb2.GetLogLevelRequest(), None)).levels
    assert (now.service, now.configured, now.level) == ("svc_test", INFO, INFO)
    assert [(each.logger, each.level) for each in now.changed] == [("svc_test", DEBUG)]
    assert now.changed[0].HasField("until")
    assert now.host
    assert logs("svc_test.usecases", logging.DEBUG)
    back = await rpc.SetLogLevel(logs_pb2.SetLogLevelRequest(), None)
    assert not back.levels.changed


async def test_libraries_are_not_made_to_tell_of_secrets(levels: Levels) -> None:
    request = logs_pb2.SetLogLevelRequest(level=DEBUG, logger="httpcore")
    with pytest.raises(InvalidField, match="own code"):
        await LogRpc("svc_test", levels).SetLogLevel(request, None)
    assert not logs("httpcore", logging.DEBUG)
