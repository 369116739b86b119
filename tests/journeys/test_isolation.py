"""What is somebody else's is not there, over HTTP and on live connections."""

from tests.support.people import Admin, Json, Shop, Shopper, eventually, ok, refused
from tests.support.sockets import live

NOT_YOU = 4403
SESSION_ENDED = 4401


def inbox(who: Shopper) -> Json:
    """Somebody's notifications."""
    return ok(who.client.get("/api/notifications", params={"pageSize": 100}))


def types_in(page: Json) -> set[str]:
    """The types of the notifications of a page."""
    return {each["type"] for each in page["notifications"]}


def test_orders_of_others_are_not_found(
    admin: Admin, shopper: Shopper, another_shopper: Shopper
) -> None:
    order = shopper.buy_now((admin.add_product(quantity=5)["id"], 1))
    before = shopper.order(order["id"])
    stranger = another_shopper.client
    refused(stranger.get(f"/api/orders/{order['id']}"), 404, "NOT_FOUND")
    refused(stranger.delete(f"/api/orders/{order['id']}"), 404, "NOT_FOUND")
    refused(another_shopper.pay(order), 404, "NOT_FOUND")
    refused(admin.client.get(f"/api/orders/{order['id']}"), 404, "NOT_FOUND")
    assert ok(stranger.get("/api/orders")) == {"orders": [], "nextPageToken": "", "totalSize": 0}
    assert shopper.order(order["id"]) == before
    ok(shopper.pay(order), 201)


def test_payments_of_others_are_not_found(
    admin: Admin, shopper: Shopper, another_shopper: Shopper
) -> None:
    order = shopper.buy_now((admin.add_product(quantity=5)["id"], 1))
    payment = ok(shopper.pay(order), 201)["payment"]
    ok(shopper.client.get(f"/api/payments/{payment['id']}"))
    refused(another_shopper.client.get(f"/api/payments/{payment['id']}"), 404, "NOT_FOUND")
    refund = f"/api/payments/admin/{payment['id']}/refund"
    refused(another_shopper.client.post(refund, json={}), 403, "PERMISSION_DENIED")


def test_notifications_of_others_stay_unread(
    admin: Admin, shopper: Shopper, another_shopper: Shopper
) -> None:
    shopper.buy_now((admin.add_product(quantity=5)["id"], 1))
    page = eventually(lambda: inbox(shopper), lambda page: "order.created" in types_in(page))
    ids = [each["id"] for each in page["notifications"]]
    read = another_shopper.client.post("/api/notifications/read", json={"ids": ids})
    refused(read, 404, "NOT_FOUND")
    ok(another_shopper.client.post("/api/notifications/read", json={}))
    assert inbox(another_shopper)["totalSize"] == 0
    assert inbox(shopper)["unreadCount"] == page["unreadCount"] > 0
    assert ok(shopper.client.post("/api/notifications/read", json={"ids": ids}))["unreadCount"] == 0
    assert all(each["read"] for each in inbox(shopper)["notifications"])


def test_sessions_of_others_are_not_found(shopper: Shopper, another_shopper: Shopper) -> None:
    [session] = ok(shopper.client.get("/api/users/sessions"))["sessions"]
    answer = another_shopper.client.delete(f"/api/users/sessions/{session['id']}")
    refused(answer, 404, "NOT_FOUND")
    assert ok(shopper.client.get("/api/users/currentuser"))["currentUser"] == shopper.user


def test_a_guests_cart_is_known_by_its_cookie_only(
    shop: Shop, admin: Admin, guest: Shopper
) -> None:
    guest.put_in_cart(admin.add_product(quantity=5)["id"])
    with shop.visitor() as client:
        stranger = Shopper(client)
        assert stranger.cart()["items"] == []
        client.cookies.set("cart", guest.cart()["id"])
        assert stranger.cart()["items"] == []


def test_an_anonymous_socket_gets_what_is_public_only(
    shop: Shop, admin: Admin, shopper: Shopper
) -> None:
    with live(shop) as anonymous:
        assert anonymous.receive()["data"] == {"userId": None}
        order = shopper.buy_now((admin.add_product(quantity=5)["id"], 1))
        ok(shopper.pay(order), 201)
        shopper.order_when(order["id"], "completed")
        last = admin.add_product(quantity=1)
        anonymous.until("product.created", productId=last["id"])
        kinds = {message["type"] for message in anonymous.seen}
        assert kinds - {"ready"} <= {"product.created", "product.updated", "product.deleted"}


def test_a_socket_that_claims_to_be_somebody_else_is_closed(
    shop: Shop, admin: Admin, shopper: Shopper, another_shopper: Shopper
) -> None:
    victim = shopper.user["id"]
    order = shopper.buy_now((admin.add_product(quantity=5)["id"], 1))

    with live(shop, another_shopper, f"?userId={victim}") as by_address:
        assert by_address.close_code() == NOT_YOU
    with live(shop, another_shopper) as by_message:
        by_message.say(userId=victim)
        ok(shopper.pay(order), 201)
        assert by_message.close_code() == NOT_YOU
    with live(shop) as anonymous:
        anonymous.say(userId=victim)
        assert anonymous.close_code() == NOT_YOU

    for socket in (by_address, by_message, anonymous):
        assert any(
            message["type"] == "error" and message["reason"] == "PERMISSION_DENIED"
            for message in socket.seen
        )
        assert not any(order["id"] in str(message) for message in socket.seen)


def test_another_users_messages_do_not_come(
    shop: Shop, admin: Admin, shopper: Shopper, another_shopper: Shopper
) -> None:
    with live(shop, another_shopper, f"?userId={another_shopper.user['id']}") as socket:
        order = shopper.buy_now((admin.add_product(quantity=5)["id"], 1))
        own = another_shopper.buy_now((admin.add_product(quantity=5)["id"], 1))
        socket.until("order.created", orderId=own["id"])
        assert not any(order["id"] in str(message) for message in socket.seen)


def test_a_socket_is_authenticated_by_its_first_message(
    shop: Shop, admin: Admin, shopper: Shopper
) -> None:
    with live(shop) as socket:
        assert socket.receive()["data"] == {"userId": None}
        socket.say(type="auth", token=shopper.client.cookies["session"])
        socket.until("ready", userId=shopper.user["id"])
        order = shopper.buy_now((admin.add_product(quantity=5)["id"], 1))
        socket.until("order.created", orderId=order["id"])


def test_a_socket_with_a_forged_token_is_closed(shop: Shop, shopper: Shopper) -> None:
    head, payload, _ = shopper.client.cookies["session"].split(".")
    with live(shop) as socket:
        socket.say(type="auth", token=f"{head}.{payload}.{'A' * 86}")
        assert socket.close_code() == SESSION_ENDED


def test_resuming_replays_exactly_what_was_missed(
    shop: Shop, admin: Admin, shopper: Shopper
) -> None:
    things = [admin.add_product(quantity=5)["id"] for _ in range(3)]
    with live(shop, shopper) as socket, live(shop, shopper) as witness:
        first = shopper.buy_now((things[0], 1))
        last = socket.until("order.created", orderId=first["id"])
        witness.until("order.created", orderId=first["id"])
        socket_saw = len(witness.seen)

        # The one goes away while the other stays.
        socket.leave()
        for thing in things[1:]:
            order = shopper.buy_now((thing, 1))
            witness.until("order.created", orderId=order["id"])
        missed = [_message(message) for message in witness.seen[socket_saw:] if _is_own(message)]

    with live(shop, shopper) as again:
        again.until("ready")
        again.say(type="resume", id=last["id"])
        replayed = [again.until("order.created") for _ in things[1:]]
        after = shopper.buy_now((things[0], 1))
        again.until("order.created", orderId=after["id"])
        own = [_message(message) for message in again.seen if _is_own(message)]
    assert [_message(message) for message in replayed] == missed
    assert own[: len(missed)] == missed
    assert len(own) == len(missed) + 1


def test_a_signed_out_sessions_socket_is_closed(shop: Shop, shopper: Shopper) -> None:
    with live(shop, shopper) as socket, live(shop) as anonymous:
        socket.until("ready", userId=shopper.user["id"])
        assert shopper.client.post("/api/users/signout", json={}).status_code == 204
        assert socket.close_code() == SESSION_ENDED
        anonymous.say(type="ping")
        anonymous.until("pong")


def _is_own(message: Json) -> bool:
    return str(message["type"]).startswith(("order.", "payment.", "cart."))


def _message(message: Json) -> tuple[str, str]:
    return message["type"], message["data"]["orderId"]
