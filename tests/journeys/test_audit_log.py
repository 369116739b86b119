"""Who did what to whom, as admins see it over all services."""

from tests.support.people import Admin, Json, Shop, Shopper, eventually, ok, refused


def entries(admin: Admin, **filters: str) -> list[Json]:
    found = ok(admin.client.get("/api/admin/audit", params=filters))
    assert found["unreachable"] == []
    listed: list[Json] = found["entries"]
    return listed


def test_what_an_admin_does_is_listed_newest_first(
    shop: Shop, admin: Admin, shopper: Shopper
) -> None:
    thing = admin.add_product(quantity=3)
    order = shopper.buy_now((thing["id"], 1))
    ok(admin.client.post(f"/api/orders/admin/{order['id']}/cancel", json={"detail": "Broken."}))
    user = f"/api/users/admin/users/{shopper.user['id']}"
    answer = admin.client.post(f"{user}/role", json={"role": "admin"})
    ok(answer)
    refused(admin.client.post("/api/users/admin/users/nobody/block", json={}), 404, "NOT_FOUND")

    done = entries(admin, actor=admin.user["email"], pageSize="4")
    assert [(each["service"], each["action"], each["subjectId"]) for each in done] == [
        ("auth", "BlockUser", "nobody"),
        ("auth", "SetUserRole", shopper.user["id"]),
        ("orders", "CancelAnyOrder", order["id"]),
        ("catalog", "CreateProduct", thing["id"]),
    ]
    assert [each["outcome"] for each in done] == ["NOT_FOUND", "OK", "OK", "OK"]
    role = done[1]
    assert role["changes"] == [{"field": "role", "value": "ROLE_ADMIN"}]
    assert role["requestId"] == answer.headers["x-request-id"]
    assert (role["actorId"], role["address"]) == (admin.user["id"], "127.0.0.1")

    assert [each["action"] for each in entries(admin, subject=thing["id"])] == ["CreateProduct"]
    page = admin.client.get("/admin/audit", params={"subject": order["id"]}).text
    assert "CancelAnyOrder" in page
    assert "Broken." in page


def test_what_people_do_to_their_own_accounts_is_listed(admin: Admin, shopper: Shopper) -> None:
    passwords = {"currentPassword": "correct horse", "newPassword": "battery staple"}
    answer = shopper.client.post("/api/users/password", json=passwords)
    assert answer.status_code == 204
    [entry] = eventually(lambda: entries(admin, actor=shopper.user["id"]))
    assert (entry["action"], entry["subjectId"]) == ("ChangePassword", shopper.user["id"])
    assert entry["changes"] == []


def test_pages_lead_through_all_services(admin: Admin) -> None:
    for _ in range(2):
        admin.add_product(quantity=1)
        admin.client.post("/api/users/admin/users/nobody/block", json={})
    params = {"actor": admin.user["id"], "pageSize": "3"}
    first = ok(admin.client.get("/api/admin/audit", params=params))
    rest = ok(
        admin.client.get("/api/admin/audit", params={**params, "pageToken": first["nextPageToken"]})
    )
    listed = [*first["entries"], *rest["entries"]]
    assert len({each["id"] for each in listed}) == 6
    assert [each["at"] for each in listed] == sorted((each["at"] for each in listed), reverse=True)
    assert {each["service"] for each in listed[:4]} == {"auth", "catalog"}


def test_it_is_for_admins_alone(shopper: Shopper) -> None:
    refused(shopper.client.get("/api/admin/audit"), 403, "PERMISSION_DENIED")
