"""The folder that holds one shop's data: who may use it, and starting over."""

import fcntl
import os
import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from devstack.startup_errors import StartupError, disk_errors_explained, require_space

# Marks the folder as a shop's, and carries the lock of the shop that runs on it.
LOCK_NAME = "shop.lock"
PRIVATE = 0o700
PID_DIGITS = 20


@contextmanager
def opened(folder: Path, *, fresh: bool = False) -> Iterator[Path]:
    """Make `folder` if need be and hold it for this process alone.

    Args:
        folder: where the data lives; empty, absent, or made by an earlier start.
        fresh: delete what an earlier start left.

    Yields:
        The folder's absolute path.

    Raises:
        StartupError: another shop runs on it, it holds something else, it cannot be written, or
            its disk is nearly full.
    """
    folder = folder.expanduser().resolve()
    with disk_errors_explained(folder):
        try:
            folder.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
        except (FileExistsError, FileNotFoundError, NotADirectoryError):
            raise StartupError(
                f"{folder} cannot be a folder: choose another place with --data DIR."
            ) from None
        if not _is_ours(folder):
            raise StartupError(
                f"{folder} holds files that are not a shop's data: "
                "choose an empty or new folder with --data DIR."
            )
        # Password hashes and orders are in it; also one of an earlier version is closed to others.
        folder.chmod(PRIVATE)
        lock = os.open(folder / LOCK_NAME, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _lock(lock, folder)
        with disk_errors_explained(folder):
            if fresh:
                _empty(folder)
            require_space(folder)
        yield folder
    finally:
        os.close(lock)


def stop(folder: Path) -> str:
    """Stop the shop that runs on `folder`, and wait until it has; says in one line what was done.

    Raises:
        StartupError: the shop belongs to someone else.
    """
    folder = folder.expanduser().resolve()
    try:
        with (folder / LOCK_NAME).open() as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                owner = int(lock.read())
                os.kill(owner, signal.SIGTERM)
                fcntl.flock(lock, fcntl.LOCK_EX)
                return f"The shop on {folder} (process {owner}) has stopped."
    except (FileNotFoundError, NotADirectoryError, ProcessLookupError):
        pass
    except PermissionError:
        raise StartupError(f"The shop on {folder} is another user's, who can stop it.") from None
    return f"No shop runs on {folder}."


def _is_ours(folder: Path) -> bool:
    return (folder / LOCK_NAME).exists() or not any(folder.iterdir())


def _lock(lock: int, folder: Path) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        owner = os.pread(lock, 32, 0).decode("ascii", "replace").strip() or "unknown"
        raise StartupError(
            f"Another shop (process {owner}) runs on {folder}: "
            "stop it, or choose another folder with --data DIR."
        ) from None
    # In one write of always the same length: a process that reads it meanwhile sees a whole number.
    os.pwrite(lock, f"{os.getpid():<{PID_DIGITS}}\n".encode(), 0)


def _empty(folder: Path) -> None:
    for entry in folder.iterdir():
        if entry.name == LOCK_NAME:
            continue
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()
