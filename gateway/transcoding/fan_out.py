"""RPCs that every service has: one of the services is asked, or all, and their answers become one.

What the annotation `fan_out` of the contract means. A service that does not answer in time is named
in the answer, which comes all the same.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import grpc
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from chassis.contract.validation import Violation, violations
from chassis.errors import InvalidField
from chassis.rpc.calls import Call
from chassis.rpc.paging import encode_page_token, page_size, scope_of
from chassis.rpc.values import time_of
from gateway.contract import Rpc
from gateway.http.credentials import Metadata
from gateway.http.problems import invalid
from gateway.protojson.names import camel_case
from gateway.transcoding.channels import Calls, Unary

OwnAnswers = Mapping[str, Callable[[Any], Awaitable[Message]]]
"""What this process itself answers to such RPCs, by their full names: it is one more service."""

GATEWAY = "gateway"
# Of an RPC without side effects: people wait for the whole answer.
PATIENCE_SECONDS = 1.0

_SERVICE = "service"
_UNREACHABLE = "unreachable"
_NEXT = "next_page_token"
# Of these every service would say the same, so one of them is the answer.
_REFUSALS = frozenset(
    {
        grpc.StatusCode.INVALID_ARGUMENT,
        grpc.StatusCode.UNAUTHENTICATED,
        grpc.StatusCode.PERMISSION_DENIED,
        grpc.StatusCode.RESOURCE_EXHAUSTED,
    }
)


def unary_of(rpc: Rpc, calls: Calls, own: OwnAnswers) -> Unary:
    """The call of an RPC at its HTTP address: of its service, or of those that all have it."""
    if not rpc.rules.HasField("fan_out"):
        return calls.unary(rpc)
    each = {service: calls.unary(rpc, service) for service in calls.services}
    if rpc.method.full_name in own:
        each[GATEWAY] = _locally(own[rpc.method.full_name])
    return FanOut(rpc, each)


class FanOut:
    """The call of an RPC that several services have.

    Args:
        rpc: The RPC.
        calls: Service -> its call.
    """

    def __init__(self, rpc: Rpc, calls: Mapping[str, Unary]) -> None:
        self._calls = calls
        self._has_side_effects = rpc.has_side_effects
        self._join = _Join(rpc)

    def __call__(self, request: Any, /, *, timeout: float, metadata: Metadata) -> Call:
        """Begin the call: of the service that the request names, or of all.

        Raises:
            Problem: There is no such service.
        """
        if request.service:
            return self._named(request.service)(request, timeout=timeout, metadata=metadata)
        if not self._has_side_effects:
            timeout = min(timeout, PATIENCE_SECONDS)
        return asyncio.ensure_future(self._all(request, timeout, metadata))

    def _named(self, service: str) -> Unary:
        if service not in self._calls:
            names = ", ".join(sorted(self._calls))
            raise invalid([Violation(_SERVICE, f"must be one of {names}")])
        return self._calls[service]

    async def _all(self, request: Message, timeout: float, metadata: Metadata) -> Message:
        """What all answer, as one answer.

        Raises:
            AioRpcError: One of them refuses the request, so all do.
        """

        async def ask(call: Unary) -> Message:
            # Whatever a connection does, the answer is not to wait for it.
            async with asyncio.timeout(timeout):
                return await call(request, timeout=timeout, metadata=metadata)  # type: ignore[no-any-return]

        found = await asyncio.gather(*map(ask, self._calls.values()), return_exceptions=True)
        answers: list[Message] = []
        unreachable: list[str] = []
        for service, outcome in zip(self._calls, found, strict=True):
            if isinstance(outcome, Message):
                answers.append(outcome)
            elif isinstance(outcome, TimeoutError):
                unreachable.append(service)
            elif not isinstance(outcome, grpc.aio.AioRpcError) or outcome.code() in _REFUSALS:
                raise outcome
            elif outcome.code() is not grpc.StatusCode.UNIMPLEMENTED:  # an older release
                unreachable.append(service)
        return self._join(request, answers, unreachable)


class _Join:
    """Makes the answers of all services one."""

    def __init__(self, rpc: Rpc) -> None:
        fields = rpc.method.output_type.fields
        self._new = rpc.response
        self._numbers = [
            field.name
            for field in fields
            if not field.is_repeated
            and field.cpp_type in {FieldDescriptor.CPPTYPE_INT32, FieldDescriptor.CPPTYPE_INT64}
        ]
        self._lists = [field.name for field in fields if field.is_repeated]
        rules = rpc.rules.fan_out
        self._items, _, self._time = rules.ordered_by.partition(".")
        self._descending = rules.descending

    def __call__(
        self, request: Message, answers: Sequence[Any], unreachable: Sequence[str]
    ) -> Message:
        joined: Any = self._new()
        for answer in answers:
            for name in self._numbers:
                setattr(joined, name, getattr(joined, name) + getattr(answer, name))
            for name in self._lists:
                getattr(joined, name).extend(getattr(answer, name))
        if _UNREACHABLE in self._lists:
            joined.unreachable.extend(unreachable)
        if self._items:
            are_there_more = any(getattr(answer, _NEXT) for answer in answers)
            self._cut(request, joined, are_there_more=are_there_more)
        return joined  # type: ignore[no-any-return]  # it was made of a message class

    def _cut(self, request: Any, joined: Any, *, are_there_more: bool) -> None:
        """Keep the page that was asked for of the items of all services."""
        items = getattr(joined, self._items)
        size = page_size(request.page_size)
        ordered = sorted(items, key=self._position, reverse=self._descending)
        del items[:]
        items.extend(ordered[:size])
        if are_there_more or len(ordered) > size:
            joined.next_page_token = encode_page_token(
                scope_of(request), self._position(ordered[:size][-1])
            )

    def _position(self, item: Any) -> tuple[Any, str]:
        return time_of(getattr(item, self._time)), item.id


def _locally(answer: Callable[[Any], Awaitable[Message]]) -> Unary:
    async def answered(request: Message) -> Message:
        if broken := violations(request):
            raise invalid([Violation(camel_case(path), text) for path, text in broken])
        try:
            return await answer(request)
        except InvalidField as error:
            raise invalid([Violation(camel_case(error.field), error.message)]) from error

    def call(request: Message, /, *, timeout: float, metadata: Metadata) -> Call:
        return asyncio.ensure_future(answered(request))

    return call
