"""RPCs that are audited: recorded before they are served, and how they ended."""

import asyncio
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NoReturn, cast

import grpc
import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from pymongo.errors import AutoReconnect
from shop.auth.v1 import auth_pb2
from shop.catalog.v1 import catalog_pb2
from shop.money.v1 import money_pb2
from shop.ops.v1 import ops_pb2

from chassis.auth.identity import Identity
from chassis.auth.tokens import TokenVerifier
from chassis.errors import InvalidField, NotFound
from chassis.mongo import audit_log
from chassis.mongo.audit_log import Action, Actor
from chassis.rpc.audit import value_at
from chassis.rpc.guard import Guard
from tests.support.audit import Recorded

pytestmark = pytest.mark.anyio

AUTH, CATALOG = "/shop.auth.v1.AuthService", "/shop.catalog.v1.CatalogService"
BLOCK = auth_pb2.BlockUserRequest(user_id="u2")


class OnlyAdmin:
    """Knows one token."""

    async def verify(self, token: str) -> Identity:
        return Identity("user", "a1", "admin", "s1", "ada@shop.example", token)


class RefusedError(Exception):
    """The call was refused."""


async def call(
    path: str,
    request: Any,
    recorded: Recorded,
    response: Any = None,
    failure: BaseException | None = None,
) -> list[int]:
    """Call an RPC; how much was recorded when it was served."""
    when: list[int] = []

    async def serve(*_: Any) -> Any:
        when.append(len(recorded.begun))
        if failure is not None:
            raise failure
        return response

    async def abort(code: grpc.StatusCode, *_: Any) -> NoReturn:
        raise RefusedError(code.name)

    guard = Guard(cast("TokenVerifier", OnlyAdmin()))
    guard.record_in(recorded)
    handler = guard.guarded(path, grpc.unary_unary_rpc_method_handler(serve))
    metadata = [
        ("authorization", "Bearer t0k3n"),
        ("x-request-id", "r1"),
        ("x-forwarded-for", "203.0.113.9"),
    ]
    context = SimpleNamespace(
        time_remaining=lambda: 20.0,
        invocation_metadata=lambda: metadata,
        abort=abort,
        code=lambda: grpc.StatusCode.UNKNOWN,
    )
    await asyncio.create_task(handler.unary_unary(request, context))
    return when


async def test_what_an_admin_does_is_recorded_before_it_is_done() -> None:
    recorded = Recorded()
    assert await call(f"{AUTH}/BlockUser", BLOCK, recorded) == [1]
    assert recorded.begun == [
        Action(
            actor=Actor("user", "a1", "ada@shop.example"),
            name="BlockUser",
            subject_kind="user",
            subject_id="u2",
            request_id="r1",
            address="203.0.113.9",
        )
    ]
    assert recorded.ended == {"0": ("OK", "")}


async def test_what_can_not_be_recorded_is_not_done() -> None:
    recorded = Recorded()
    recorded.failure = AutoReconnect("away")
    with pytest.raises(RefusedError, match="UNAVAILABLE"):
        await call(f"{AUTH}/BlockUser", BLOCK, recorded, failure=AssertionError("it was done"))


@pytest.mark.parametrize(
    ("failure", "outcome"), [(NotFound("None."), "NOT_FOUND"), (ValueError("x"), "INTERNAL")]
)
async def test_it_is_recorded_how_it_failed(failure: Exception, outcome: str) -> None:
    recorded = Recorded()
    with pytest.raises(RefusedError):
        await call(f"{AUTH}/BlockUser", BLOCK, recorded, failure=failure)
    assert recorded.ended == {"0": (outcome, "")}


async def test_of_a_call_that_was_given_up_the_outcome_is_not_known() -> None:
    recorded = Recorded()
    with pytest.raises(asyncio.CancelledError):
        await call(f"{AUTH}/BlockUser", BLOCK, recorded, failure=asyncio.CancelledError())
    assert len(recorded.begun) == 1
    assert recorded.ended == {}


async def test_what_was_asked_for_is_recorded() -> None:
    recorded = Recorded()
    request = auth_pb2.SetUserRoleRequest(user_id="u2", role=auth_pb2.ROLE_ADMIN)
    await call(f"{AUTH}/SetUserRole", request, recorded)
    assert recorded.begun[0].changes == {"role": "ROLE_ADMIN"}


async def test_only_what_is_given_is_recorded_and_long_texts_are_cut() -> None:
    recorded = Recorded()
    request = catalog_pb2.EditProductRequest(
        product_id="p1",
        keywords="k" * 500,
        price=money_pb2.Money(amount_minor=1999, currency="USD"),
        quantity_change=-2,
        idempotency_key="key",
    )
    await call(f"{CATALOG}/EditProduct", request, recorded)
    changes = dict(recorded.begun[0].changes)
    assert len(changes.pop("keywords")) == 200
    assert changes == {
        "price.amount_minor": "1999",
        "price.currency": "USD",
        "quantity_change": "-2",
    }


async def test_what_is_made_is_known_by_the_answer() -> None:
    recorded = Recorded()
    made = catalog_pb2.CreateProductResponse(product=catalog_pb2.Product(id="p1"))
    request = catalog_pb2.CreateProductRequest(
        title="Lamp", category="Home", price=money_pb2.Money(amount_minor=1, currency="USD")
    )
    await call(f"{CATALOG}/CreateProduct", request, recorded, made)
    assert recorded.begun[0].subject_id == ""
    assert recorded.ended == {"0": ("OK", "p1")}


async def test_passwords_are_not_recorded() -> None:
    recorded = Recorded()
    request = auth_pb2.ChangePasswordRequest(
        current_password="old-pass-word", new_password="new-pass-word"
    )
    await call(f"{AUTH}/ChangePassword", request, recorded)
    [action] = recorded.begun
    assert (action.subject_kind, action.subject_id) == ("user", "a1")
    assert "pass-word" not in repr(action)


def test_records_are_only_ever_added() -> None:
    source = Path(audit_log.__file__).read_text()
    assert set(re.findall(r"_records\.(\w+)\(", source)) == {
        "insert_one",
        "find",
        "count_documents",
    }
    product = Path(audit_log.__file__).parents[1].rglob("*.py")
    others = [file.name for file in product if re.search(r"\[.audit.\]", file.read_text())]
    assert others == []


async def test_no_other_call_is_recorded() -> None:
    recorded = Recorded()
    await call(f"{AUTH}/ListUsers", auth_pb2.ListUsersRequest(), recorded)
    assert recorded.begun == []


@pytest.mark.parametrize("time", [Timestamp(seconds=2**62), Timestamp(nanos=-1)])
def test_a_time_that_is_none_is_refused_as_such(time: Timestamp) -> None:
    request = ops_pb2.DropDeadLettersRequest()
    getattr(request, "from").CopyFrom(time)
    with pytest.raises(InvalidField, match="years 1 to 9999"):
        value_at(request, "from")
