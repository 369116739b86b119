"""Requests that schemathesis makes of /openapi.json: each is answered as the document says.

No 5xx, no status that the document does not name, no body that is not of its schema, and
nothing taken that it forbids. The same requests each time; the session `fuzz` makes many more.
"""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.strategies import SearchStrategy
from schemathesis import BaseSchema, Case, GenerationMode, checks, openapi

from gateway.contract import Binding, load_rpcs
from gateway.protojson.names import camel_case
from tests.journeys.callers import Kind
from tests.support.people import Admin, Json, Shop, Shopper, ok

KINDS = (Kind.ANONYMOUS, Kind.USER, Kind.ADMIN)
BINDINGS = [binding for rpc in load_rpcs() for binding in rpc.bindings]
# About so many in all: each kind of caller sends each address some that fit the document, some that
# do not, and some that fit and are of things that are there.
CASES = int(os.environ.get("FUZZ_CASES", "1500"))
EACH = -(-CASES // (len(BINDINGS) * len(KINDS) * 3))
SETTINGS = settings(
    max_examples=EACH,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
CHECKS = [
    checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
    checks.negative_data_rejection,
]


@dataclass(frozen=True)
class People:
    """Who sends the requests, and what of theirs is there.

    Attributes:
        things: Variable of a path -> one that is there.
    """

    shopper: Shopper
    admin: Admin
    admin_login: Json
    things: Mapping[str, str]

    def headers(self, kind: Kind) -> dict[str, str]:
        """What shows that a request is from one of them, in a session that has just begun."""
        if kind is Kind.ANONYMOUS:
            return {}
        if kind is Kind.ADMIN:
            person: Shopper = self.admin
            person.sign_in(**self.admin_login)
        else:
            person = self.shopper
            person.sign_in(person.user["email"], "correct horse")
        return {"Authorization": f"Bearer {person.client.cookies['session']}"}


@pytest.fixture(scope="module")
def people(shop: Shop) -> Iterator[People]:
    """A shopper with an order that was paid, an admin, and somebody for whom it is no pity."""
    login = shop.ready["logins"]["admin"]
    with shop.visitor() as admins, shop.visitor() as shoppers, shop.visitor() as others:
        admin, shopper, other = Admin(admins), Shopper(shoppers), Shopper(others)
        admin.sign_in(**login)
        shopper.sign_up()
        other.sign_up()
        product = admin.add_product(quantity=50, category="Fuzzed")
        order = shopper.buy_now((product["id"], 1))
        payment = ok(shopper.pay(order), 201)["payment"]
        [session] = ok(others.get("/api/users/sessions"))["sessions"]
        things = {
            "productId": product["id"],
            "orderId": order["id"],
            "paymentId": payment["id"],
            "userId": other.user["id"],
            "sessionId": session["id"],
            "imageKey": "0" * 64,
            "file": "640.webp",
            "service": "notify",
        }
        yield People(shopper, admin, login, things)
        admin.sign_in(**login)
        # Some of them have changed how much that service logs.
        ok(admin.client.put("/api/admin/log-levels/notify", json={}))


@pytest.fixture(scope="module")
def schema(shop: Shop) -> BaseSchema:
    """The document, without the answer that stands for all it does not name."""
    document: Json = httpx.get(f"{shop.url}/openapi.json").json()
    for operations in document["paths"].values():
        for operation in operations.values():
            del operation["responses"]["default"]
    return openapi.from_dict(document)


def strategies(
    schema: BaseSchema, binding: Binding, things: Mapping[str, str]
) -> Iterator[SearchStrategy[Case[Any]]]:
    """What makes the requests to one address."""
    path = camel_case(binding.template)
    operation = schema[path][binding.verb]
    yield operation.as_strategy(GenerationMode.POSITIVE)
    raw = operation.definition.raw
    if raw["parameters"] or "requestBody" in raw:
        yield operation.as_strategy(GenerationMode.NEGATIVE)
    known = {name: value for name, value in things.items() if f"{{{name}}}" in path}
    if known:
        yield operation.as_strategy(GenerationMode.POSITIVE, path_parameters=known)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("binding", BINDINGS, ids=lambda each: f"{each.verb} {each.template}")
def test_whatever_a_route_is_sent_it_answers_as_the_document_says(
    shop: Shop, schema: BaseSchema, people: People, binding: Binding, kind: Kind
) -> None:
    headers = people.headers(kind)
    for strategy in strategies(schema, binding, people.things):

        @SETTINGS
        @given(case=strategy)
        def send(case: Case[Any]) -> None:
            case.call_and_validate(base_url=shop.url, headers=headers, checks=CHECKS)

        send()
