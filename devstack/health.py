"""Questions that show whether a server answers, each asked in the server's own protocol.

A check returns None when the server is well, or else the reason, for the person who waits. The
checks speak the few bytes they need themselves: importing five client libraries would take
longer than the servers take to start.
"""

import asyncio
import re
import struct
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from devstack.ports import LOOPBACK

Check = Callable[[], Coroutine[Any, Any, str | None]]

ANSWER_SECONDS = 3.0
KAFKA_METADATA, KAFKA_METADATA_VERSION = 3, 1
MONGO_OP_MSG = 2013
# As clients send commands; the shorter inline form is for people, and not every server knows it.
REDIS_PING = b"*1\r\n$4\r\nPING\r\n"


def http(port: int, path: str) -> Check:
    """Well when GET `path` on the loopback `port` answers 200."""
    return _get(port, path, "200")


def s3(port: int) -> Check:
    """Well when it refuses a request without a signature, as rclone does by 400."""
    return _get(port, "/", "400")


def redis(port: int) -> Check:
    """Well when PING is answered by PONG, which a server still loading its data does not do."""

    async def check() -> str | None:
        answer = await _ask(LOOPBACK, port, REDIS_PING, until=lambda got: got.endswith(b"\r\n"))
        return None if answer == b"+PONG\r\n" else f"PING answers {answer.decode().strip()}"

    return _patient(check)


def mongo(port: int) -> Check:
    """Well when `ping` is answered with `ok: 1`; the stand-in does not know `hello`."""
    command = _bson(b"\x10ping\x00\x01\x00\x00\x00" + b"\x02$db\x00\x06\x00\x00\x00admin\x00")
    message = struct.pack("<I", 0) + b"\x00" + command
    question = struct.pack("<iiii", 16 + len(message), 1, 0, MONGO_OP_MSG) + message

    async def check() -> str | None:
        answer = await _ask(LOOPBACK, port, question, until=_whole("<i", counts_itself=True))
        ok = b"\x01ok\x00" + struct.pack("<d", 1.0)
        return None if ok in answer else "ping is not answered with ok: 1"

    return _patient(check)


def kafka(port: int) -> Check:
    """Well when the broker's metadata names a broker."""
    client = b"devstack"
    header = struct.pack(">hhih", KAFKA_METADATA, KAFKA_METADATA_VERSION, 1, len(client)) + client
    body = struct.pack(">i", 0)  # of no topic
    question = struct.pack(">i", len(header) + len(body)) + header + body

    async def check() -> str | None:
        answer = await _ask(LOOPBACK, port, question, until=_whole(">i", counts_itself=False))
        (brokers,) = struct.unpack_from(">i", answer, 8)
        return None if brokers else "its metadata names no broker yet"

    return _patient(check)


def reachable(addresses: Sequence[tuple[str, int]]) -> Check:
    """Well when one of the host and port pairs accepts a connection."""

    async def check() -> str | None:
        refused: OSError | None = None
        for host, port in addresses:
            try:
                async with asyncio.timeout(ANSWER_SECONDS):
                    _, writer = await asyncio.open_connection(host, port)
                writer.close()
            except OSError as error:
                refused = error
            else:
                return None
        return str(refused) if refused else None

    return _patient(check)


def all_of(checks: Sequence[Check]) -> Check:
    """Well when every one of `checks` is."""

    async def check() -> str | None:
        for each in checks:
            if reason := await each():
                return reason
        return None

    return check


def _get(port: int, path: str, wanted: str) -> Check:
    lines = [f"GET {path} HTTP/1.1", f"host: {LOOPBACK}:{port}", "connection: close", "", ""]
    request = "\r\n".join(lines)

    async def check() -> str | None:
        answer = (await _ask(LOOPBACK, port, request.encode(), _is_whole)).decode(
            "utf-8", "replace"
        )
        head, _, body = answer.partition("\r\n\r\n")
        status = head.split(" ", 2)[1] if head.startswith("HTTP/") else "no HTTP"
        if status == wanted:
            return None
        return f"GET {path} answers {status} {' '.join(body.split())[:300]}".rstrip()

    return _patient(check)


def _patient(check: Check) -> Check:
    """`check`, with a server that does not answer yet as a reason instead of an error."""

    async def patient() -> str | None:
        try:
            return await check()
        except TimeoutError:
            return f"no answer in {ANSWER_SECONDS:g} s"
        except ConnectionRefusedError:
            return "nothing listens yet"
        except OSError as error:
            return str(error)

    return patient


async def _ask(
    host: str, port: int, question: bytes, until: Callable[[bytes], bool] | None = None
) -> bytes:
    """Send `question`; the answer up to where `until` finds it whole, or to the end."""
    async with asyncio.timeout(ANSWER_SECONDS):
        reader, writer = await asyncio.open_connection(host, port)
        try:
            writer.write(question)
            answer = b""
            while until is None or not until(answer):
                chunk = await reader.read(65536)
                if not chunk and until is None:
                    break
                if not chunk:
                    raise ConnectionResetError("the connection was closed before an answer")
                answer += chunk
            return answer
        finally:
            writer.close()


def _is_whole(got: bytes) -> bool:
    """Whether an answer of HTTP is all there; Zipkin closes no connection when it is asked to."""
    head, end, body = got.partition(b"\r\n\r\n")
    length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
    return bool(end) and (length is None or len(body) >= int(length[1]))


def _whole(length_format: str, *, counts_itself: bool) -> Callable[[bytes], bool]:
    """Whether an answer that begins with its own length is all there."""
    size = struct.calcsize(length_format)

    def whole(got: bytes) -> bool:
        if len(got) < size:
            return False
        length: int = struct.unpack_from(length_format, got)[0]
        return len(got) >= (length if counts_itself else length + size)

    return whole


def _bson(elements: bytes) -> bytes:
    return struct.pack("<i", 4 + len(elements) + 1) + elements + b"\x00"
