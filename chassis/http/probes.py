"""The small HTTP port for operators: /api/health, /api/ready, and /metrics."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import Any, NamedTuple

import orjson

from chassis.process import listen
from chassis.telemetry.metrics import Scrapes

Check = Callable[[], Awaitable[None]]
"""Raises where what it checks is not ready."""

_CHECK_SECONDS = 2.0
_READ_SECONDS = 5.0
_MOST_BYTES = 16 * 1024


class Answer(NamedTuple):
    """What a probe is told: the status, and an object for JSON."""

    status: HTTPStatus
    body: Mapping[str, Any]


class Probes:
    """The two probes.

    Health: the process answers. Ready: all `checks` pass; 503 names those that do not. What
    `reported` checks is named with them and may fail: calls are served without it.

    Args:
        name: The process.
        checks: What has to pass for the process to be ready; may grow and shrink.
        reported: What is reported with them, and may fail.
    """

    def __init__(
        self, name: str, checks: Mapping[str, Check], reported: Mapping[str, Check]
    ) -> None:
        self._name = name
        self._checks = checks
        self._reported = reported

    async def answer(self, method: str, path: str) -> Answer:
        """What is answered to a request."""
        probe = {"/api/health": self._health, "/api/ready": self._ready}.get(path)
        if probe is None:
            return Answer(HTTPStatus.NOT_FOUND, {"status": "there is no such probe"})
        if method not in {"GET", "HEAD"}:
            return Answer(HTTPStatus.METHOD_NOT_ALLOWED, {"status": "a probe is a GET"})
        return await probe()

    async def _health(self) -> Answer:
        return Answer(HTTPStatus.OK, {"status": "ok", "process": self._name})

    async def _ready(self) -> Answer:
        now = dict(self._checks)  # a start or a drain may change them meanwhile
        every = {**now, **self._reported}
        states = dict(zip(every, await asyncio.gather(*map(state_of, every.values())), strict=True))
        is_ready = all(states[each] == "ok" for each in now)
        return Answer(
            HTTPStatus.OK if is_ready else HTTPStatus.SERVICE_UNAVAILABLE,
            {"status": "ok" if is_ready else "unready", "process": self._name, "checks": states},
        )


async def state_of(check: Check) -> str:
    """`ok`, or the name of what `check` raised; a check has two seconds."""
    try:
        async with asyncio.timeout(_CHECK_SECONDS):
            await check()
    except Exception as error:  # noqa: BLE001 - whatever it is, it is not ready
        return type(error).__name__
    return "ok"


class OpsServer:
    """Serves probes and metrics until stopped: one answer for each connection.

    It is a few lines of HTTP, since the libraries of the gateway would take 4 MB of each service
    for these answers, and wake it each second.

    Args:
        probes: What probes are answered.
        scrapes: What Prometheus is answered; None where metrics are off.
        host: The address to listen on.
        port: The port.
    """

    def __init__(self, probes: Probes, scrapes: Scrapes | None, host: str, port: int) -> None:
        self._probes = probes
        self._scrapes = scrapes
        self._host = host
        self._port = port
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """Listen.

        Raises:
            StartError: The port is taken.
        """
        listener = listen("OPS_PORT", self._host, self._port, backlog=128)
        self._server = await asyncio.start_server(self.serve, sock=listener, limit=_MOST_BYTES)

    async def stop(self) -> None:
        """Listen no more."""
        if self._server is not None:
            self._server.close()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request, and close; at once where it is none, or does not come."""
        try:
            async with asyncio.timeout(_READ_SECONDS):
                head = await reader.readuntil(b"\r\n\r\n")
            method, target, rest = head.decode("latin-1").split(" ", 2)
            path = target.partition("?")[0]
            if self._scrapes is not None and (method, path) == ("GET", "/metrics"):
                content = await self._scrapes.answer(_accepted(rest))
                writer.write(_message(HTTPStatus.OK, *content, method))
            else:
                answer = await self._probes.answer(method, path)
                body = orjson.dumps(answer.body)
                writer.write(_message(answer.status, "application/json", body, method))
            await writer.drain()
        except (EOFError, TimeoutError, ConnectionError, ValueError, asyncio.LimitOverrunError):
            pass
        except asyncio.CancelledError:
            # The process ends. asyncio of Python 3.11 prints a traceback of one that is cancelled.
            pass
        finally:
            writer.close()


def _message(status: HTTPStatus, media_type: str, body: bytes, method: str) -> bytes:
    head = (
        f"HTTP/1.1 {status} {status.phrase}\r\n"
        f"content-type: {media_type}\r\ncontent-length: {len(body)}\r\n"
        "cache-control: no-store\r\nconnection: close\r\n"
    )
    if status == HTTPStatus.METHOD_NOT_ALLOWED:
        head += "allow: GET, HEAD\r\n"
    return f"{head}\r\n".encode() + (b"" if method == "HEAD" else body)


def _accepted(head: str) -> str:
    """The media types that a request's head says are accepted, as one header would."""
    headers = [line.partition(":") for line in head.splitlines()]
    return ",".join(value.strip() for name, _, value in headers if name.lower() == "accept")
