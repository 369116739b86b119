"""API keys: the secret key may do everything, the publishable key what a browser may do."""

import base64
import binascii
import hmac
from dataclasses import dataclass

from .errors import UnauthorizedError

SECRET_PREFIXES = ("sk_test_", "rk_test_")
PUBLISHABLE_PREFIX = "pk_test_"


@dataclass(frozen=True)
class Keys:
    """The account's keys. Where one is None, every test key of its kind is accepted."""

    secret: str | None = None
    publishable: str | None = None

    def admit(self, authorization: str | None, *, browser_allowed: bool) -> bool:
        """Check a request's `Authorization` header.

        Returns:
            True where the request was made with the publishable key.

        Raises:
            UnauthorizedError: there is no key, it is not the account's, or it may not do this.
        """
        key = _key_in(authorization or "")
        if key.startswith(PUBLISHABLE_PREFIX) and _fits(key, self.publishable):
            if browser_allowed:
                return True
            raise UnauthorizedError(
                "This API call cannot be made with a publishable API key. Please use a secret API "
                "key. You can find a list of your API keys at "
                "https://dashboard.stripe.com/account/apikeys.",
                code="secret_key_required",
            )
        if key.startswith(SECRET_PREFIXES) and _fits(key, self.secret):
            return False
        raise UnauthorizedError(f"Invalid API Key provided: {_masked(key)}")


def _key_in(authorization: str) -> str:
    scheme, _, credentials = authorization.partition(" ")
    if scheme.lower() == "bearer" and credentials:
        return credentials.strip()
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(credentials, validate=True).decode().partition(":")[0]
        except (binascii.Error, UnicodeDecodeError) as error:
            raise UnauthorizedError("Invalid API Key provided.") from error
    raise UnauthorizedError(
        "You did not provide an API key. You need to provide your API key in the Authorization "
        "header, using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY'). See "
        "https://stripe.com/docs/api#authentication for details."
    )


def _fits(key: str, expected: str | None) -> bool:
    return expected is None or hmac.compare_digest(key.encode(), expected.encode())


def _masked(key: str) -> str:
    """All but the kind and the last four characters starred out."""
    start = min(8, len(key) // 2)
    return key[:start] + "*" * (len(key) - start - 4) + key[-4:]
