"""What the command line of the shop takes."""

import pytest

from devstack import __main__ as command_line


def test_one_worker_and_one_replica_by_default() -> None:
    options = command_line._parser().parse_args(["up"])
    assert (options.workers, options.replicas) == (1, 1)
    options = command_line._parser().parse_args(["up", "--workers", "2", "--replicas", "3"])
    assert (options.workers, options.replicas) == (2, 3)


@pytest.mark.parametrize("option", ["--workers", "--replicas"])
@pytest.mark.parametrize("number", ["0", "10", "-1", "two", ""])
def test_what_is_no_number_of_processes_is_refused(
    option: str, number: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        command_line._parser().parse_args(["up", f"{option}={number}"])
    assert f"argument {option}: '{number}' is no number of processes" in capsys.readouterr().err
