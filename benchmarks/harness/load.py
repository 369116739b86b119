"""An HTTP/1.1 client that asks as fast as it is answered, over connections that stay open.

Where wrk is on the PATH it asks instead, unless each connection has a script of its own. The
client here does no more than it must: it finds the status and the end of each answer, and looks at
the clock. `benchmarks/load_client.py` shows how far that reaches.
"""

import asyncio
import json
import re
import time
from collections.abc import Mapping, Sequence
from typing import cast
from urllib.parse import urlsplit

from benchmarks.harness import wrk
from benchmarks.harness.comparison import Sample, percentile

CONNECTIONS = 32
FEW = 3
PATIENCE_SECONDS = 30.0

_HEAD_END = b"\r\n\r\n"
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_WITHOUT_BODY = {204, 304}
_FIRST_FAILURE = 400


def generator() -> str:
    """What asks, for the record."""
    ours = f"an asyncio client, {CONNECTIONS} connections"
    return f"wrk, and where each connection asks its own by {ours}" if wrk.WRK else ours


class LoadError(Exception):
    """An answer was not what is measured."""


def request(
    url: str,
    *,
    method: str = "GET",
    body: object = None,
    cookies: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
) -> bytes:
    """The bytes of one request; `body` is sent as JSON."""
    parts = urlsplit(url)
    target = f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}"
    lines = [f"{method} {target} HTTP/1.1", f"host: {parts.netloc}"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    if cookies:
        lines.append(f"cookie: {'; '.join(f'{name}={value}' for name, value in cookies.items())}")
    content = b"" if body is None else json.dumps(body).encode()
    if body is not None:
        lines += ["content-type: application/json", f"content-length: {len(content)}"]
    return "\r\n".join([*lines, "", ""]).encode() + content


async def load(
    url: str,
    scripts: Sequence[Sequence[bytes]],
    seconds: float,
    *,
    connections: int = CONNECTIONS,
    unit: str = "requests",
    each: int = 1,
) -> Sample:
    """Ask for so many seconds.

    Args:
        url: The server; its path does not count.
        scripts: What connections ask, again and again: each takes one of these, in turn.
        seconds: For how long.
        connections: How many ask at the same time.
        unit: What is counted and timed.
        each: Of how many requests one such is made.

    Raises:
        LoadError: An answer was a failure, or none came.
    """
    is_in_turn = len(scripts) == 1 or all(len(script) == 1 for script in scripts)
    asked_before = 0
    if wrk.WRK and is_in_turn and each == 1:
        asked = [request for script in scripts for request in script]
        sample = await wrk.load(url, asked, seconds, connections)
        # What is under way at the end wrk does not count, which tells where there is little else.
        if sample.requests > FEW * connections:
            return sample
        asked_before = sample.requests
    parts = urlsplit(url)
    loop = asyncio.get_running_loop()
    began = time.perf_counter()
    clients = [
        _Connection(
            scripts[number % len(scripts)],
            number // len(scripts) * each,
            each,
            began + seconds,
        )
        for number in range(connections)
    ]
    try:
        for client in clients:
            await loop.create_connection(client.as_protocol, parts.hostname or "", parts.port or 80)
        async with asyncio.timeout(seconds + PATIENCE_SECONDS):
            await asyncio.gather(*(client.finished for client in clients))
    except TimeoutError:
        raise LoadError(f"{url} did not answer within {PATIENCE_SECONDS:g} s") from None
    finally:
        for client in clients:
            client.close()
    took = max(client.ended for client in clients) - began
    times = [time for client in clients for time in client.times]
    return Sample(
        {
            f"{unit}/s": len(times) / took,
            "p50 ms": percentile(times, 50) * 1000,
            "p99 ms": percentile(times, 99) * 1000,
        },
        len(times) + asked_before,
    )


class _Connection(asyncio.Protocol):
    """One connection: asks the next thing as soon as it has the whole answer to the last.

    Args:
        script: The requests, asked in turn.
        first: Where in the script it begins.
        counted: How many requests are counted and timed as one.
        until: When it stops, by `time.perf_counter`.
    """

    def __init__(self, script: Sequence[bytes], first: int, counted: int, until: float) -> None:
        self.times: list[float] = []
        self.ended = 0.0
        self.finished = asyncio.get_running_loop().create_future()
        self._script, self._next, self._counted, self._until = script, first, counted, until
        self._transport: asyncio.WriteTransport | None = None
        self._answered = 0
        self._asked_at = 0.0
        self._head = b""
        self._missing = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.WriteTransport", transport)
        self._asked_at = time.perf_counter()
        self._ask()

    def data_received(self, data: bytes) -> None:
        if self._missing:
            self._missing -= len(data)
        else:
            self._head += data
            end = self._head.find(_HEAD_END)
            if end < 0:
                return
            try:
                self._missing = _length(self._head, end) - (len(self._head) - end - 4)
            except LoadError as error:
                self._end(error)
                return
            self._head = b""
        if self._missing <= 0:
            self._answer()

    def connection_lost(self, error: Exception | None) -> None:
        self._end(LoadError(f"the connection was closed: {error or 'by the server'}"))

    def as_protocol(self) -> "_Connection":
        """This, as asyncio asks for it."""
        return self

    def close(self) -> None:
        """Leave."""
        if self._transport:
            self._transport.close()

    def _ask(self) -> None:
        assert self._transport
        self._transport.write(self._script[self._next % len(self._script)])
        self._next += 1

    def _answer(self) -> None:
        self._answered += 1
        if self._answered % self._counted == 0:
            now = time.perf_counter()
            self.times.append(now - self._asked_at)
            self._asked_at = now
            if now >= self._until:
                self._end(None)
                return
        self._ask()

    def _end(self, error: LoadError | None) -> None:
        if self.finished.done():
            return
        self.ended = time.perf_counter()
        if error:
            self.finished.set_exception(error)
        else:
            self.finished.set_result(None)


def _length(answer: bytes, end: int) -> int:
    """The length of the body whose head goes to `end`."""
    status = int(answer[9:12])
    if status >= _FIRST_FAILURE:
        raise LoadError(f"an answer was {answer[:2000].decode(errors='replace')}")
    if status in _WITHOUT_BODY:
        return 0
    found = _LENGTH.search(answer, 0, end)
    if not found:
        raise LoadError("an answer did not say its length")
    return int(found[1])
