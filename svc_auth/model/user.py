"""An account, and how what people type becomes what is kept."""

import enum
import unicodedata
from dataclasses import dataclass, field
from datetime import datetime

from svc_auth.model.session import Session

_DEVICE_NAME_LENGTH = 300


class Role(enum.StrEnum):
    """What a user may do."""

    USER = "user"
    ADMIN = "admin"


@dataclass(frozen=True, kw_only=True)
class User:
    """An account.

    Attributes:
        id: Opaque; sorts by the time the account was opened.
        email: As `new_email` gives it; unique.
        password_hash: Argon2id, with its parameters and salt.
        name: Full name, on one line.
        phone: As `normal_phone` gives it.
        address: As typed, with line breaks.
        role: What the user may do.
        is_blocked: Whether an admin has locked them out.
        created_at: When the account was opened.
        epoch: Grows whenever all sessions end at once; a session is good for the epoch that it
            was opened in. So one write ends them all, however many there are.
        epoch_began_at: When that was last; None where it never was.
        kept_session: Id of the one older session that outlived the last growth of `epoch`: the
            device on which the password was changed. Empty where there is none.
        rights_changed_at: When an admin last changed the role, blocked or unblocked, if ever.
        rights_changed_by: Email of that admin.
    """

    id: str
    email: str
    password_hash: str = field(repr=False)
    name: str = ""
    phone: str = ""
    address: str = ""
    role: Role = Role.USER
    is_blocked: bool = False
    created_at: datetime
    epoch: int = 0
    epoch_began_at: datetime | None = None
    kept_session: str = ""
    rights_changed_at: datetime | None = None
    rights_changed_by: str = ""

    def admits(self, session: Session) -> bool:
        """Whether the account has not been blocked, or otherwise changed, since `session`."""
        return not self.is_blocked and (
            session.epoch == self.epoch or session.id == self.kept_session
        )


def normal_name(text: str) -> str:
    """A full name on one line, its words one space apart."""
    return unicodedata.normalize("NFC", " ".join(text.split()))


def normal_address(text: str) -> str:
    """A postal address with plain line breaks, without space around it."""
    return unicodedata.normalize("NFC", "\n".join(text.splitlines()).strip())


def device_name(user_agent: str) -> str:
    """What a device said it is, without what cannot be seen."""
    seen = (character if character.isprintable() else " " for character in user_agent)
    return " ".join("".join(seen).split())[:_DEVICE_NAME_LENGTH]
