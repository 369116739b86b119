"""What this context refuses, each for a reason of the contract.

Refusal
├── EmailTaken           signing up with an email that has an account
├── InvalidCredentials   an unknown email, or a wrong password or client secret
├── UserBlocked          the password is right, but an admin has blocked the account
├── RefreshInvalid       a refresh token that is missing, unknown, expired or revoked
├── RefreshReused        a refresh token that was used before; its session has been ended
└── OwnAccount           an admin blocking, or changing the role of, themself
"""

from chassis.errors import Refusal


class EmailTaken(Refusal):
    """The email has an account."""

    reason = "EMAIL_TAKEN"

    def __init__(self) -> None:
        super().__init__("There is an account with this email already.")


class InvalidCredentials(Refusal):
    """The credentials are wrong; which part of them is not said."""

    reason = "INVALID_CREDENTIALS"

    def __init__(self) -> None:
        super().__init__("Check both and try again.")


class UserBlocked(Refusal):
    """The account is blocked; said only to someone who knows its password."""

    reason = "USER_BLOCKED"

    def __init__(self) -> None:
        super().__init__("This account has been blocked. Please contact us.")


class RefreshInvalid(Refusal):
    """The refresh token opens nothing."""

    reason = "REFRESH_INVALID"

    def __init__(self) -> None:
        super().__init__("Sign in again.")


class RefreshReused(Refusal):
    """The refresh token was used before: someone else may have a copy of it."""

    reason = "REFRESH_REUSED"

    def __init__(self) -> None:
        super().__init__("For your safety this device was signed out. Sign in again.")


class OwnAccount(Refusal):
    """Admins cannot do this to themselves, or the shop might be left without any."""

    reason = "OWN_ACCOUNT"

    def __init__(self) -> None:
        super().__init__("Ask another admin to do this.")
