"""The clients of the benchmarks find where answers and frames end, however they come in pieces."""

import asyncio
from typing import cast

import pytest

from benchmarks.harness.load import LoadError, _Connection, request
from benchmarks.harness.sockets import Socket


class Wire:
    """A transport that keeps what is written to it."""

    def __init__(self) -> None:
        self.written: list[bytes] = []

    def write(self, data: bytes) -> None:
        self.written.append(data)

    def as_transport(self) -> asyncio.WriteTransport:
        return cast("asyncio.WriteTransport", self)


ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"


@pytest.mark.anyio
@pytest.mark.parametrize("size", [1, 3, len(ANSWER)])
async def test_the_next_request_follows_a_whole_answer(size: int) -> None:
    wire, script = Wire(), [b"first", b"second"]
    connection = _Connection(script, 0, 1, float("inf"))
    connection.connection_made(wire.as_transport())
    for begin in range(0, len(ANSWER), size):
        assert wire.written == [b"first"]
        connection.data_received(ANSWER[begin : begin + size])
    assert wire.written == [b"first", b"second"]
    assert len(connection.times) == 1


@pytest.mark.anyio
async def test_a_flow_is_timed_as_one() -> None:
    connection = _Connection([b"add", b"check out"], 0, 2, 0.0)
    connection.connection_made(Wire().as_transport())
    connection.data_received(ANSWER)
    assert connection.times == []
    connection.data_received(ANSWER)
    assert len(connection.times) == 1
    assert await connection.finished is None


@pytest.mark.anyio
@pytest.mark.parametrize(
    "answer",
    [b"HTTP/1.1 503 Unavailable\r\ncontent-length: 0\r\n\r\n", b"HTTP/1.1 200 OK\r\n\r\n"],
)
async def test_what_is_no_success_of_a_known_length_is_not_measured(answer: bytes) -> None:
    connection = _Connection([b"x"], 0, 1, float("inf"))
    connection.connection_made(Wire().as_transport())
    connection.data_received(answer)
    with pytest.raises(LoadError):
        await connection.finished


@pytest.mark.anyio
@pytest.mark.parametrize("size", [1, 7, 1000])
async def test_texts_are_counted_and_pings_answered(size: int) -> None:
    wire, socket = Wire(), Socket()
    socket.connection_made(wire.as_transport())
    long = b"\x81\x7e" + (300).to_bytes(2, "big") + b"x" * 300
    stream = b"HTTP/1.1 101 Switching Protocols\r\n\r\n" + b"\x81\x02hi" + b"\x89\x01p" + long
    for begin in range(0, len(stream), size):
        socket.data_received(stream[begin : begin + size])
    assert socket.opened.done()
    assert socket.texts == 2
    assert wire.written == [b"\x8a\x81\x00\x00\x00\x00p"]


def test_a_request_says_all_that_is_sent() -> None:
    sent = request(
        "http://127.0.0.1:80/a?b=c", method="POST", body={"x": 1}, cookies={"session": "t"}
    )
    head, _, body = sent.partition(b"\r\n\r\n")
    assert body == b'{"x": 1}'
    assert head.splitlines() == [
        b"POST /a?b=c HTTP/1.1",
        b"host: 127.0.0.1:80",
        b"cookie: session=t",
        b"content-type: application/json",
        b"content-length: 8",
    ]
