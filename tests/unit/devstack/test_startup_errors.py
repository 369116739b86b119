"""Each reason not to start is one line that says what, and what to do."""

import errno
from pathlib import Path

import pytest

from devstack.startup_errors import StartupError, disk_errors_explained, require_python


def test_the_text_is_one_line() -> None:
    assert str(StartupError("first\n  second")) == "first second"


def test_an_old_python_is_named_with_the_one_to_use() -> None:
    with pytest.raises(StartupError, match=r"Python 3\.9\.2 is too old .* Python 3\.11 or newer"):
        require_python((3, 9, 2))


@pytest.mark.parametrize("version", [(3, 11, 0), (3, 13, 1)])
def test_newer_pythons_are_welcome(version: tuple[int, ...]) -> None:
    require_python(version)


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (errno.ENOSPC, "is full"),
        (errno.EDQUOT, "is full"),
        (errno.EROFS, "cannot be written"),
        (errno.EACCES, "cannot be written"),
    ],
)
def test_errors_of_the_disk_are_explained(number: int, said: str) -> None:
    with pytest.raises(StartupError, match=said), disk_errors_explained(Path("/data")):
        raise OSError(number, "as the system says it")


def test_other_errors_are_not_hidden() -> None:
    with pytest.raises(ConnectionResetError), disk_errors_explained(Path("/data")):
        raise ConnectionResetError
