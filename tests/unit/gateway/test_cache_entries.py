"""What is kept, by itself: its bound, its tags, its time; and how tags and codings are read."""

import pytest
from shop.catalog.v1 import catalog_pb2, events_pb2
from shop.orders.v1 import orders_pb2
from starlette.types import Message

from chassis.http.content_codings import IDENTITY, accepted
from gateway.cache.entry import Asked, Entry, RawResponse
from gateway.cache.rules import purges_of_events
from gateway.cache.store import BLIND_SECONDS, Entries, Fill, Key
from gateway.cache.tags import TagReader

pytestmark = pytest.mark.anyio

BIG = 10_000
JSON = (b"content-type", b"application/json")


def filled(
    entries: Entries,
    name: str,
    *tags: str,
    size: int = 1,
    seconds: float = 10.0,
    began: float = 0.0,
) -> Entry:
    fill = Fill(began, for_guests=False)
    entries.begin(fill)
    fill.depend_on(tags, seconds)
    entry = fill.entry(RawResponse(200, [JSON], b"x" * size))
    entries.add(key(name), entry)
    entries.end(fill)
    return entry


def key(name: str) -> Key:
    return name, b""


def kept(entries: Entries, now: float = 0.0) -> set[str]:
    return {name for name in "abcdefgh" if entries.find(key(name), now)}


def test_the_least_recently_used_leaves_first() -> None:
    entries = Entries(4 * BIG)
    for name in "abc":
        filled(entries, name, size=BIG)
    entries.find(key("a"), 0.0)
    filled(entries, "d", size=BIG)
    assert kept(entries) == {"a", "c", "d"}
    assert entries.size <= 4 * BIG


async def test_codings_count_once_they_are_made() -> None:
    entries = Entries(3 * BIG)
    body = bytes(range(256)) * (BIG // 256)
    fill = Fill(0.0, for_guests=False)
    fill.depend_on((), 10.0)
    entry = fill.entry(RawResponse(200, [JSON], body))
    entries.add(key("a"), entry)
    before = entries.size

    async def send(_: Message) -> None:
        return

    await entry.answer(Asked({b"accept-encoding": b"gzip"}, False, "r"), 0.0, send)
    assert entries.size > before


def test_what_is_larger_than_all_room_is_not_kept() -> None:
    entries = Entries(BIG)
    entry = filled(entries, "a", size=2 * BIG)
    assert entry.is_gone
    assert entries.size == 0


def test_an_entry_takes_the_place_of_the_one_before() -> None:
    entries = Entries(4 * BIG)
    before = filled(entries, "a", "t", size=BIG)
    size = entries.size
    after = filled(entries, "a", "u", size=BIG)
    assert (before.is_gone, after.is_gone) == (True, False)
    assert entries.size == size
    entries.purge({"t"})
    assert kept(entries) == {"a"}


def test_purging_ends_what_tells_of_it() -> None:
    entries = Entries(4 * BIG)
    filled(entries, "a", "products")
    filled(entries, "b", "products", "product/1")
    filled(entries, "c", "product/2")
    entries.purge({"product/1", "product/3"})
    assert kept(entries) == {"a", "c"}
    entries.purge({"products"})
    assert kept(entries) == {"c"}


def test_purging_all_leaves_what_never_changes() -> None:
    entries = Entries(4 * BIG)
    filled(entries, "a", "products")
    filled(entries, "b")
    entries.purge_all()
    assert kept(entries) == {"b"}


@pytest.mark.parametrize("is_all", [True, False])
def test_what_is_being_made_while_it_is_purged_is_not_kept(is_all: bool) -> None:
    entries = Entries(4 * BIG)
    fill = Fill(0.0, for_guests=False)
    entries.begin(fill)
    fill.depend_on({"products"}, 10.0)
    if is_all:
        entries.purge_all()
    else:
        entries.purge({"products"})
    entries.add(key("a"), fill.entry(RawResponse(200, [JSON], b"x")))
    assert kept(entries) == set()


def test_it_ends_by_its_time_and_a_second_after_the_last_that_was_heard() -> None:
    entries = Entries(4 * BIG)
    filled(entries, "a", "products", seconds=10.0)
    assert kept(entries, BLIND_SECONDS) == {"a"}
    assert kept(entries, BLIND_SECONDS + 0.1) == set()
    entries.known_until = 5.0
    assert kept(entries, 5.0 + BLIND_SECONDS) == {"a"}
    assert kept(entries, 5.1 + BLIND_SECONDS) == set()
    entries.known_until = 20.0
    assert kept(entries, 9.9) == {"a"}
    assert kept(entries, 10.0) == set()


def test_what_is_made_of_others_ends_with_the_first_of_them() -> None:
    entries = Entries(4 * BIG)
    old = filled(entries, "a", "products", began=0.0, seconds=10.0)
    young = filled(entries, "b", "product/1", began=4.0, seconds=10.0)
    fill = Fill(8.0, for_guests=True)
    fill.include(young)
    fill.include(old)
    page = fill.entry(RawResponse(200, [JSON], b"x"))
    assert (page.born, page.until) == (0.0, 10.0)
    assert page.tags == {"products", "product/1"}
    assert not page.is_gone
    entries.purge({"product/1"})
    late = Fill(8.0, for_guests=True)
    late.include(young)
    assert late.entry(RawResponse(200, [JSON], b"x")).is_gone


@pytest.mark.parametrize(
    "response",
    [
        RawResponse(404, [JSON], b"x"),
        RawResponse(302, [(b"location", b"/")], b""),
        RawResponse(200, [JSON, (b"Set-Cookie", b"a=b")], b"x"),
    ],
)
def test_only_successes_that_set_nothing_are_kept(response: RawResponse) -> None:
    fill = Fill(0.0, for_guests=True)
    fill.depend_on((), 10.0)
    assert fill.entry(response).is_gone


def test_what_depends_on_nothing_known_is_not_kept() -> None:
    assert Fill(0.0, for_guests=True).entry(RawResponse(200, [JSON], b"x")).is_gone


@pytest.mark.parametrize(
    ("header", "codings"),
    [
        ("", ()),
        ("gzip, br", ("br", "gzip")),
        ("GZIP", ("gzip",)),
        ("br;q=0.1, gzip;q=0.9", ("gzip", "br")),
        ("br;q=0, *", ("gzip",)),
        ("gzip;q=x, br ; q=0.5", ("br",)),
        ("identity;q=0.5, gzip;q=0.4, br", ("br",)),
        ("*;q=0", ()),
        ("gzip;q=0.000", ()),
        ("xgzip", ()),
    ],
)
def test_codings_in_the_order_that_the_client_likes(header: str, codings: tuple[str, ...]) -> None:
    assert accepted(header.encode()) == (*codings, IDENTITY)


def test_tags_are_filled_from_the_fields_that_they_name() -> None:
    request, response = orders_pb2.CreateOrderRequest, orders_pb2.CreateOrderResponse
    read = TagReader(
        ["products", "product/{order.items.product_id}"], request.DESCRIPTOR, response.DESCRIPTOR
    )
    items = [orders_pb2.OrderItem(product_id=name) for name in ("1", "2")]
    answer = response(order=orders_pb2.Order(items=items))
    assert read(request(), answer) == {"products", "product/1", "product/2"}
    assert read(request(), None) == {"products"}


@pytest.mark.parametrize("tag", ["product/{nothing}", "product/{product.nothing}", "A b", "{x", ""])
def test_a_tag_that_names_nothing_is_an_error_at_the_start(tag: str) -> None:
    with pytest.raises(TypeError):
        TagReader([tag], events_pb2.ProductUpdated.DESCRIPTOR)


def test_events_purge_what_they_tell_of() -> None:
    purges = purges_of_events()
    updated = events_pb2.ProductUpdated(product=catalog_pb2.Product(id="p1"))
    assert purges["product.updated"](updated.SerializeToString()) == {"products", "product/p1"}
    deleted = events_pb2.ProductDeleted(product_id="p1")
    assert purges["product.deleted"](deleted.SerializeToString()) == {"products", "product/p1"}
