"""shop.ops.v1 of a service: the events that it could not handle."""

from datetime import datetime
from typing import Any

from google.protobuf.json_format import MessageToJson
from shop.ops.v1 import ops_pb2, ops_pb2_grpc

from chassis.consumers.dead_letters import DeadLetter, Filter
from chassis.consumers.replays import DeadLetters
from chassis.contract.topics import group_of
from chassis.errors import InvalidField
from chassis.rpc.deadline import shortened
from chassis.rpc.paging import decode_page_token, encode_page_token, page_size, scope_of
from chassis.rpc.values import time_in, timestamp_message

# Of many letters: what is left of the call's time goes to the answer.
_REPLAY_SECONDS = 60.0
_ANSWER_SECONDS = 1.0
_FILTERS = ("group", "topic", "from", "to")


class OpsRpc(ops_pb2_grpc.OpsServiceServicer):
    """Lists, shows, replays and drops dead letters.

    Args:
        letters: The letters.
        service: Whose they are, such as `svc_cart`.
    """

    def __init__(self, letters: DeadLetters, service: str) -> None:
        self._letters = letters
        self._service = service

    async def ListDeadLetters(
        self, request: ops_pb2.ListDeadLettersRequest, context: Any
    ) -> ops_pb2.ListDeadLettersResponse:
        scope = scope_of(request)
        after = decode_page_token(request.page_token, scope, (datetime, str))
        where = self._filter(request)
        page = await self._letters.list(page_size(request.page_size), after, where)
        return ops_pb2.ListDeadLettersResponse(
            dead_letters=[self._to_message(letter) for letter in page.letters],
            next_page_token=encode_page_token(scope, page.next) if page.next else "",
            total_size=await self._letters.count(where),
        )

    async def GetDeadLetter(
        self, request: ops_pb2.GetDeadLetterRequest, context: Any
    ) -> ops_pb2.GetDeadLetterResponse:
        letter = await self._letters.get(request.dead_letter_id)
        return ops_pb2.GetDeadLetterResponse(dead_letter=self._to_message(letter))

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

    async def ReplayDeadLetters(
        self, request: ops_pb2.ReplayDeadLettersRequest, context: Any
    ) -> ops_pb2.ReplayDeadLettersResponse:
        seconds = shortened(_REPLAY_SECONDS) - _ANSWER_SECONDS
        if _is_of_ids(request):
            became = await self._letters.replay_some(request.dead_letter_ids, seconds)
        else:
            became = await self._letters.replay_all(self._filter(request), seconds)
        return ops_pb2.ReplayDeadLettersResponse(
            replayed=became.replayed,
            failed=became.failed,
            failures=[
                ops_pb2.FailedReplay(dead_letter_id=letter_id, service=self._context, error=error)
                for letter_id, error in became.failures
            ],
            left=became.left,
        )

    async def DropDeadLetters(
        self, request: ops_pb2.DropDeadLettersRequest, context: Any
    ) -> ops_pb2.DropDeadLettersResponse:
        if _is_of_ids(request):
            dropped = await self._letters.drop_some(request.dead_letter_ids)
        else:
            dropped = await self._letters.drop_all(self._filter(request))
        return ops_pb2.DropDeadLettersResponse(dropped=dropped)

    @property
    def _context(self) -> str:
        return self._service.removeprefix("svc_")

    def _filter(self, request: Any) -> Filter:
        """What a request asks for; a service has one group for each topic."""
        group = group_of(self._service, request.topic) if request.topic else None
        if request.group:
            # Both that disagree find nothing: no group has this name.
            group = request.group if group in {None, request.group} else ""
        return Filter(group, time_in(request, "from"), time_in(request, "to"))

    def _to_message(self, letter: DeadLetter) -> ops_pb2.DeadLetter:
        message = self._letters.message_of(letter)
        return ops_pb2.DeadLetter(
            id=letter.id,
            service=self._context,
            group=letter.group,
            topic=letter.topic,
            event_id=letter.event_id,
            key=letter.key,
            event_json="It cannot be read." if message is None else MessageToJson(message),
            error=letter.error,
            attempts=letter.attempts,
            failed_at=timestamp_message(letter.failed_at),
            replay_at=timestamp_message(letter.replay_at) if letter.replay_at else None,
            history=[
                ops_pb2.FailedAttempt(at=timestamp_message(each.at), error=each.error)
                for each in letter.history
            ],
        )


def _is_of_ids(
    request: ops_pb2.ReplayDeadLettersRequest | ops_pb2.DropDeadLettersRequest,
) -> bool:
    """Whether letters are named rather than described.

    Raises:
        InvalidField: They are both, or neither, which would be all letters.
    """
    given = {field.name for field, _ in request.ListFields()}
    is_filtered = not given.isdisjoint(_FILTERS)
    if request.dead_letter_ids and is_filtered:
        raise InvalidField("dead_letter_ids", "must not be given together with filters")
    if not request.dead_letter_ids and not is_filtered:
        raise InvalidField("dead_letter_ids", "is required, or group, topic, from or to")
    return bool(request.dead_letter_ids)
