"""What is to be recorded, kept in memory."""

from chassis.mongo.audit_log import Action


class Recorded:
    """A recorder of actions.

    Attributes:
        begun: Those that were about to be done, in their order; the place of each is its id.
        ended: Place -> how it ended, and the id of what it made.
        failure: What is raised instead of recording that one is about to be done.
    """

    def __init__(self) -> None:
        self.begun: list[Action] = []
        self.ended: dict[str, tuple[str, str]] = {}
        self.failure: Exception | None = None

    async def begin(self, action: Action) -> str:
        if self.failure is not None:
            raise self.failure
        self.begun.append(action)
        return str(len(self.begun) - 1)

    async def end(self, action_id: str, outcome: str, made: str = "") -> None:
        self.ended[action_id] = (outcome, made)
