"""The emulator as a process, a webhook endpoint, and Stripe's own library as the client."""

import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import httpx
import pytest
import stripe

if TYPE_CHECKING:
    from stripe.params import PaymentIntentCreateParams

SECRET = "whsec_contract"
PATIENCE = 20.0


@dataclass
class Emulator:
    """The process, which can be killed and started again on the same port and file."""

    data: Path
    arguments: list[str]
    port: int = 0
    process: subprocess.Popen[str] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        command = [sys.executable, "-m", "devstack.stripe_emulator", "--data", str(self.data)]
        self.process = subprocess.Popen(
            [*command, "--port", str(self.port), *self.arguments],
            env=os.environ | {"STRIPE_WEBHOOK_SECRET": SECRET},
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stderr is not None
        line = self.process.stderr.readline()
        assert "listening on" in line, line + self.process.stderr.read()
        self.port = int(line.rpartition(":")[2])

    def switch_on(self, **fault: object) -> None:
        httpx.post(f"{self.url}/_emulator/faults", json=fault).raise_for_status()

    def pass_challenge(self, intent_id: str) -> None:
        httpx.post(f"{self.url}/_emulator/3ds/{intent_id}/complete").raise_for_status()

    def fail_refund(self, refund_id: str) -> None:
        httpx.post(f"{self.url}/_emulator/refunds/{refund_id}/failed").raise_for_status()

    def net_charges(self, order_id: str) -> list[int]:
        wanted = {"metadata[order_id]": order_id}
        answer = httpx.get(f"{self.url}/_emulator/charges", params=wanted)
        return [entry["net"] for entry in answer.json()["data"]]

    def stop(self, with_signal: signal.Signals = signal.SIGTERM) -> int:
        assert self.process is not None
        self.process.send_signal(with_signal)
        self.process.communicate(timeout=PATIENCE)
        return self.process.returncode


class Receiver(BaseHTTPRequestHandler):
    """A webhook endpoint that refuses an event of some types once, and takes the others."""

    events: "queue.Queue[stripe.Event]" = queue.Queue()
    refusals: ClassVar[dict[str, int]] = {}

    def do_POST(self) -> None:
        payload = self.rfile.read(int(self.headers["Content-Length"]))
        event = stripe.Webhook.construct_event(payload, self.headers["Stripe-Signature"], SECRET)
        self.events.put(event)
        self.send_response(self.refusals.pop(event.type, 200))
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - inherited
        pass


@pytest.fixture(scope="module")
def webhook_url() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Receiver) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/webhook"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory, webhook_url: str) -> Iterator[Emulator]:
    data = tmp_path_factory.mktemp("stripe") / "stripe.db"
    started = Emulator(data, ["--webhook-url", webhook_url])
    started.start()
    yield started
    started.stop()


@pytest.fixture
async def client(emulator: Emulator) -> AsyncIterator[stripe.StripeClient]:
    http = stripe.HTTPXClient(timeout=PATIENCE)
    yield stripe.StripeClient(
        "sk_test_contract", base_addresses={"api": emulator.url}, http_client=http
    )
    await http.close_async()  # type: ignore[no-untyped-call]  # the library's own gap


@pytest.fixture
def refuse_once() -> Callable[[str], None]:
    """Has the webhook endpoint refuse the next event of a type."""

    def refuse(event_type: str) -> None:
        Receiver.refusals[event_type] = 500

    return refuse


@pytest.fixture
def arrival() -> Callable[[str, str], stripe.Event]:
    """Waits for a webhook of a type about the object with an id."""

    def wait(event_type: str, about: str) -> stripe.Event:
        while True:
            event = Receiver.events.get(timeout=PATIENCE)
            if (event.type, event.data.object["id"]) == (event_type, about):
                return event

    return wait


@pytest.fixture
def order() -> "Callable[..., PaymentIntentCreateParams]":
    """The form of a card payment that is confirmed at once; keywords become metadata."""

    def form(method: str, **metadata: str) -> "PaymentIntentCreateParams":
        return {
            "amount": 1999,
            "currency": "usd",
            "confirm": True,
            "payment_method": method,
            "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
            "metadata": metadata,
        }

    return form
