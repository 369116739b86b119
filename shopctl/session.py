"""What a command works with: the services of a shop, called as who is signed in."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cached_property
from typing import Any

import grpc
from jose import jwt
from jose.exceptions import JWTError
from shop.auth.v1 import auth_pb2, auth_pb2_grpc
from shop.catalog.v1 import catalog_pb2_grpc
from shop.ops.v1 import ops_pb2_grpc, outbox_pb2_grpc, system_pb2_grpc
from shop.orders.v1 import orders_pb2_grpc
from shop.payments.v1 import payments_pb2_grpc

from shop_client import ServiceToken, Token, open_channel
from shopctl.failures import SIGN_IN, Exit, Failure, failure_of
from shopctl.profile import SERVICES, Profile, SignIn, short

Connect = Callable[[str, Token | None], grpc.Channel]
"""Makes a channel to an address, with the token of its calls."""

# An access token is renewed this long before it expires.
_MARGIN_SECONDS = 30.0


def connect(target: str, token: Token | None) -> grpc.Channel:
    """A channel over the network."""
    return open_channel(target, token)


class Session:
    """The services of the shop of a profile.

    Args:
        profile: Where they are and who calls; `profile` is replaced where tokens are renewed.
        connect: Makes channels; a test puts its own here.
        stack: Closes them.
    """

    def __init__(self, profile: Profile, connect: Connect, stack: ExitStack) -> None:
        self.profile = profile
        self._connect = connect
        self._stack = stack
        self._channels: dict[str, grpc.Channel] = {}
        self._lock = threading.Lock()

    @cached_property
    def auth(self) -> auth_pb2_grpc.AuthServiceStub:
        """svc_auth."""
        return auth_pb2_grpc.AuthServiceStub(self.channel("svc_auth"))

    @cached_property
    def catalog(self) -> catalog_pb2_grpc.CatalogServiceStub:
        """svc_catalog."""
        return catalog_pb2_grpc.CatalogServiceStub(self.channel("svc_catalog"))

    @cached_property
    def orders(self) -> orders_pb2_grpc.OrdersServiceStub:
        """svc_orders."""
        return orders_pb2_grpc.OrdersServiceStub(self.channel("svc_orders"))

    @cached_property
    def payments(self) -> payments_pb2_grpc.PaymentsServiceStub:
        """svc_payments."""
        return payments_pb2_grpc.PaymentsServiceStub(self.channel("svc_payments"))

    def ops(self, service: str) -> ops_pb2_grpc.OpsServiceStub:
        """What every service has for operators."""
        return ops_pb2_grpc.OpsServiceStub(self.channel(service))

    def outbox(self, service: str) -> outbox_pb2_grpc.OutboxServiceStub:
        """The events that a service could not publish."""
        return outbox_pb2_grpc.OutboxServiceStub(self.channel(service))

    def system(self, service: str) -> system_pb2_grpc.SystemServiceStub:
        """How a service is."""
        return system_pb2_grpc.SystemServiceStub(self.channel(service))

    def channel(self, service: str) -> grpc.Channel:
        """The channel to a service, for calls as who is signed in; they raise Failure."""
        if service not in self._channels:
            self._channels[service] = self._open(service, self.token)
        return self._channels[service]

    def replicas(self, service: str) -> list[grpc.Channel]:
        """A channel to each process of a service, for calls as who is signed in."""
        replicas = self.profile.replicas(service)
        return [self.channel_to(service, address) for address in replicas.values()]

    def channel_to(self, service: str, address: str) -> grpc.Channel:
        """A channel to one process of a service, for calls as who is signed in."""
        return self._open(service, self.token, address)

    def unexplained_channel(self, address: str, token: Token | None = None) -> grpc.Channel:
        """A channel to an address, for calls that raise RpcError; without a token, as no one."""
        return self._stack.enter_context(self._connect(address, token))

    def _open(
        self, service: str, token: Token | None = None, address: str | None = None
    ) -> grpc.Channel:
        address = address or self.profile.address(service)
        channel = self.unexplained_channel(address, token)
        return grpc.intercept_channel(channel, _Explain(service, address))

    def current_user(self) -> auth_pb2.User | None:
        """The account that calls; None for a service credential.

        Raises:
            Failure: No one is signed in, or the token is not accepted.
        """
        who = self.profile.sign_in
        if who is None:
            raise Failure(Exit.NOT_ALLOWED, f"no one is signed in: {SIGN_IN}")
        if who.kind == "service":
            self.token()
            return None
        user = self.auth.GetCurrentUser(auth_pb2.GetCurrentUserRequest()).current_user
        if not user.id:
            raise Failure(Exit.NOT_ALLOWED, f"the token is not accepted any more: {SIGN_IN}")
        return user

    def sign_in(self, sign_in: SignIn | None) -> None:
        """Call as someone else from now on, and keep it in the profile's file."""
        self.profile = self.profile.with_sign_in(sign_in)
        self.__dict__.pop("_service_token", None)
        self.profile.save()

    def token(self) -> str:
        """The token to call with; empty where no one is signed in.

        Raises:
            Failure: The session has ended, or svc_auth gives no token.
        """
        with self._lock:  # a refresh token is for one use
            return self._token()

    def _token(self) -> str:
        who = self.profile.sign_in
        if who is None:
            return ""
        if who.kind == "service":
            return self._service_token()
        if who.kind == "session" and expiry_of(who.access_token) < time.time() + _MARGIN_SECONDS:
            return self._renewed(who)
        return who.access_token

    def _renewed(self, who: SignIn) -> str:
        request = auth_pb2.RefreshRequest(refresh_token=who.refresh_token)
        try:
            renewed = self.issuer.Refresh(request)
        except Failure as failure:
            if failure.code is Exit.NOT_ALLOWED:
                raise Failure(Exit.NOT_ALLOWED, f"the session has ended: {SIGN_IN}") from None
            raise
        self.sign_in(SignIn("session", renewed.access_token, renewed.refresh_token))
        return renewed.access_token

    @cached_property
    def issuer(self) -> auth_pb2_grpc.AuthServiceStub:
        """svc_auth, for calls that give tokens rather than need one."""
        return auth_pb2_grpc.AuthServiceStub(self._open("svc_auth"))

    @cached_property
    def _service_token(self) -> ServiceToken:
        who = self.profile.sign_in
        if who is None:
            raise TypeError("no one is signed in")
        return self.service_token(who)

    def service_token(self, credential: SignIn) -> ServiceToken:
        """The token of a service credential, which is asked for when it is first needed."""
        channel = self._open("svc_auth")
        return ServiceToken(channel, credential.client_id, credential.client_secret)


class _Explain(grpc.UnaryUnaryClientInterceptor, grpc.StreamUnaryClientInterceptor):
    """Has calls to a service raise Failure, which says what to do, rather than RpcError."""

    def __init__(self, service: str, address: str) -> None:
        self._service = service
        self._address = address

    def intercept_unary_unary(self, continuation: Any, details: Any, request: Any) -> Any:
        """Make a call."""
        return self._explained(continuation(details, request))

    def intercept_stream_unary(self, continuation: Any, details: Any, requests: Any) -> Any:
        """Make a call with a stream of requests."""
        return self._explained(continuation(details, requests))

    def _explained(self, call: Any) -> Any:
        error = call.exception()
        if isinstance(error, grpc.RpcError):
            raise failure_of(error, self._service, self._address)
        return call


def expiry_of(token: str) -> float:
    """When an access token expires, in seconds since 1970; 0 where it is no token."""
    try:
        return float(jwt.get_unverified_claims(token)["exp"])
    except (JWTError, KeyError, TypeError, ValueError):
        return 0.0


@contextmanager
def session_of(profile: Profile, connect: Connect) -> Iterator[Session]:
    """A session of `profile`, whose channels are closed at the end."""
    with ExitStack() as stack:
        yield Session(profile, connect, stack)


def services(named: str | None) -> tuple[str, ...]:
    """The service of that name, with `svc_` or without; all where none is named.

    Raises:
        Failure: There is none of that name.
    """
    if named is None:
        return SERVICES
    service = named if named.startswith("svc_") else f"svc_{named}"
    if service not in SERVICES:
        known = ", ".join(map(short, SERVICES))
        raise Failure(Exit.USAGE, f"--service must be one of {known}, not {named!r}")
    return (service,)
