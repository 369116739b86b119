"""Bytes that are sent to every RPC of every service: each is answered with a status.

Never UNKNOWN or INTERNAL, no word of what went wrong inside, and no more memory each time. The same
bytes each time; the session `fuzz` sends many more.
"""

import os
from typing import Any

import grpc
import psutil
import pytest

from gateway.contract import Rpc
from tests.journeys.callers import Kind, channel_to, may_call, token_of
from tests.journeys.fuzzing import messages
from tests.journeys.test_roles import CALLS, ENDS_SESSION, Tokens
from tests.support.people import PATIENCE_SECONDS, Shop

CASES = int(os.environ.get("FUZZ_CASES", "1500"))
EACH = -(-CASES // len(CALLS))
RPCS_OF = {service: [rpc for rpc, each in CALLS if each == service] for _, service in CALLS}
# What a process may have grown by after it was sent the same for the second time.
GROWTH_BYTES = 16 * 1024 * 1024
# What tells of what is inside.
WORDS = ("Traceback", "Exception", "Error", ".py", "Errno", "mongo", "kafka", "<class", "object at")


@pytest.fixture(scope="module")
def tokens(shop: Shop) -> Tokens:
    """A token of each kind of caller."""
    return {kind: token_of(shop, kind) for kind in Kind}


@pytest.mark.parametrize("service", RPCS_OF)
def test_whatever_an_rpc_is_sent_it_answers_with_a_status(
    shop: Shop, tokens: Tokens, service: str
) -> None:
    process = psutil.Process(shop.ready["processes"][service]["pid"])
    sizes, wrong = [], []
    with channel_to(shop, service) as channel:
        for _ in range(2):
            for rpc in RPCS_OF[service]:
                kind = next(kind for kind in reversed(Kind) if may_call(kind, rpc))
                token = token_of(shop, kind) if rpc.method.name in ENDS_SESSION else tokens[kind]
                for sent in messages(rpc.request, EACH, rpc.path):
                    code, details = answer_to(channel, rpc, token, sent)
                    if is_wrong(code, details):
                        wrong.append((rpc.path, code.name, details[:200], sent[:80].hex()))
            sizes.append(process.memory_info().rss)
    assert wrong == []
    assert sizes[1] - sizes[0] < GROWTH_BYTES


def is_wrong(code: grpc.StatusCode, details: str) -> bool:
    """Whether an answer is none that a service gives, or tells of what is inside."""
    return code in {grpc.StatusCode.UNKNOWN, grpc.StatusCode.INTERNAL} or any(
        word.lower() in details.lower() for word in WORDS
    )


def answer_to(
    channel: grpc.Channel, rpc: Rpc, token: str, sent: bytes
) -> tuple[grpc.StatusCode, str]:
    """Status and details of a call with these bytes as its request."""
    options: dict[str, Any] = {
        "timeout": PATIENCE_SECONDS,
        "metadata": (("authorization", f"Bearer {token}"),),
    }
    bare: Any = channel  # typed for messages
    try:
        if rpc.method.server_streaming:
            stream = bare.unary_stream(rpc.path)(sent, **options)
            next(stream)
            stream.cancel()
        elif rpc.method.client_streaming:
            bare.stream_unary(rpc.path)(iter((sent, sent)), **options)
        else:
            bare.unary_unary(rpc.path)(sent, **options)
    except grpc.RpcError as error:
        failed: Any = error  # a failed call is its own error
        return failed.code(), failed.details() or ""
    return grpc.StatusCode.OK, ""
