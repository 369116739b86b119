"""The 3-D Secure page: where a person passes or fails the bank's challenge."""

from dataclasses import dataclass
from html import escape
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from .confirmation import authenticate
from .executor import NO_REQUEST, Executor
from .money import shown
from .shapes import JsonObject

PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>3-D Secure</title>
<style>
body {{ font: 1rem/1.5 system-ui, sans-serif; max-width: 26rem; margin: 4rem auto }}
button {{ font: inherit; padding: .6rem 1.2rem; margin: 0 .5rem .5rem 0; cursor: pointer }}
</style>
</head>
<body>
<main>
<h1>3-D Secure</h1>
{content}
</main>
</body>
</html>
"""
QUESTION = """<p>Your bank wants to know whether it is you who pays <strong>{amount}</strong>.
This is the Stripe emulator: no money moves.</p>
<form method="post">
<input type="hidden" name="client_secret" value="{secret}">
<button name="outcome" value="complete">Complete authentication</button>
<button name="outcome" value="fail">Fail authentication</button>
</form>
"""
HEADERS = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}


@dataclass(frozen=True)
class ChallengePage:
    """GET shows the question, POST takes the answer and sends the browser back to the shop."""

    executor: Executor

    def routes(self) -> list[Route]:
        """The page and its form."""
        return [
            Route("/3ds/{id}", self.ask),
            Route("/3ds/{id}", self.answer, methods=["POST"]),
        ]

    async def ask(self, request: Request) -> Response:
        """Show the challenge of an intent that has one open."""
        intent = self._intent(request, request.query_params.get("client_secret"))
        if intent is None:
            return _page("<p>There is no such payment.</p>", 404)
        if intent["status"] != "requires_action":
            return _page("<p>There is nothing left to authenticate.</p>", 200)
        amount = shown(intent["amount"], intent["currency"])
        return _page(QUESTION.format(amount=amount, secret=escape(intent["client_secret"])), 200)

    async def answer(self, request: Request) -> Response:
        """Pass or fail, then go to the `return_url` if the intent has one."""
        form = dict(parse_qsl((await request.body()).decode(errors="replace")))
        intent = self._intent(request, form.get("client_secret"))
        if intent is None:
            return _page("<p>There is no such payment.</p>", 404)
        if intent["status"] != "requires_action":
            return _page("<p>There is nothing left to authenticate.</p>", 409)
        action = intent["next_action"]
        passed = form.get("outcome") == "complete"
        self.executor.run(
            lambda ledger: authenticate(ledger, intent["id"], passed=passed), NO_REQUEST
        )
        after = self.executor.store.get(intent["id"]) or intent
        paid = after["status"] in {"succeeded", "processing", "requires_capture"}
        if action["type"] == "redirect_to_url":
            back = _back(action["redirect_to_url"]["return_url"], after, paid=paid)
            return RedirectResponse(back, 303, HEADERS)
        text = "The payment went through." if paid else "The payment did not go through."
        return _page(f"<p>{text} You can close this page.</p>", 200)

    def _intent(self, request: Request, secret: str | None) -> JsonObject | None:
        intent = self.executor.store.get(request.path_params["id"])
        if intent is None or intent.get("client_secret") != secret or secret is None:
            return None
        return intent


def _page(content: str, status: int) -> Response:
    return HTMLResponse(PAGE.format(content=content), status, HEADERS)


def _back(return_url: str, intent: JsonObject, *, paid: bool) -> str:
    """The shop's URL with what Stripe appends to it."""
    outcome = {
        "payment_intent": intent["id"],
        "payment_intent_client_secret": intent["client_secret"],
        "redirect_status": "succeeded" if paid else "failed",
    }
    parts = urlsplit(return_url)
    query = "&".join(filter(None, (parts.query, urlencode(outcome))))
    return urlunsplit(parts._replace(query=query))
