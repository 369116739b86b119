"""The pages as a process of their own."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest

from tests.support.otlp import receiving
from tests.support.running import free_port

pytestmark = pytest.mark.anyio

PATIENCE_SECONDS = 60
Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@asynccontextmanager
async def connected(**more: str) -> AsyncIterator[Connection]:
    """A connection to the pages of a gateway that is not there; with `more` settings."""
    port, ops = free_port(), free_port()
    settings = {"API_URL": "http://127.0.0.1:9", "PORT": str(port), "OPS_PORT": str(ops), **more}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "ui", env=os.environ | settings
    )
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            reader, writer = await _opened(port, process)
            yield reader, writer
            writer.close()
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def _opened(port: int, process: asyncio.subprocess.Process) -> Connection:
    while process.returncode is None:
        with suppress(ConnectionRefusedError):
            return await asyncio.open_connection("127.0.0.1", port)
        await asyncio.sleep(0.05)
    raise AssertionError(f"the pages ended with status {process.returncode}")


async def test_a_head_without_end_is_refused_as_the_gateway_does() -> None:
    async with connected() as (reader, writer):
        writer.write(b"GET /robots.txt HTTP/1.1\r\nHost: x\r\nX-Long: " + b"x" * 40_000)
        answer = await reader.read()
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert answer.endswith(b"The head of the request is too large.")


async def test_a_request_is_answered() -> None:
    async with connected() as (reader, writer):
        writer.write(b"GET /robots.txt HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        answer = await reader.read()
    assert answer.startswith(b"HTTP/1.1 200 ")


async def test_what_was_traced_last_is_exported_before_the_end() -> None:
    with receiving() as receiver:
        settings = {
            "OTEL_EXPORTER_OTLP_ENDPOINT": receiver.url,
            "OTEL_TRACES_SAMPLER_ARG": "1",
        }
        async with connected(**settings) as (reader, writer):
            writer.write(b"GET /?q=s3cret HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            await reader.read()
    spans = receiver.spans()
    [page] = [span for span in spans if span.kind == "server"]
    assert page.name == "GET /"
    asked = [span for span in spans if span.kind == "client"]
    assert asked
    assert {span.parent_id for span in asked} == {page.span_id}
    assert "s3cret" not in str(spans)
