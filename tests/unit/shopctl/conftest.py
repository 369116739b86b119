"""The tool at one end of grpcio-testing's channel, and the test at the other."""

import json
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, cast

import grpc
import grpc_testing
import pytest
from google.protobuf.descriptor import MethodDescriptor, ServiceDescriptor
from google.protobuf.message import Message
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo
from google.rpc.status_pb2 import Status
from grpc_status import rpc_status
from shop.auth.v1 import auth_pb2
from shop.catalog.v1 import catalog_pb2
from shop.ops.v1 import logs_pb2, ops_pb2, outbox_pb2, system_pb2
from shop.orders.v1 import orders_pb2
from shop.payments.v1 import payments_pb2
from typer.testing import CliRunner, Result

from shop_client.channel import Token, prepared
from shopctl.__main__ import app
from shopctl.profile import SERVICES, Profile, SignIn

CONTRACT: Mapping[str, ServiceDescriptor] = {
    name: service
    for module in (
        auth_pb2,
        catalog_pb2,
        logs_pb2,
        ops_pb2,
        outbox_pb2,
        orders_pb2,
        payments_pb2,
        system_pb2,
    )
    for name, service in module.DESCRIPTOR.services_by_name.items()
}
SECONDS = 3.0
TOKEN = SignIn("token", access_token="the-token")


def rpc(name: str) -> MethodDescriptor:
    """An RPC by its name, which no two of them share."""
    [found] = [
        service.methods_by_name[name]
        for service in CONTRACT.values()
        if name in service.methods_by_name
    ]
    return found


class Interceptable:
    """grpcio-testing's channel, which knows less of calls than gRPC's interceptors do."""

    def __init__(self, channel: Any) -> None:
        self._channel = channel

    def __getattr__(self, name: str) -> Any:
        return getattr(self._channel, name)

    def unary_unary(self, *arguments: Any, **_: Any) -> Any:
        return InterceptableCall(self._channel.unary_unary(*arguments))


class InterceptableCall:
    """An RPC of it."""

    def __init__(self, call: Any) -> None:
        self._call = call

    def with_call(self, request: Any, **options: Any) -> Any:
        known = {name: options[name] for name in ("timeout", "metadata", "credentials")}
        try:
            return self._call.with_call(request, **known)
        except grpc.RpcError as error:
            raise Refused(error) from None


class Refused(grpc.RpcError):
    """The error of a call, which interceptors take for the call."""

    def __init__(self, error: Any) -> None:
        super().__init__()
        self._error = error

    def code(self) -> Any:
        return self._error.code()

    def details(self) -> Any:
        return self._error.details()

    def trailing_metadata(self) -> Any:
        return self._error.trailing_metadata()

    def result(self) -> Any:
        raise self

    def exception(self) -> Any:
        return self


class Shop:
    """The services, of which each has a channel: answers one call after the other."""

    def __init__(self) -> None:
        self.metadata: dict[str, Any] = {}
        time = grpc_testing.strict_real_time()
        self._channels = {
            address_of(name): grpc_testing.channel(list(CONTRACT.values()), time)
            for name in SERVICES
        }

    def connect(self, target: str, token: Token | None) -> grpc.Channel:
        """A channel, as the tool makes them."""
        channel = Interceptable(self._channels[target])
        return prepared(cast("grpc.Channel", channel), token, SECONDS)

    def answer(self, name: str, response: Message, service: str = "") -> Any:
        """Wait for a call and answer it; its request."""
        return self._end(name, response, (), grpc.StatusCode.OK, "", service)

    def refuse(
        self,
        name: str,
        code: grpc.StatusCode,
        reason: str = "",
        message: str = "",
        fields: Sequence[tuple[str, str]] = (),
        service: str = "",
    ) -> Any:
        """Wait for a call and refuse it; its request."""
        status = Status(code=code.value[0], message=message)
        details: list[Message] = [ErrorInfo(reason=reason, domain="shop")] if reason else []
        if fields:
            broken = [BadRequest.FieldViolation(field=f, description=text) for f, text in fields]
            details.append(BadRequest(field_violations=broken))
        for detail in details:
            status.details.add().Pack(detail)
        trailing = rpc_status.to_status(status).trailing_metadata if details else ()
        return self._end(name, None, trailing, code, message, service)

    def _end(
        self,
        name: str,
        response: Message | None,
        trailing: Any,
        code: grpc.StatusCode,
        message: str,
        service: str,
    ) -> Any:
        method = rpc(name)
        package = str(method.containing_service.file.package)
        channel = self._channels[address_of(service or f"svc_{package.split('.')[1]}")]
        metadata, request, call = taken(lambda: channel.take_unary_unary(method))
        self.metadata = dict(metadata)
        call.send_initial_metadata(())
        call.terminate(response, trailing, code, message)
        return request


def taken(take: Callable[[], Any]) -> Any:
    """The next call, which grpcio-testing waits for without end."""
    found: list[Any] = []
    waiting = threading.Thread(target=lambda: found.append(take()), daemon=True)
    waiting.start()
    waiting.join(SECONDS)
    assert found, "there was no such call"
    return found[0]


def address_of(service: str) -> str:
    """Where a service is said to be."""
    return f"{service.replace('_', '-')}:50051"


class Ran:
    """A command that has ended."""

    def __init__(self, result: Result) -> None:
        self.code = result.exit_code
        self.out = result.stdout
        self.err = result.stderr
        self.exception = result.exception

    @property
    def json(self) -> Any:
        """What was printed for scripts."""
        assert self.code == 0, self.err
        return json.loads(self.out)


class Running:
    """A command that waits for its answers."""

    def __init__(self, future: "Future[Result]") -> None:
        self._future = future

    def end(self) -> Ran:
        """How it ended."""
        return Ran(self._future.result(SECONDS))


Run = Callable[..., Running]


@pytest.fixture
def shop() -> Shop:
    return Shop()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where profiles are kept; no setting of the machine gets in."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    for name in ("PROFILE", "ADDRESS", "OUTPUT"):
        monkeypatch.delenv(f"SHOPCTL_{name}", raising=False)
    for name in ("PUBLIC_URL", "KAFKA_URL", "REDIS_URL", "S3_URL", "STRIPE_URL"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path / "shopctl"


@pytest.fixture
def signed_out(home: Path) -> Profile:
    """A profile that knows where the services are."""
    profile = Profile("default", addresses={name: address_of(name) for name in SERVICES})
    profile.save()
    return profile


@pytest.fixture
def profile(signed_out: Profile) -> Profile:
    """A profile whose calls are made with a token."""
    signed_in = signed_out.with_sign_in(TOKEN)
    signed_in.save()
    return signed_in


@pytest.fixture
def run(shop: Shop, home: Path) -> Iterator[Run]:
    """Starts a command, with its arguments and what it reads."""
    with ThreadPoolExecutor(1) as threads:

        def start(*arguments: str, reads: str | None = None) -> Running:
            return Running(
                threads.submit(CliRunner().invoke, app, arguments, reads, obj=shop.connect)
            )

        yield start
