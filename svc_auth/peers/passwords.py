"""Passwords by argon2id, in a small pool of threads of its own.

Hashing takes tens of megabytes and milliseconds on purpose. At most so many as there are threads
run at once; the others wait their turn, and those whose callers have given up are never run.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError


@dataclass(frozen=True)
class Cost:
    """What one hash costs.

    Attributes:
        memory_kib: Memory in KiB.
        iterations: Passes over it.
    """

    memory_kib: int
    iterations: int


class Argon2Passwords:
    """Hashes and verifies passwords.

    Args:
        cost: Of each hash.
        at_once: How many are computed at the same time.
    """

    def __init__(self, cost: Cost, at_once: int) -> None:
        self._hasher = PasswordHasher(
            time_cost=cost.iterations, memory_cost=cost.memory_kib, parallelism=1, type=Type.ID
        )
        self._pool = ThreadPoolExecutor(at_once, thread_name_prefix="argon2")
        # What passwords of unknown emails are compared with, so that they take the same time.
        self._decoy = self._hasher.hash("no one's password")

    async def hash(self, password: str) -> str:
        """A hash with its own salt and parameters in it."""
        return await asyncio.get_running_loop().run_in_executor(
            self._pool, self._hasher.hash, password
        )

    async def matches(self, password: str, password_hash: str | None) -> bool:
        """Whether the hash is of this password; False for no hash, after the same time."""
        matches = await asyncio.get_running_loop().run_in_executor(
            self._pool, self._verify, password_hash or self._decoy, password
        )
        return matches and password_hash is not None

    def is_outdated(self, password_hash: str) -> bool:
        """Whether the hash was made with other parameters than are used now."""
        return self._hasher.check_needs_rehash(password_hash)

    async def aclose(self) -> None:
        """Let go of the threads."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _verify(self, password_hash: str, password: str) -> bool:
        try:
            return self._hasher.verify(password_hash, password)
        except (VerificationError, InvalidHashError):
            return False
