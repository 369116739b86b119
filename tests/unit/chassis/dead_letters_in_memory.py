"""The fake of `chassis.consumers.dead_letters.MongoDeadLetters`; one contract test runs on both."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from chassis.consumers.dead_letters import (
    ANY,
    MOST_FAILURES,
    DeadLetter,
    FailedAttempt,
    Filter,
    Page,
    Position,
    page_of,
    position_of,
)
from chassis.ids import new_id


class DeadLettersInMemory:
    """A `DeadLetterStore` without a database."""

    def __init__(self) -> None:
        self._letters: dict[str, DeadLetter] = {}
        self.unreachable = False

    async def keep(self, letter: DeadLetter) -> None:
        same = (letter.group, letter.event_id)
        ids = [at for at, each in self._letters.items() if (each.group, each.event_id) == same]
        letter_id = ids[0] if ids else new_id()
        self._letters[letter_id] = replace(letter, id=letter_id)

    async def check(self) -> None:
        if self.unreachable:
            raise ConnectionError("mongodb is unreachable")

    async def due(self, now: datetime, size: int) -> Sequence[DeadLetter]:
        due = [(each.replay_at, each) for each in self._letters.values() if each.replay_at]
        due.sort(key=lambda pair: pair[0])
        return [each for at, each in due if at <= now][:size]

    async def failed_again(
        self, letter_id: str, failure: FailedAttempt, replay_at: datetime | None
    ) -> None:
        if letter := self._letters.get(letter_id):
            self._letters[letter_id] = replace(
                letter,
                error=failure.error,
                attempts=letter.attempts + 1,
                replay_at=replay_at,
                history=(*letter.history, failure)[-MOST_FAILURES:],
            )

    async def page(self, size: int, after: Position | None, where: Filter = ANY) -> Page:
        letters = self._those(where)
        return page_of(
            [each for each in letters if after is None or position_of(each) > after], size
        )

    async def count(self, where: Filter = ANY) -> int:
        return len(self._those(where))

    async def some(self, letter_ids: Sequence[str]) -> Sequence[DeadLetter]:
        return [each for each in self._those(ANY) if each.id in letter_ids]

    async def count_by_group(self, groups: Collection[str]) -> Mapping[str, int]:
        return Counter(each.group for each in self._letters.values() if each.group in groups)

    async def get(self, letter_id: str) -> DeadLetter | None:
        return self._letters.get(letter_id)

    async def remove(self, letter_id: str) -> bool:
        return self._letters.pop(letter_id, None) is not None

    async def remove_some(self, letter_ids: Sequence[str]) -> int:
        return sum([await self.remove(letter_id) for letter_id in letter_ids])

    async def remove_all(self, where: Filter) -> int:
        return await self.remove_some([each.id for each in self._those(where)])

    def _those(self, where: Filter) -> list[DeadLetter]:
        return sorted(
            (
                each
                for each in self._letters.values()
                if where.group in {None, each.group}
                and (where.since is None or each.failed_at >= where.since)
                and (where.until is None or each.failed_at < where.until)
            ),
            key=position_of,
        )
