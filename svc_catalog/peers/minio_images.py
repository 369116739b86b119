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

from chassis.errors import Unavailable
from svc_catalog.model.pictures import WIDTHS

if TYPE_CHECKING:
    from minio import Minio

P = ParamSpec("P")
T = TypeVar("T")

CONNECT_SECONDS = 2.0
READ_SECONDS = 10.0
_LAST = WIDTHS[1]
_AWAY = "The pictures cannot be reached."


class MinioImageStore:
    """Pictures in a bucket, which is made when the first picture comes.

    Args:
        url: Of the S3 server, such as `http://minio:9000`.
        access_key: Of an account that may make the bucket and write to it.
        secret_key: The account's secret.
        bucket: The bucket's name.
    """

    def __init__(self, url: str, access_key: str, secret_key: str, bucket: str) -> None:
        self._url = urlsplit(url)
        self._access_key = access_key
        self._secret_key = secret_key
        self._bucket = bucket
        self._has_bucket = False

    async def exists(self, key: str) -> bool:
        """See ImageStore."""
        try:
            await _in_thread(self._stat, _name(key, f"{_LAST}.webp"))
        except _MissingError:
            return False
        return True

    async def put(self, key: str, files: Mapping[int, bytes]) -> None:
        """See ImageStore."""
        await self._make_bucket()
        for width in sorted(files, key=lambda each: each == _LAST):
            await _in_thread(self._put, _name(key, f"{width}.webp"), files[width])

    async def get(self, key: str, file: str) -> bytes | None:
        """See ImageStore."""
        try:
            return await _in_thread(self._read, _name(key, file))
        except _MissingError:
            return None

    async def _make_bucket(self) -> None:
        if self._has_bucket:
            return
        try:
            self._has_bucket = await _in_thread(self._look_for_bucket)
        except _MissingError:
            self._has_bucket = False
        if not self._has_bucket:
            with suppress(_ConflictError):  # another replica was faster
                await _in_thread(self._new_bucket)
            self._has_bucket = True

    @cached_property
    def _client(self) -> "Minio":
        import urllib3
        from minio import Minio

        return Minio(
            self._url.netloc,
            access_key=self._access_key,
            secret_key=self._secret_key,
            secure=self._url.scheme == "https",
            # Its own would go on trying for minutes.
            http_client=urllib3.PoolManager(
                timeout=urllib3.Timeout(connect=CONNECT_SECONDS, read=READ_SECONDS),
                retries=urllib3.Retry(total=1, backoff_factor=0.1, redirect=0),
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


class _ConflictError(Exception):
    """It is there already."""


async def _in_thread(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    from minio.error import InvalidResponseError, S3Error, ServerError
    from urllib3.exceptions import HTTPError

    try:
        return await asyncio.to_thread(work, *args, **kwargs)
    except (HTTPError, ServerError) as error:
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
