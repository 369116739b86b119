"""The supervisor, with small programs that are healthy once a file is there."""

import asyncio
import io
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from devstack.console import Console
from devstack.health import Check
from devstack.processes.process import Command, Process
from devstack.startup_errors import StartupError
from devstack.supervisor import Supervisor

pytestmark = pytest.mark.anyio

# Writes its own name down, says that it is healthy, and again when it is told to stop.
PROGRAM = """
import pathlib, signal, sys
folder, name = pathlib.Path(sys.argv[1]), sys.argv[2]
def note(what):
    with (folder / "order").open("a") as file:
        file.write(what + name + "\\n")
def stop(*_):
    note("-")
    sys.exit()
signal.signal(signal.SIGTERM, stop)
note("+")
(folder / name).touch()
signal.pause()
"""


def exists(path: Path) -> Check:
    async def check() -> str | None:
        return None if os.access(path, os.F_OK) else f"no {path.name} yet"

    return check


def program(folder: Path, name: str, *, needs: frozenset[str] = frozenset()) -> Process:
    argv = (sys.executable, "-c", PROGRAM, str(folder), name)
    return Process(name=name, argv=argv, healthy=exists(folder / name), needs=needs)


def script(folder: Path, name: str, code: str, **options: float) -> Process:
    check = exists(folder / name)
    return Process(name=name, argv=(sys.executable, "-c", code), healthy=check, **options)  # type: ignore[arg-type]  # the options are numbers


def supervise(folder: Path, *processes: Process) -> tuple[Supervisor, io.StringIO]:
    shown = io.StringIO()
    console = Console(shown, colour=False)
    return Supervisor(processes, logs=folder / "logs", console=console), shown


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not condition():
            await asyncio.sleep(0.01)


async def test_starts_after_what_it_needs_and_stops_before(tmp_path: Path) -> None:
    supervisor, shown = supervise(
        tmp_path,
        program(tmp_path, "gateway", needs=frozenset({"orders"})),
        program(tmp_path, "orders", needs=frozenset({"mongo"})),
        program(tmp_path, "mongo"),
    )

    async with supervisor:
        pass

    order = (tmp_path / "order").read_text().split()
    assert order == ["+mongo", "+orders", "+gateway", "-gateway", "-orders", "-mongo"]
    assert shown.getvalue().count("✓") == 3


async def test_a_process_that_cannot_start_is_the_named_cause(tmp_path: Path) -> None:
    bad = "import sys; sys.exit('cart: GRPC_PORT is not set: give a whole number')"
    supervisor, _ = supervise(tmp_path, program(tmp_path, "mongo"), script(tmp_path, "cart", bad))

    with pytest.raises(StartupError) as failed:
        await supervisor.__aenter__()

    log = tmp_path / "logs" / "cart.log"
    cause = "cart could not start: GRPC_PORT is not set: give a whole number"
    assert str(failed.value) == f"{cause} (its log: {log})"
    assert not is_alive(supervisor.pid("mongo"))


async def test_a_command_that_fails_is_the_named_cause(tmp_path: Path) -> None:
    fails = Command(
        (sys.executable, "-c", "import sys; sys.exit('no registry answers')"), "fetches"
    )
    kafka = Process(name="kafka", argv=("never",), healthy=exists(tmp_path), first=(fails,))
    supervisor, shown = supervise(tmp_path, kafka)

    with pytest.raises(StartupError, match="kafka could not start: no registry answers"):
        await supervisor.__aenter__()
    assert "fetches" in shown.getvalue()


async def test_a_command_tells_how_far_it_is(tmp_path: Path) -> None:
    counts = "for n in range(1, 4): print(n, 'of 3 Java libraries'); print('anything else')"
    downloads = Command((sys.executable, "-c", counts), "downloads")
    kafka = replace(program(tmp_path, "kafka"), first=(downloads,))
    supervisor, shown = supervise(tmp_path, kafka)

    async with supervisor:
        assert "3 of 3 Java libraries" in shown.getvalue()
    assert "anything else" not in shown.getvalue()


async def test_a_program_that_is_not_there_is_the_named_cause(tmp_path: Path) -> None:
    kafka = Process(name="kafka", argv=("/no/such/java",), healthy=exists(tmp_path / "never"))
    supervisor, _ = supervise(tmp_path, kafka)

    with pytest.raises(StartupError, match="/no/such/java cannot be run: No such file"):
        await supervisor.__aenter__()


async def test_a_stuck_start_says_what_was_missing(tmp_path: Path) -> None:
    sleeps = "import signal; signal.pause()"
    supervisor, _ = supervise(tmp_path, script(tmp_path, "mongo", sleeps, stuck_seconds=0.2))

    with pytest.raises(StartupError, match=r"got nowhere for 0\.2 s \(no mongo yet\)"):
        await supervisor.__aenter__()
    assert not is_alive(supervisor.pid("mongo"))


async def test_a_full_disk_is_named_as_such(tmp_path: Path) -> None:
    full = "import sys; sys.exit('IOException: No space left on device')"
    supervisor, _ = supervise(tmp_path, script(tmp_path, "kafka", full))

    with pytest.raises(StartupError, match=f"The disk that holds {tmp_path} is full"):
        await supervisor.__aenter__()


async def test_a_process_that_ends_is_started_again(tmp_path: Path) -> None:
    supervisor, shown = supervise(tmp_path, program(tmp_path, "cart"))

    async with supervisor:
        first = supervisor.pid("cart")
        assert first is not None
        os.kill(first, signal.SIGKILL)
        await until(lambda: supervisor.pid("cart") != first)
        await until(lambda: shown.getvalue().count("✓") == 2)

    assert "was ended by SIGKILL; starts again in 1 s" in shown.getvalue()


async def test_one_that_will_not_stop_is_killed(tmp_path: Path) -> None:
    deaf = f"""
import pathlib, signal
signal.signal(signal.SIGTERM, signal.SIG_IGN)
pathlib.Path({str(tmp_path / "deaf")!r}).touch()
while True:
    signal.pause()
"""
    supervisor, _ = supervise(tmp_path, script(tmp_path, "deaf", deaf, stop_seconds=0.1))

    async with supervisor:
        pid = supervisor.pid("deaf")

    assert not is_alive(pid)


async def ends_with_its_parent(supervisor: Supervisor, folder: Path) -> None:
    """Kill the process `child`, whose log has the id of a child of its own; that one ends too."""
    async with supervisor:
        log = folder / "logs" / "child.log"
        await until(lambda: log.read_text().endswith("\n"))
        child_pid = int(log.read_text())
        pid = supervisor.pid("child")
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        await until(lambda: not is_alive(child_pid))


async def test_a_child_ends_with_a_parent_that_was_killed(tmp_path: Path) -> None:
    child = program(tmp_path, "child")
    parent = script(tmp_path, "child", PARENT.format(argv=child.argv, log=str(tmp_path / "c.log")))
    supervisor, _ = supervise(tmp_path, parent)

    await ends_with_its_parent(supervisor, tmp_path)


PARENT = """
import asyncio
from pathlib import Path
from devstack.processes.process import Run

async def main():
    run = await Run.start({argv!r}, env={{}}, cwd=Path.cwd(), log=Path({log!r}), on_line=None)
    print(run.pid, flush=True)
    await run.wait()

asyncio.run(main())
"""


def copied(folder: Path, code: str = PROGRAM, imports: str = "graphlib") -> Process:
    """A process that runs `code` as a module, and shares `imports` with others."""
    (folder / "cart.py").write_text(code)
    return Process(
        name="cart",
        argv=(sys.executable, "-m", "cart", str(folder), "cart"),
        env={"SETTING": "of the cart"},
        cwd=folder,
        healthy=exists(folder / "cart"),
        imports=(imports,),
    )


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere each process starts by itself")
async def test_processes_share_what_they_import(tmp_path: Path) -> None:
    tells = f"""
import os, sys
print("has it" if "graphlib" in sys.modules else "has it not", __name__, os.environ["SETTING"])
print(os.getcwd(), os.getppid(), os.getsid(0) == os.getpid(), *sys.argv[1:], flush=True)
{PROGRAM}"""
    supervisor, _ = supervise(tmp_path, copied(tmp_path, tells))

    async with supervisor:
        log = (tmp_path / "logs" / "cart.log").read_text().splitlines()
        assert log == [
            "has it __main__ of the cart",
            f"{tmp_path} {os.getpid()} True {tmp_path} cart",
        ]
        pid = supervisor.pid("cart")
        assert is_alive(pid)
        process = psutil.Process(pid)
        assert process.cmdline()[:3] == [sys.executable, "-m", "cart"]
        assert process.environ() == {
            **os.environ,
            "PYTHONUNBUFFERED": "1",
            "SETTING": "of the cart",
        }
    assert not is_alive(pid)
    assert (tmp_path / "order").read_text().split() == ["+cart", "-cart"]


async def test_what_was_shared_is_read_anew_when_a_process_starts_again(tmp_path: Path) -> None:
    supervisor, shown = supervise(tmp_path, copied(tmp_path))

    async with supervisor:
        first = supervisor.pid("cart")
        assert first is not None
        (tmp_path / "cart.py").write_text(f"print('changed', flush=True)\n{PROGRAM}")
        os.kill(first, signal.SIGKILL)
        await until(lambda: "changed" in (tmp_path / "logs" / "cart.log").read_text())

    assert "was ended by SIGKILL; starts again in 1 s" in shown.getvalue()


async def test_what_cannot_be_shared_starts_by_itself(tmp_path: Path) -> None:
    supervisor, _ = supervise(tmp_path, copied(tmp_path, imports="no_such_module"))

    async with supervisor:
        assert (tmp_path / "order").read_text().split() == ["+cart"]


async def test_one_that_shares_and_cannot_start_is_the_named_cause(tmp_path: Path) -> None:
    bad = "import sys; sys.exit('cart: GRPC_PORT is not set: give a whole number')"
    supervisor, _ = supervise(tmp_path, copied(tmp_path, bad))

    with pytest.raises(StartupError, match="could not start: GRPC_PORT is not set"):
        await supervisor.__aenter__()


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere each process starts by itself")
async def test_a_shared_child_ends_with_a_parent_that_was_killed(tmp_path: Path) -> None:
    child = copied(tmp_path)
    parent = script(tmp_path, "child", FORKING_PARENT.format(folder=str(tmp_path), argv=child.argv))
    supervisor, _ = supervise(tmp_path, replace(parent, healthy=exists(tmp_path / "cart")))

    await ends_with_its_parent(supervisor, tmp_path)


FORKING_PARENT = """
import asyncio, os
from pathlib import Path
from devstack.processes.forking import ForkServer

async def main():
    forks = await ForkServer.start(())
    copy = await forks.run({argv!r}, os.environ, Path({folder!r}), 1)
    await forks.close()
    print(copy.pid, flush=True)
    await copy.wait()

asyncio.run(main())
"""


async def test_an_eager_process_does_not_wait(tmp_path: Path) -> None:
    eager = replace(program(tmp_path, "orders", needs=frozenset({"mongo"})), eager=True)
    mongo = replace(program(tmp_path, "mongo"), healthy=exists(tmp_path / "orders"))
    supervisor, _ = supervise(tmp_path, eager, mongo)

    async with supervisor:
        assert supervisor.pid("orders") is not None


async def test_one_that_waits_for_what_it_needs_is_not_stuck(tmp_path: Path) -> None:
    """Mongo is well long after the time in which orders, on its own, would be stuck."""
    waits = script(tmp_path, "orders", "import signal; signal.pause()", stuck_seconds=0.1)
    eager = replace(
        waits, needs=frozenset({"mongo"}), eager=True, healthy=exists(tmp_path / "mongo")
    )
    late = f"import pathlib, signal, time; time.sleep(1); {touch(tmp_path / 'mongo')}"
    supervisor, shown = supervise(tmp_path, eager, script(tmp_path, "mongo", late))

    async with supervisor:
        assert shown.getvalue().count("✓") == 2


async def test_a_first_start_shows_no_warnings_but_keeps_them(tmp_path: Path) -> None:
    heard = tmp_path / "heard"
    warns = f"""
import json, pathlib, signal, time
def log(level, message):
    print(json.dumps({{"log.level": level, "message": message}}), flush=True)
log("WARN", "waiting for kafka")
log("ERROR", "something else")
while not pathlib.Path({str(heard)!r}).exists():
    time.sleep(0.01)
{touch(tmp_path / "cart")}
"""
    cart = replace(script(tmp_path, "cart", warns), shows_log=True)
    supervisor, shown = supervise(tmp_path, cart)

    # It is well only once all that it said was read: until then it is starting.
    async def hear() -> None:
        await until(lambda: "something else" in shown.getvalue())
        heard.touch()

    hearing = asyncio.create_task(hear())
    async with supervisor:
        await hearing

    assert "waiting for kafka" not in shown.getvalue()
    assert "waiting for kafka" in (tmp_path / "logs" / "cart.log").read_text()


def touch(path: Path) -> str:
    """Python that says a script is well, and then has it wait for its end."""
    return f"pathlib.Path({str(path)!r}).touch(); signal.pause()"


async def test_log_lines_carry_the_name(tmp_path: Path) -> None:
    talks = PROGRAM.replace(
        'note("+")', """print('{"message": "up", "log.level": "INFO"}', flush=True)"""
    )
    argv = (sys.executable, "-c", talks, str(tmp_path), "cart")
    cart = Process(name="cart", argv=argv, healthy=exists(tmp_path / "cart"), shows_log=True)
    supervisor, shown = supervise(tmp_path, cart)

    async with supervisor:
        await until(lambda: "│" in shown.getvalue())

    assert "cart     │ INFO  up" in shown.getvalue()
    assert (
        tmp_path / "logs" / "cart.log"
    ).read_text() == '{"message": "up", "log.level": "INFO"}\n'


def is_alive(pid: int | None) -> bool:
    """Whether it runs still; one that ended but was not waited for does not."""
    assert pid is not None
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False
    return status.rpartition(")")[2].split()[0] not in "ZX"
