"""The emulator's own endpoints, for tests and for its supervisor."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from . import refunds
from .balance import net_charges
from .confirmation import authenticate, settle
from .errors import ApiError
from .executor import NO_REQUEST, Executor, Reply
from .faults import BadFaultError, Fault, Faults
from .forms import nest, pairs
from .ledger import Ledger
from .params import Params
from .shapes import JsonObject

Answer = Callable[[Ledger, str], JsonObject]
Endpoint = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True)
class Controls:
    """Everything under /_emulator, and /health. None of it asks for a key."""

    executor: Executor
    faults: Faults

    def routes(self) -> list[Route]:
        """The table of the controls."""
        return [
            Route("/health", self.health),
            Route("/_emulator/faults", self.add_fault, methods=["POST"]),
            Route("/_emulator/faults", self.list_faults),
            Route("/_emulator/faults", self.clear_faults, methods=["DELETE"]),
            Route("/_emulator/charges", self.charges),
            Route("/_emulator/webhooks", self.webhooks),
            *(
                Route(f"/_emulator/{path}", self._answering(answer), methods=["POST"])
                for path, answer in ANSWERS.items()
            ),
        ]

    async def health(self, _: Request) -> Response:
        """200 as soon as requests are served."""
        return JSONResponse({"status": "ok"})

    async def add_fault(self, request: Request) -> Response:
        """Switch a fault on (see `faults.Fault`); answers with all that are on."""
        try:
            self.faults.add(Fault.read(json.loads(await request.body())))
        except (json.JSONDecodeError, UnicodeDecodeError, BadFaultError) as error:
            return JSONResponse({"error": {"message": str(error)}}, 400)
        return await self.list_faults(request)

    async def list_faults(self, _: Request) -> Response:
        """What is switched on."""
        return JSONResponse({"data": self.faults.listed()})

    async def clear_faults(self, request: Request) -> Response:
        """Switch everything off."""
        self.faults.clear()
        return await self.list_faults(request)

    async def charges(self, request: Request) -> Response:
        """Net charges per order; `?metadata[order_id]=o1` narrows them down."""
        try:
            wanted = Params(nest(pairs(request.url.query))).only("metadata").metadata({})
        except ApiError as error:
            return _json(Reply.refusing(error))
        found = [
            entry
            for entry in net_charges(self.executor.store)
            if wanted.items() <= entry["metadata"].items()
        ]
        return JSONResponse({"data": found, "net": sum(entry["net"] for entry in found)})

    async def webhooks(self, _: Request) -> Response:
        """How many deliveries wait, arrived, or were given up."""
        return JSONResponse(self.executor.store.delivery_counts())

    def _answering(self, answer: Answer) -> Endpoint:
        async def handle(request: Request) -> Response:
            object_id = request.path_params["id"]
            try:
                reply = self.executor.run(lambda ledger: answer(ledger, object_id), NO_REQUEST)
            except ApiError as error:
                reply = Reply.refusing(error)
            return _json(reply)

        return handle


def _json(reply: Reply) -> Response:
    return Response(reply.body, reply.status, media_type="application/json")


# What a shopper (3-D Secure) or a bank (an intent that is `processing`, a refund) answers in the
# end.
ANSWERS: dict[str, Answer] = {
    "3ds/{id}/complete": partial(authenticate, passed=True),
    "3ds/{id}/fail": partial(authenticate, passed=False),
    "settle/{id}/succeeded": partial(settle, paid=True),
    "settle/{id}/failed": partial(settle, paid=False),
    "refunds/{id}/succeeded": partial(refunds.settle, arrived=True),
    "refunds/{id}/failed": partial(refunds.settle, arrived=False),
}
