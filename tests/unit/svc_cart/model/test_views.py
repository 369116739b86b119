"""What a shopper sees."""

from svc_cart.model.cart import Shopper
from svc_cart.model.products import Product
from svc_cart.model.views import view
from tests.unit.svc_cart.samples import cart, line, product, usd


def test_lines_have_what_is_true_now() -> None:
    seen = view(
        cart(line("lamp", 2, 900), line("vase", 1), version=3),
        {"lamp": product("lamp", title="New lamp"), "vase": product("vase", available=1)},
        "USD",
    )
    lamp, vase = seen.items
    assert (lamp.title, lamp.price, lamp.previous_price) == ("New lamp", usd(1000), usd(900))
    assert lamp.subtotal == usd(2000)
    assert (vase.previous_price, vase.available, vase.image_url) == (None, 1, "/media/vase")
    assert (seen.subtotal, seen.total_quantity, seen.version) == (usd(3000), 3, 3)
    assert seen.id == "c1"


def test_what_can_not_be_bought_is_shown_but_not_summed() -> None:
    seen = view(
        cart(line("lamp", 2), line("vase", 1), line("rug", 1), line("ghost", 1), version=1),
        {
            "lamp": product("lamp", available=1),
            "vase": product("vase", deleted=True),
            "rug": Product("rug", version=4, deleted=True),
        },
        "USD",
    )
    assert [item.available for item in seen.items] == [1, 0, 0, 0]
    assert [item.title for item in seen.items] == ["Lamp", "Vase", "", ""]
    assert [item.price for item in seen.items] == [usd(1000)] * 4
    assert (seen.subtotal, seen.total_quantity) == (usd(0), 5)


def test_a_cart_that_was_never_written_has_no_id() -> None:
    seen = view(cart(), {}, "USD")
    assert (seen.id, seen.subtotal) == ("", usd(0))


def test_a_guest_id_is_not_to_be_read_from_the_owner() -> None:
    assert Shopper("u1", "secret").owner == "user:u1"
    owner = Shopper(guest_id="secret").owner
    assert owner.startswith("guest:")
    assert "secret" not in owner
    assert not Shopper().owner
