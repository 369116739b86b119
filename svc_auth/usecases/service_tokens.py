"""Tokens for the processes of the shop."""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from chassis.clock import Clock
from svc_auth.model.refusals import InvalidCredentials
from svc_auth.usecases.ports import Tokens


@dataclass(frozen=True)
class IssueServiceToken:
    """Gives a process its token, by client credentials.

    Args:
        clients: Secret of each process.
    """

    clients: Mapping[str, str] = field(repr=False)
    tokens: Tokens
    clock: Clock

    def __call__(self, client_id: str, client_secret: str) -> tuple[str, datetime]:
        """The token and when it expires; InvalidCredentials."""
        secret = self.clients.get(client_id)
        matches = hmac.compare_digest(_digest(secret or ""), _digest(client_secret))
        if not secret or not matches:
            raise InvalidCredentials
        return self.tokens.for_service(client_id, self.clock())


def _digest(secret: str) -> bytes:
    """Of one length, so that comparing takes one time."""
    return hashlib.sha256(secret.encode()).digest()
