"""The port ImageStore on MinIO, or any other S3.

A picture is the objects `products/<key>/<width>.webp`. The middle width is written last: where it
is, the others are. The library blocks, so it works in threads; and as it takes a while to load,
it is loaded when the first picture is asked for.
"""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import cached_property
from io import BytesIO
from typing import TYPE_CHECKING, ParamSpec, TypeVar
from urllib.parse import urlsplit

import structlog

from chassis.errors import Unavailable
from chassis.resilience.circuit_breakers import PATIENCE_SECONDS, CircuitOpen, NewBreaker
from chassis.rpc.deadline import shortened
from svc_catalog.model.pictures import WIDTHS

if TYPE_CHECKING:
    from minio import Minio

log = structlog.get_logger(__name__)

P = ParamSpec("P")
T = TypeVar("T")

CONNECT_SECONDS = 2.0
READ_SECONDS = 10.0
PROBE_SECONDS = 2.0
# An attempt, and another one.
LONGEST_SECONDS = 2 * (CONNECT_SECONDS + READ_SECONDS)
_LAST = WIDTHS[1]
_AWAY = "The pictures cannot be reached."


class MinioImageStore:
    """Pictures in a bucket, which is made when the first picture comes.

    Args:
        url: Of the S3 server, such as `http://minio:9000`.
        access_key: Of an account that may make the bucket and write to it.
        secret_key: The account's secret.
        bucket: The bucket's name.
        breaker: Makes the circuit breaker of the server; None for none.
    """

    def __init__(
        self,
        url: str,
        access_key: str,
        secret_key: str,
        bucket: str,
        breaker: NewBreaker | None = None,
    ) -> None:
        self._url = urlsplit(url)
        self._access_key = access_key
        self._secret_key = secret_key
        self._bucket = bucket
        self._has_bucket = False
        self._breaker = breaker(self._probe) if breaker is not None else None

    async def exists(self, key: str) -> bool:
        """See ImageStore."""
        try:
            await self._ask(self._stat, _name(key, f"{_LAST}.webp"))
        except _MissingError:
            return False
        return True

    async def put(self, key: str, files: Mapping[int, bytes]) -> None:
        """See ImageStore."""
        await self._make_bucket()
        for width in sorted(files, key=lambda each: each == _LAST):
            await self._ask(self._put, _name(key, f"{width}.webp"), files[width])

    async def get(self, key: str, file: str) -> bytes | None:
        """See ImageStore."""
        try:
            return await self._ask(self._read, _name(key, file))
        except _MissingError:
            return None

    async def _make_bucket(self) -> None:
        if self._has_bucket:
            return
        try:
            self._has_bucket = await self._ask(self._look_for_bucket)
        except _MissingError:
            self._has_bucket = False
        if not self._has_bucket:
            with suppress(_ConflictError):  # another replica was faster
                await self._ask(self._new_bucket)
            self._has_bucket = True

    async def _ask(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """What `work` returns in a thread.

        A call that is being served ends before its time is over: it was not this process that did
        not answer.

        Raises:
            Unavailable: The server cannot be reached.
        """
        seconds = shortened(LONGEST_SECONDS)

        async def in_time() -> T:
            async with asyncio.timeout(seconds):
                return await _in_thread(work, *args, **kwargs)

        def is_unanswered(error: Exception) -> bool:
            if isinstance(error, TimeoutError):
                return seconds >= PATIENCE_SECONDS
            return isinstance(error, _UnansweredError)

        try:
            if self._breaker is None:
                return await in_time()
            return await self._breaker.call(in_time, is_unanswered)
        except (TimeoutError, CircuitOpen, _UnansweredError) as error:
            raise Unavailable(_AWAY) from error

    async def _probe(self) -> None:
        probing = self._connected(PROBE_SECONDS, 0)
        try:
            await _in_thread(probing.bucket_exists, self._bucket)
        except _UnansweredError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it says, it has answered
            log.debug("s3 answers", error=repr(error))

    @cached_property
    def _client(self) -> "Minio":
        return self._connected(READ_SECONDS, 1)

    def _connected(self, read_seconds: float, retries: int) -> "Minio":
        import urllib3
        from minio import Minio

        return Minio(
            self._url.netloc,
            access_key=self._access_key,
            secret_key=self._secret_key,
            secure=self._url.scheme == "https",
            # Its own would go on trying for minutes.
            http_client=urllib3.PoolManager(
                timeout=urllib3.Timeout(connect=CONNECT_SECONDS, read=read_seconds),
                retries=urllib3.Retry(total=retries, backoff_factor=0.1, redirect=0),
                maxsize=10,
            ),
        )

    def _look_for_bucket(self) -> bool:
        return self._client.bucket_exists(self._bucket)

    def _new_bucket(self) -> None:
        self._client.make_bucket(self._bucket)

    def _stat(self, name: str) -> object:
        return self._client.stat_object(self._bucket, name)

    def _put(self, name: str, data: bytes) -> None:
        self._client.put_object(
            self._bucket, name, BytesIO(data), len(data), content_type="image/webp"
        )

    def _read(self, name: str) -> bytes:
        response = self._client.get_object(self._bucket, name)
        try:
            return response.read()
        finally:
            response.close()
            response.release_conn()


class _MissingError(Exception):
    """The bucket or the object is not there."""


class _UnansweredError(Exception):
    """The server does not answer."""


class _ConflictError(Exception):
    """It is there already."""


async def _in_thread(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    from minio.error import InvalidResponseError, S3Error, ServerError
    from urllib3.exceptions import HTTPError

    try:
        return await asyncio.to_thread(work, *args, **kwargs)
    except HTTPError as error:
        raise _UnansweredError from error
    except ServerError as error:
        raise Unavailable(_AWAY) from error
    except S3Error as error:
        _raise_meaning(error.response.status, error)
        raise
    except InvalidResponseError as error:
        # An error that is not worded as S3 does it; the library tells its status nowhere else.
        _raise_meaning(error._code, error)  # noqa: SLF001
        raise


def _raise_meaning(status: int, error: Exception) -> None:
    match status:
        case 404:
            raise _MissingError from error
        case 409:
            raise _ConflictError from error
        case _ if status >= 500:
            raise Unavailable(_AWAY) from error


def _name(key: str, file: str) -> str:
    return f"products/{key}/{file}"
