"""What the API answers in these tests, in the contract's JSON."""

from typing import Any

Json = dict[str, Any]

AT = "2026-11-23T09:30:00Z"


def usd(amount_minor: int) -> Json:
    return {"amountMinor": amount_minor, "currency": "USD"}


def product(**changes: Any) -> Json:
    return {
        "id": "p1",
        "title": "Walnut pepper mill",
        "description": "It grinds.",
        "category": "Kitchen",
        "price": usd(4950),
        "userId": "a1",
        "quantity": 9,
        "available": 9,
        "version": 3,
        "detailsVersion": 2,
        "keywords": "",
        "imageUrl": "/media/products/k/640.webp",
        "images": [
            {"width": 320, "url": "/media/products/k/320.webp"},
            {"width": 640, "url": "/media/products/k/640.webp"},
        ],
        "createdAt": AT,
        **changes,
    }


def listing(*products: Json, next_token: str = "", **search: Any) -> Json:
    return {
        "products": list(products),
        "nextPageToken": next_token,
        "totalSize": len(products),
        "facets": {"categories": [{"category": "Kitchen", "count": len(products)}]},
        "search": {"correctedQuery": "", "anyWord": False, "suggestedCategories": [], **search},
    }


def cart(*items: Json) -> Json:
    quantity = sum(item["quantity"] for item in items)
    total = sum(item["subtotal"]["amountMinor"] for item in items)
    return {
        "cart": {
            "id": "c1",
            "items": list(items),
            "subtotal": usd(total) if items else None,
            "totalQuantity": quantity,
            "version": 2,
        }
    }


def cart_item(**changes: Any) -> Json:
    return {
        "productId": "p1",
        "title": "Walnut pepper mill",
        "price": usd(4950),
        "previousPrice": None,
        "quantity": 2,
        "available": 9,
        "imageUrl": "",
        "subtotal": usd(9900),
        **changes,
    }


def user(**changes: Any) -> Json:
    return {
        "id": "u1",
        "email": "mira@shop.example",
        "name": "Mira",
        "rightsChangedAt": None,
        "rightsChangedBy": "",
        "phone": "",
        "address": "Birch Lane 4",
        "role": "user",
        "isBlocked": False,
        "createdAt": AT,
        **changes,
    }


def order(status: str = "pending", **changes: Any) -> Json:
    return {
        "id": "o1",
        "userId": "u1",
        "userEmail": "mira@shop.example",
        "status": status,
        "items": [
            {"productId": "p1", "title": "Walnut pepper mill", "price": usd(4950), "quantity": 2}
        ],
        "total": usd(9900),
        "version": 1,
        "number": "4821-5539-0714",
        "cartId": "",
        "createdAt": AT,
        "expiresAt": "2026-11-23T09:45:00Z" if status == "pending" else None,
        "timeline": [{"at": AT, "type": "order.created", "detail": "Stock is reserved."}],
        **changes,
    }


def orders(*some: Json, next_token: str = "") -> Json:
    return {"orders": list(some), "nextPageToken": next_token, "totalSize": len(some)}


def payment_record(**changes: Any) -> Json:
    """A payment of 69.90 USD as admins see it; 20.00 went back."""
    record: Json = {
        "payment": {
            "id": "pay1",
            "orderId": "o1",
            "stripeId": "pi_1",
            "status": "succeeded",
            "amount": {"amountMinor": 6990, "currency": "USD"},
            "refunded": {"amountMinor": 2000, "currency": "USD"},
            "declineCode": "",
            "createdAt": "2026-11-23T12:00:00Z",
            "orderNumber": "4821-5539-0714",
        },
        "card": "pm_card_visa",
        "refundable": {"amountMinor": 4990, "currency": "USD"},
        "refunds": [
            {
                "id": "r1",
                "amount": {"amountMinor": 2000, "currency": "USD"},
                "status": "succeeded",
                "restock": False,
                "createdAt": "2026-11-23T13:00:00Z",
                "detail": "",
            }
        ],
    }
    return record | changes


def payment(**changes: Any) -> Json:
    return {
        "payment": {"id": "pay1", "orderId": "o1", "status": "succeeded"},
        "requiresAction": False,
        "clientSecret": "",
        "actionUrl": "",
        **changes,
    }


def stats() -> Json:
    return {
        "byStatus": [{"status": "completed", "count": 128}],
        "revenueByDay": [
            {"day": "2026-11-22", "revenue": usd(10_000), "orders": 2},
            {"day": "2026-11-23", "revenue": usd(5_000), "orders": 1},
        ],
        "bestSellers": [
            {"productId": "p1", "title": "Walnut pepper mill", "quantity": 7, "revenue": usd(34650)}
        ],
    }


def session(**changes: Any) -> Json:
    return {
        "id": "s1",
        "userAgent": "Firefox",
        "createdAt": AT,
        "lastUsedAt": AT,
        "expiresAt": AT,
        "isCurrent": True,
        **changes,
    }


def dead_letter(**changes: Any) -> Json:
    return {
        "id": "l1",
        "service": "cart",
        "group": "cart-product-created",
        "topic": "product.created",
        "eventId": "e1",
        "key": "p1",
        "eventJson": '{\n  "title": "<Mill>"\n}',
        "error": "ValueError: <no>",
        "attempts": 9,
        "failedAt": AT,
        "replayAt": None,
        "history": [
            {"at": AT, "error": "KeyError: first"},
            {"at": AT, "error": "ValueError: <no>"},
        ],
        **changes,
    }


def dead_letters(*letters: Json, **changes: Any) -> Json:
    return {
        "deadLetters": list(letters),
        "nextPageToken": "",
        "totalSize": len(letters),
        "unreachable": [],
        **changes,
    }


def process(service: str, **changes: Any) -> Json:
    return {
        "service": service,
        "version": "1.2.3",
        "host": "pod-1",
        "startedAt": AT,
        "isReady": True,
        "checks": [{"name": "mongodb", "state": "ok", "isRequired": True}],
        "settings": [
            {"name": "ORDER_LIFETIME", "value": "900s", "isHidden": False},
            {"name": "CLIENT_SECRET", "value": "", "isHidden": True},
        ],
        "logLevel": "INFO",
        "circuitBreakers": [{"name": "stripe", "state": "closed"}],
        "outboxes": [{"collection": "orders", "entries": 4, "oldestAt": AT}],
        "rejectedEvents": 1,
        "deadLetters": 2,
        "consumerLag": [{"group": "orders-payment-created", "topic": "t", "events": 7}],
        "unknown": [],
        **changes,
    }
