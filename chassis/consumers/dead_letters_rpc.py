"""shop.ops.v1 of a service: the events that it could not handle."""

from datetime import datetime
from typing import Any

from google.protobuf.json_format import MessageToJson
from shop.ops.v1 import ops_pb2, ops_pb2_grpc

from chassis.consumers.dead_letters import DeadLetter
from chassis.consumers.replays import DeadLetters
from chassis.rpc.paging import decode_page_token, encode_page_token, page_size
from chassis.rpc.values import timestamp_message

_SCOPE = "dead-letters"


class OpsRpc(ops_pb2_grpc.OpsServiceServicer):
    """Lists, replays and drops dead letters."""

    def __init__(self, letters: DeadLetters) -> None:
        self._letters = letters

    async def ListDeadLetters(
        self, request: ops_pb2.ListDeadLettersRequest, context: Any
    ) -> ops_pb2.ListDeadLettersResponse:
        after = decode_page_token(request.page_token, _SCOPE, (datetime, str))
        page = await self._letters.list(page_size(request.page_size), after)
        return ops_pb2.ListDeadLettersResponse(
            dead_letters=[self._to_message(letter) for letter in page.letters],
            next_page_token=encode_page_token(_SCOPE, page.next) if page.next else "",
            total_size=await self._letters.count(),
        )

    async def ReplayDeadLetter(
        self, request: ops_pb2.ReplayDeadLetterRequest, context: Any
    ) -> ops_pb2.ReplayDeadLetterResponse:
        await self._letters.replay(request.dead_letter_id)
        return ops_pb2.ReplayDeadLetterResponse()

    async def DropDeadLetter(
        self, request: ops_pb2.DropDeadLetterRequest, context: Any
    ) -> ops_pb2.DropDeadLetterResponse:
        await self._letters.drop(request.dead_letter_id)
        return ops_pb2.DropDeadLetterResponse()

    def _to_message(self, letter: DeadLetter) -> ops_pb2.DeadLetter:
        message = self._letters.message_of(letter)
        return ops_pb2.DeadLetter(
            id=letter.id,
            group=letter.group,
            topic=letter.topic,
            event_id=letter.event_id,
            key=letter.key,
            event_json="It cannot be read." if message is None else MessageToJson(message),
            error=letter.error,
            attempts=letter.attempts,
            failed_at=timestamp_message(letter.failed_at),
            replay_at=timestamp_message(letter.replay_at) if letter.replay_at else None,
        )
