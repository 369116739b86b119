"""Reasons not to start that the person at the terminal can do something about.

Each is a `StartupError` whose text is one line: what is wrong, and what to do.
"""

from __future__ import annotations

import errno
import shutil
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

OLDEST_PYTHON = (3, 11)
NEEDED_BYTES = 512 * 1024 * 1024


class StartupError(Exception):
    """The stack cannot start; `str()` is one line that says why and what to do."""

    def __init__(self, text: str) -> None:
        super().__init__(" ".join(text.split()))


def require_python(version: tuple[int, ...] = sys.version_info[:3]) -> None:
    """Raise `StartupError` when the interpreter is older than the shop supports."""
    if version < OLDEST_PYTHON:
        running = ".".join(map(str, version))
        oldest = ".".join(map(str, OLDEST_PYTHON))
        raise StartupError(
            f"Python {running} is too old for the shop: "
            f"run it with Python {oldest} or newer, for example python{oldest}."
        )


def require_free_port(port: int) -> None:
    """Raise `StartupError` when nothing of ours could listen on `port`."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("", port))
            probe.listen(1)
        except PermissionError:
            raise StartupError(
                f"Port {port} needs special rights: choose one above 1023 with --port N."
            ) from None
        except OSError:
            raise StartupError(
                f"Port {port} is taken by another program: "
                "stop that program, or choose another port with --port N."
            ) from None


def require_space(folder: Path, needed: int = NEEDED_BYTES) -> None:
    """Raise `StartupError` when the disk that holds `folder` has less than `needed` bytes free."""
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise StartupError(
            f"No room for the shop's data: {folder} has {_megabytes(free)} free and needs "
            f"{_megabytes(needed)}. Free some space, or choose another folder with --data DIR."
        )


@contextmanager
def disk_errors_explained(folder: Path) -> Iterator[None]:
    """Turn a full or read-only disk into a `StartupError` that names `folder`."""
    try:
        yield
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise out_of_space(folder) from error
        if error.errno in {errno.EACCES, errno.EPERM, errno.EROFS}:
            raise StartupError(
                f"{error.filename or folder} cannot be written: "
                "change its permissions, or choose another folder with --data DIR."
            ) from error
        raise


def out_of_space(folder: Path) -> StartupError:
    """The error for a disk that filled up while the stack was starting."""
    return StartupError(
        f"The disk that holds {folder} is full and the shop needs {_megabytes(NEEDED_BYTES)}: "
        "free some space, or choose another folder with --data DIR."
    )


def _megabytes(size: int) -> str:
    return f"{size / 1_000_000:,.0f} MB"
