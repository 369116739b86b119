"""Settings of the auth service, from the environment."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Annotated

from limits import RateLimitItem, parse

from chassis.settings.environment import ServiceSettings

Rate = Annotated[RateLimitItem, ("a rate such as 10/15 minute", parse)]


@dataclass(frozen=True, kw_only=True)
class Settings(ServiceSettings):
    """Settings of the auth service."""

    # PEM file of the P-256 key that tokens are signed with; made where it is absent.
    signing_key_file: Path
    # PEM files of keys that were signed with before, while their tokens are still about.
    previous_key_files: tuple[str, ...] = ()
    # PEM files of keys that will be signed with, given out before so that every process knows them.
    next_key_files: tuple[str, ...] = ()
    # Secret of each process that may have a token of its own: {"svc_cart": "..."}.
    service_clients: Mapping[str, str] = field(repr=False)
    # The first admin, made at the start where the email has no account; both or neither.
    bootstrap_admin_email: str | None = None
    bootstrap_admin_password: str | None = field(default=None, repr=False)
    # What the shop is called; no one may have that as a password.
    shop_name: str = "Larch"
    # Whether emails may have other letters than ASCII before the @: some mail servers refuse them.
    international_emails: bool = False
    # How long an access token is good for.
    access_token_lifetime: timedelta = timedelta(minutes=15)
    # How long a session lasts unless refreshed.
    session_lifetime: timedelta = timedelta(days=7)
    # How long a used refresh token is accepted again, for a second tab.
    refresh_grace: timedelta = timedelta(seconds=10)
    # How many wrong passwords an account takes from unknown devices, and from each known one.
    password_guesses: Rate = field(default_factory=lambda: parse("10/15 minute"))
    # Argon2id: memory of one hash in KiB, passes over it, and how many are computed at once.
    argon2_memory_kib: int = 19_456
    argon2_iterations: int = 2
    argon2_at_once: int = 2

    @property
    def other_key_files(self) -> list[Path]:
        """Files of all keys that tokens may be signed with beside the present one."""
        return [Path(file) for file in (*self.next_key_files, *self.previous_key_files)]

    @property
    def sign_up_rules(self) -> tuple[str, bool]:
        """What signing up goes by: the shop's name, and whether emails may be international."""
        return self.shop_name, self.international_emails
