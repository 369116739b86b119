"""Files of a form, streamed to the RPC that takes them."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any

import grpc
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message
from starlette.datastructures import UploadFile

from chassis.contract.validation import Violation
from gateway.contract import Rpc, rules_of
from gateway.http.credentials import Metadata
from gateway.protojson.encode import Encoders
from gateway.transcoding.channels import Calls
from gateway.transcoding.errors import problem_of

FORMS_AT_ONCE = 4
_CHUNK_BYTES = 64 * 1024


class Upload:
    """Sends the file of one field.

    Attributes:
        field: The field of the request that takes the key of what was uploaded.
        part: Name of the form's part: the field's, without `_key`.
        slots: Held while a form is read and its file sent.
    """

    def __init__(
        self, field: FieldDescriptor, rpc: Rpc, calls: Calls, encoders: Encoders, timeout: float
    ) -> None:
        self.field = field.name
        self.part = part_name(field)
        self.slots = asyncio.Semaphore(FORMS_AT_ONCE)
        self._call = calls.client_stream(rpc)
        self._request = rpc.request
        self._chunk = _only(rpc.method.input_type, FieldDescriptor.TYPE_BYTES)
        self._key = _only(rpc.method.output_type, FieldDescriptor.TYPE_STRING)
        self._encoders = encoders
        self._timeout = timeout

    async def send(self, file: UploadFile, metadata: Metadata) -> str:
        """The key of the file, once it was taken.

        Raises:
            Problem: It was not taken; its fields are named by the form's part.
        """
        try:
            response = await self._call(
                self._chunks(file), timeout=self._timeout, metadata=metadata
            )
        except grpc.aio.AioRpcError as error:
            problem = problem_of(error, self._encoders)
            problem.errors = [Violation(self.part, broken.message) for broken in problem.errors]
            raise problem from error
        key: str = getattr(response, self._key)
        return key

    async def _chunks(self, file: UploadFile) -> AsyncIterator[Message]:
        while chunk := await file.read(_CHUNK_BYTES):
            content: dict[str, Any] = {self._chunk: chunk}
            yield self._request(**content)


def part_name(field: FieldDescriptor) -> str:
    """`image_key` takes the part `image`."""
    return field.name.removesuffix("_key")


def upload_of(
    descriptor: Descriptor,
    rpcs: Mapping[str, Rpc],
    calls: Calls,
    encoders: Encoders,
    timeout: float,
) -> Upload | None:
    """How the file of a request is sent; None where it takes none.

    Args:
        descriptor: The request's type.
        rpcs: Full name -> RPC.
        calls: Where calls go.
        encoders: For the details of refusals.
        timeout: For the whole file, in seconds.
    """
    for field in descriptor.fields:
        if name := rules_of(field).upload:
            return Upload(field, rpcs[name], calls, encoders, timeout)
    return None


def _only(descriptor: Descriptor, kind: int) -> str:
    """Name of the message's only field of a type."""
    [name] = [field.name for field in descriptor.fields if field.type == kind]
    return name
