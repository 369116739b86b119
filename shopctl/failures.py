"""What ends a command: exit codes, and one line for whatever went wrong."""

from enum import IntEnum

import grpc

from shop_client import Refusal, refusal_of

SIGN_IN = "sign in with `shopctl login`"


class Exit(IntEnum):
    """The exit codes, which scripts may rely on."""

    OK = 0
    REFUSED = 1
    """The shop refused, or `doctor` found something that is not right."""
    USAGE = 2
    """The command, an option or the profile is not right."""
    UNREACHABLE = 3
    """A service or a server does not answer."""
    NOT_ALLOWED = 4
    """No one is signed in, the session has ended, or the account may not do this."""
    INTERNAL = 5
    """An error inside the shop or of shopctl."""
    INTERRUPTED = 130
    """Ctrl-C."""


class Failure(Exception):
    """Ends the command with this code and one line.

    Args:
        code: The exit code.
        message: What happened and what to do, in one line.
        status: gRPC's code, where it was a call that failed.
    """

    def __init__(self, code: Exit, message: str, status: grpc.StatusCode | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.status = status


_CODES = {
    grpc.StatusCode.UNAVAILABLE: Exit.UNREACHABLE,
    grpc.StatusCode.DEADLINE_EXCEEDED: Exit.UNREACHABLE,
    grpc.StatusCode.UNAUTHENTICATED: Exit.NOT_ALLOWED,
    grpc.StatusCode.PERMISSION_DENIED: Exit.NOT_ALLOWED,
    grpc.StatusCode.INTERNAL: Exit.INTERNAL,
    grpc.StatusCode.UNKNOWN: Exit.INTERNAL,
    # A service that does not have the RPC is older or newer than this tool.
    grpc.StatusCode.UNIMPLEMENTED: Exit.INTERNAL,
}


def failure_of(error: grpc.RpcError, service: str, address: str) -> Failure:
    """What the error of a call to `service` at `address` means to an operator."""
    refusal = refusal_of(error)
    code = _CODES.get(refusal.code, Exit.REFUSED)
    if not refusal.reason:
        return Failure(code, _without_reason(refusal, service, address), refusal.code)
    sentence = "; ".join(f"{name} {text}" for name, text in refusal.fields.items())
    sentence = (sentence or refusal.message).rstrip(".")
    advice = ""
    if refusal.code is grpc.StatusCode.UNAUTHENTICATED:
        advice = f": {SIGN_IN}"
    elif refusal.code is grpc.StatusCode.PERMISSION_DENIED:
        advice = ": sign in as an admin"
    elif refusal.retry_after is not None:
        advice = f": try again in {refusal.retry_after:.0f} s"
    return Failure(code, f"{sentence} ({refusal.reason}){advice}", refusal.code)


def _without_reason(refusal: Refusal, service: str, address: str) -> str:
    if refusal.code is grpc.StatusCode.UNAVAILABLE:
        return (
            f"{service} is unreachable at {address}: start it, "
            f"or give its address with --address {service.removeprefix('svc_')}=HOST:PORT"
        )
    if refusal.code is grpc.StatusCode.DEADLINE_EXCEEDED:
        return f"{service} at {address} did not answer in time: look at it with `shopctl doctor`"
    return f"{service} at {address} failed: {refusal.code.name} {refusal.message}"
