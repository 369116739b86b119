"""Paying an order by card."""

import secrets
from datetime import UTC, datetime
from urllib.parse import urlsplit

import structlog
from starlette.responses import Response
from starlette.routing import Route

from ui.api.problems import ApiProblem, Json
from ui.http.policy import leading_to, stripe_policy
from ui.pages.endpoints import page
from ui.pages.forms import Form
from ui.pages.page_request import PageRequest
from ui.rendering import texts
from ui.storefront.cards import FIELDS, Card, CardRefused, payment_method
from ui.storefront.orders import get_order

log = structlog.get_logger(__name__)

_PENDING = "pending"


async def show_payment(request: PageRequest) -> Response:
    """The form to pay with."""
    await request.require_user()
    order, config = await _order_and_config(request)
    if order["status"] != _PENDING:
        return request.redirect(f"/orders/{order['id']}")
    return await _page_of(request, order, config, Form())


async def pay(request: PageRequest) -> Response:
    """Pay, or say why that did not work: the order can be paid again then."""
    order, config = await _order_and_config(request)
    typed = await request.typed(*FIELDS, "paymentMethodId", "key")
    method_id = typed["paymentMethodId"]
    if config["emulatorUrl"]:
        card = Card(**{name: typed[name] for name in FIELDS})
        kept = {"expiry": card.expiry}
        if errors := card.errors(datetime.now(UTC).date()):
            return await _page_of(request, order, config, Form(kept, errors), 400)
        try:
            method_id = await payment_method(
                request.site.new_emulator_client,
                config["emulatorUrl"],
                config["publishableKey"],
                card,
            )
        except CardRefused as refusal:
            return await _page_of(request, order, config, _card_form(refusal, kept), 402)
        except ApiProblem as problem:
            log.warning(
                "the card's form cannot reach Stripe's emulator",
                order_id=order["id"],
                request_id=request.request_id,
                error=repr(problem.__cause__ or problem),
            )
            form = Form(kept, message=texts.card_not_sent(request.request_id))
            return await _page_of(request, order, config, form, problem.status)
    payment = {"orderId": order["id"], "paymentMethodId": method_id}
    try:
        answer = await request.api.post("/api/payments", payment, key=typed["key"])
    except ApiProblem as problem:
        return await _refused(request, order, config, problem)
    return await _go_on(request, order, config, answer.body)


async def _go_on(request: PageRequest, order: Json, config: Json, body: Json) -> Response:
    """After a payment was taken: to the order, or by way of the shopper's bank."""
    here = f"/orders/{order['id']}"
    if not body["requiresAction"]:
        return request.redirect(f"{here}?paid=1")
    if urlsplit(body["actionUrl"]).scheme in {"http", "https"}:
        return request.redirect(body["actionUrl"])
    if _way(config) != "stripe":
        return request.redirect(here)
    return await request.render(
        "storefront/bank.html",
        headers={"Content-Security-Policy": stripe_policy()},
        order=order,
        publishable_key=config["publishableKey"],
        client_secret=body["clientSecret"],
    )


async def _refused(
    request: PageRequest, order: Json, config: Json, problem: ApiProblem
) -> Response:
    if problem.reason == "IDEMPOTENCY_KEY_REUSED":
        # The same page sent twice: what became of the first time is on the order's page.
        return request.redirect(f"/orders/{order['id']}")
    if problem.status >= 500 or problem.reason == "PAYMENT_IN_PROGRESS":
        # Money may have moved. What became of it is shown on the order's page, as soon as it is
        # known; the version tells news of this payment from older ones.
        return request.redirect(f"/orders/{order['id']}?paying={order['version']}")
    if problem.status not in {400, 402, 404, 409}:
        raise problem
    message = texts.refusal(problem.reason, problem.detail)
    if problem.reason == "CARD_DECLINED":
        message = f"{message} {texts.decline(problem.members.get('declineCode') or '')}"
        message += " Nothing was charged, and your order is still waiting for you."
    return await _page_of(request, order, config, Form(message=message), problem.status)


async def _page_of(
    request: PageRequest, order: Json, config: Json, form: Form, status: int = 200
) -> Response:
    """The page; a card's number and code never come back to it."""
    return await request.render(
        "storefront/pay.html",
        status,
        {"Content-Security-Policy": _policy(config)},
        order=order,
        form=form,
        way=_way(config),
        publishable_key=config["publishableKey"],
        key=secrets.token_urlsafe(),
    )


def _way(config: Json) -> str:
    """How a card is taken: by our own form for the emulator, by Stripe's, or not at all."""
    if config["emulatorUrl"]:
        return "emulator"
    return "stripe" if config["publishableKey"] else ""


def _policy(config: Json) -> str:
    if config["emulatorUrl"]:
        return leading_to(config["emulatorUrl"])
    return stripe_policy()


def _card_form(refusal: CardRefused, kept: dict[str, str]) -> Form:
    if refusal.field:
        return Form(kept, {refusal.field: refusal.message})
    return Form(kept, message=refusal.message or texts.OTHER_DECLINE)


async def _order_and_config(request: PageRequest) -> tuple[Json, Json]:
    order = await get_order(request)
    return order, await request.api.get("/api/payments/config")


ROUTES = [
    Route("/orders/{order_id}/pay", page(show_payment)),
    Route("/orders/{order_id}/pay", page(pay), methods=["POST"]),
]
