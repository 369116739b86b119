"""Whether a password is right: for all who ask, counted as a guess until it is."""

from dataclasses import dataclass

from svc_auth.usecases.ports import PasswordGuesses, Passwords


@dataclass(frozen=True)
class CheckPassword:
    """Compares passwords, and no more wrong ones than may be tried."""

    passwords: Passwords
    guesses: PasswordGuesses

    async def __call__(self, who: str, password: str, password_hash: str | None) -> bool:
        """Whether the hash is of this password; False for no hash, after the same time.

        Args:
            who: Whose guess it is counted as.
            password: In its one spelling.
            password_hash: What it is compared with.

        Raises:
            RateLimited: Too many were tried that were wrong.
        """
        # Before it is known whether it is right: many may be tried at once.
        await self.guesses.take(who)
        if not await self.passwords.matches(password, password_hash):
            return False
        await self.guesses.give_back(who)
        return True
