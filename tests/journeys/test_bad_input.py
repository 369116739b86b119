"""Bad requests to every route: refused with a problem that names the field; nothing changes."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from google.protobuf.descriptor import FieldDescriptor

from gateway.contract import Binding, Rpc, load_rpcs
from gateway.transcoding.request import fields_elsewhere, takes_raw_body
from tests.journeys.callers import Kind, may_call, service_token
from tests.journeys.spoiled import INTEGERS, sample, spoiled
from tests.support.people import Admin, Json, Shop, Shopper, eventually, ok, refused

MEBIBYTE = 1024 * 1024
ROUTES = [(rpc, binding) for rpc in load_rpcs() for binding in rpc.bindings]
NAMES = {f"{binding.verb} {binding.template}": (rpc, binding) for rpc, binding in ROUTES}
WITH_BODY = [
    name
    for name, (rpc, binding) in NAMES.items()
    if binding.body and not takes_raw_body(rpc, binding)
]
WITH_QUERY = [name for name, (_, binding) in NAMES.items() if binding.verb in {"GET", "DELETE"}]
WITH_PAGES = [
    name for name in WITH_QUERY if "page_token" in NAMES[name][0].method.input_type.fields_by_name
]
WITH_VARIABLES = [name for name, (_, binding) in NAMES.items() if "{" in binding.template]


@dataclass(frozen=True)
class Witness:
    """Somebody whose things every bad request is aimed at."""

    shop: Shop
    admin: Admin
    shopper: Shopper
    product: Json
    order: Json
    payment: Json
    session: Json

    def send(self, rpc: Rpc, binding: Binding, **request: Any) -> httpx.Response:
        """A request at the witness's own things, from somebody who may make it."""
        ids = {
            "product_id": self.product["id"],
            "order_id": self.order["id"],
            "payment_id": self.payment["id"],
            "user_id": self.shopper.user["id"],
            "session_id": self.session["id"],
            "image_key": "0" * 64,
            "file": "640.webp",
            "service": "cart",
            # Of nothing: the shop gives up no event and leaves none in an outbox by itself.
            "dead_letter_id": "nothing",
            "event_id": "nothing",
            "stuck_event_id": "nothing",
        }
        path = binding.template.format(**ids)
        return self.send_to(path, rpc, binding, **request)

    def send_to(self, path: str, rpc: Rpc, binding: Binding, **request: Any) -> httpx.Response:
        """A request at any path, from somebody who may make it."""
        if may_call(Kind.USER, rpc):
            return self.shopper.client.request(binding.verb, path, **request)
        if may_call(Kind.ADMIN, rpc):
            return self.admin.client.request(binding.verb, path, **request)
        token = service_token(self.shop)
        headers = {"Authorization": f"Bearer {token}"} | request.pop("headers", {})
        with self.shop.visitor() as client:
            return client.request(binding.verb, path, headers=headers, **request)

    def state(self) -> Json:
        """All that a bad request could have changed."""
        mine, theirs = self.shopper.client, self.admin.client
        order = self.order["id"]
        return {
            "product": self.admin.product(self.product["id"]),
            "cart": self.shopper.cart(),
            "order": self.shopper.order(order),
            "orders": ok(mine.get("/api/orders"))["totalSize"],
            "payment": ok(mine.get(f"/api/payments/{self.payment['id']}")),
            "user": ok(mine.get("/api/users/currentuser")),
            "sessions": ok(mine.get("/api/users/sessions"))["totalSize"],
            "account": ok(theirs.get("/api/users/admin/users", params=_query(self.shopper))),
            "products": ok(theirs.get("/api/products", params={"category": "Witness"})),
        }


@pytest.fixture(scope="module")
def witness(shop: Shop) -> Iterator[Witness]:
    """A shopper with a cart, an unpaid order and a paid one."""
    with shop.visitor() as admins, shop.visitor() as shoppers:
        admin, shopper = Admin(admins), Shopper(shoppers)
        admin.sign_in(**shop.ready["logins"]["admin"])
        shopper.sign_up()
        product = admin.add_product(quantity=50, category="Witness")
        # Of another product: the events of its payment change stock and cart when they arrive.
        paid = shopper.buy_now((admin.add_product(quantity=1)["id"], 1))
        payment = ok(shopper.pay(paid), 201)["payment"]
        shopper.order_when(paid["id"], "completed")
        order = shopper.buy_now((product["id"], 2))
        shopper.put_in_cart(product["id"], 3)
        [session] = ok(shoppers.get("/api/users/sessions"))["sessions"]
        found = Witness(shop, admin, shopper, product, order, payment, session)
        # Cart and list tell what is left once they have heard of the order.
        left = product["available"] - 2
        eventually(found.state, lambda state: _left(state) == {left})
        yield found


def _left(state: Json) -> set[int]:
    """How many of the product are said to be left."""
    shown = [*state["cart"]["items"], *state["products"]["products"]]
    return {each["available"] for each in shown}


@pytest.mark.parametrize("name", WITH_BODY)
def test_spoiled_bodies(witness: Witness, name: str) -> None:
    rpc, binding = NAMES[name]
    before = witness.state()
    accepted = []
    for case in spoiled(rpc.method.input_type, fields_elsewhere(rpc, binding)):
        answer = witness.send(rpc, binding, json=case.body)
        if not _names(answer, case.field):
            accepted.append((case.what, answer.status_code, answer.text[:300]))
    assert accepted == []
    assert witness.state() == before


@pytest.mark.parametrize("name", WITH_BODY)
def test_bodies_that_are_no_json_object(witness: Witness, name: str) -> None:
    rpc, binding = NAMES[name]
    before = witness.state()
    for content in (b'{"a": ', b"[]", b'"text"', b"1", b"null", b"\xff\xfe", b"{]", b"NaN"):
        headers = {"Content-Type": "application/json"}
        answer = witness.send(rpc, binding, content=content, headers=headers)
        refused(answer, 400, "VALIDATION_FAILED")
    assert witness.state() == before


@pytest.mark.parametrize("name", WITH_BODY)
def test_bodies_of_other_types(witness: Witness, name: str) -> None:
    rpc, binding = NAMES[name]
    before = witness.state()
    body = b"quantity=1"
    for kind in ("text/plain", "application/x-www-form-urlencoded", "application/xml", "nonsense"):
        answer = witness.send(rpc, binding, content=body, headers={"Content-Type": kind})
        refused(answer, 415, "UNSUPPORTED_MEDIA_TYPE")
    assert witness.state() == before


@pytest.mark.parametrize("name", WITH_BODY)
def test_bodies_that_are_too_large(witness: Witness, name: str) -> None:
    rpc, binding = NAMES[name]
    headers = {"Content-Type": "application/json"}
    content = b'{"text": "' + b"a" * MEBIBYTE + b'"}'
    refused(witness.send(rpc, binding, content=content, headers=headers), 413, "PAYLOAD_TOO_LARGE")

    def pieces() -> Iterator[bytes]:
        yield from (content[start : start + 65536] for start in range(0, len(content), 65536))

    answer = witness.send(rpc, binding, content=pieces(), headers=headers)
    refused(answer, 413, "PAYLOAD_TOO_LARGE")


@pytest.mark.parametrize("name", WITH_QUERY)
def test_spoiled_queries(witness: Witness, name: str) -> None:
    rpc, binding = NAMES[name]
    before = witness.state()
    elsewhere = fields_elsewhere(rpc, binding)
    fields = [field for field in rpc.method.input_type.fields if field.name not in elsewhere]
    cases = [("unheardOf", "1"), ("$where", "1")]
    cases += [(field.json_name, text) for field in fields for text in _wrong_texts(field)]
    cases += [(f"{field.json_name}[$gt]", "") for field in fields]
    accepted = []
    for field_name, text in cases:
        answer = witness.send(rpc, binding, params={field_name: text})
        if not _names(answer, field_name):
            accepted.append((field_name, text, answer.status_code, answer.text[:300]))
    assert accepted == []
    assert witness.state() == before


@pytest.mark.parametrize("name", WITH_PAGES)
def test_page_tokens_of_nowhere(witness: Witness, name: str) -> None:
    rpc, binding = NAMES[name]
    elsewhere = ok(witness.admin.client.get("/api/products", params={"pageSize": 1}))
    own = ok(witness.send(rpc, binding, params={"pageSize": 1}))
    token = own["nextPageToken"]
    stale = elsewhere["nextPageToken"] if "/api/products" not in name else ""
    for bad in ("x", "!!!", "a" * 1000, "a" * 1001, "eyJhIjogMX0", "W10", token[:-2], stale):
        if bad:
            answer = witness.send(rpc, binding, params={"pageToken": bad})
            assert _names(answer, "pageToken"), (bad, answer.text)


@pytest.mark.parametrize("name", WITH_VARIABLES)
def test_ids_of_nothing(witness: Witness, name: str) -> None:
    rpc, binding = NAMES[name]
    body = sample(rpc.method.input_type, fields_elsewhere(rpc, binding)) if binding.body else None
    request: dict[str, Any] = {"json": body} if binding.body else {}
    before = witness.state()
    for wrong in ("nothing", "a" * 65, "%00", "%24gt", "..%2F..", "%F0%9F%92%A9", "{}", "'--"):
        path = wrong.join(re.split(r"\{[a-z_]+\}", binding.template))
        answer = witness.send_to(path, rpc, binding, **request)
        # Signing a device out that is not there, or deleting a product, may be no fault.
        assert 400 <= answer.status_code < 500, (wrong, answer.status_code, answer.text)
        assert answer.headers["content-type"] == "application/problem+json"
    assert witness.state() == before


@pytest.mark.parametrize("template", sorted({binding.template for _, binding in ROUTES}))
def test_methods_that_an_address_has_not(witness: Witness, template: str) -> None:
    offered = {binding.verb for _, binding in ROUTES if binding.template == template}
    path = re.sub(r"\{[a-z_]+\}", "x", template)
    for verb in {"GET", "POST", "PUT", "PATCH", "DELETE"} - offered:
        if any(verb == binding.verb and _fits(binding.template, path) for _, binding in ROUTES):
            continue
        answer = witness.admin.client.request(verb, path)
        refused(answer, 405, "METHOD_NOT_ALLOWED")
        allowed = {each.strip() for each in answer.headers["allow"].split(",")}
        assert offered <= allowed
        assert verb not in allowed


@pytest.mark.parametrize("path", ["/api", "/api/nothing", "/api/orders/a/b/c", "/api/products/"])
def test_addresses_that_are_not_there(witness: Witness, path: str) -> None:
    for verb in ("GET", "POST", "DELETE"):
        refused(witness.admin.client.request(verb, path), 404, "NOT_FOUND")


def _fits(template: str, path: str) -> bool:
    return re.fullmatch(re.sub(r"\{[a-z_]+\}", "[^/]+", template), path) is not None


def _names(answer: httpx.Response, field: str) -> bool:
    """Whether an answer refuses a request and says that it is for this field."""
    return (
        answer.status_code == 400
        and answer.headers["content-type"] == "application/problem+json"
        and answer.json()["reason"] == "VALIDATION_FAILED"
        and field in {each["field"] for each in answer.json()["errors"]}
    )


def _wrong_texts(field: FieldDescriptor) -> list[str]:
    """Texts that a query parameter does not take."""
    if field.cpp_type in INTEGERS:
        return ["many", "1.5", "-1", "1" + "0" * 30, "", " 1", "1e3", "{}", "0x10"]
    if field.cpp_type == FieldDescriptor.CPPTYPE_BOOL:
        return ["yes", "1", "TRUE", ""]
    if field.cpp_type == FieldDescriptor.CPPTYPE_ENUM:
        return ["nonsense", "99"]
    if field.message_type is not None:
        return ["yesterday", "2026-13-01T00:00:00Z", "1", ""]
    return ["a" * 1001, "a\0b"]


def _query(shopper: Shopper) -> dict[str, str]:
    return {"query": shopper.user["email"]}
