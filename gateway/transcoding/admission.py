"""Who may call an RPC: decided by the token, and by one look-up of its revocation in Redis."""

from chassis.auth.identity import ANONYMOUS, Identity
from chassis.errors import Refusal, Unauthenticated, Unavailable
from gateway.contract import Rpc
from gateway.http.credentials import Verifier
from gateway.http.problems import Problem


class Admission:
    """Admits callers to one RPC.

    Args:
        rpc: The RPC.
        verifier: Verifies tokens.
    """

    def __init__(self, rpc: Rpc, verifier: Verifier) -> None:
        self._rpc = rpc
        self._verifier = verifier
        # Where it does not matter who calls, or whether that was revoked, no one is asked.
        self._asks = rpc.knows_callers and not rpc.accepts_revoked

    async def identify(self, token: str) -> Identity:
        """Whose the token is that a request came with; it may have been revoked.

        Where no one is asked it is anonymous, with the token to be passed on.

        Raises:
            Problem: The token is no good, or there is none, and not everyone may call the RPC.
        """
        if not self._asks:
            return Identity("anonymous", token=token)
        if not token:
            return self._guest(Unauthenticated("Sign in first."))
        try:
            return await self._verifier.identify(token)
        except Unauthenticated as error:
            return self._guest(error)
        except Unavailable as error:
            raise _problem(error) from error

    async def check(self, caller: Identity) -> Identity:
        """The caller, or a guest where the token was revoked and everyone may call the RPC.

        Raises:
            Problem: The caller may not call the RPC, or revocations cannot be looked up.
        """
        if not self._asks:
            return caller
        try:
            await self._verifier.check(caller)
        except Unauthenticated as error:
            return self._guest(error)
        except Unavailable as error:
            raise _problem(error) from error
        if not self._rpc.allows(caller):
            raise Problem("PERMISSION_DENIED", "Your role does not allow this.")
        return caller

    def _guest(self, error: Unauthenticated) -> Identity:
        # A stale cookie is no obstacle to what anyone may call.
        if self._rpc.is_public:
            return ANONYMOUS
        raise _problem(error) from error


def _problem(refusal: Refusal) -> Problem:
    return Problem(refusal.reason, refusal.message)
