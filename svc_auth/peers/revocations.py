"""Revocations in Redis, under the keys and on the channel that `chassis.revocations` reads."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from redis.asyncio import Redis
from redis.exceptions import RedisError

from chassis.errors import Unavailable
from chassis.revocations import CHANNEL, session_key, user_key

# Longer than a token lives by what clocks may differ.
_MARGIN = timedelta(minutes=1)


class RedisRevocations:
    """Writes revocations; each goes once the last token it concerns has expired.

    Args:
        redis: The server.
        token_lifetime: How long an access token is good for.
    """

    def __init__(self, redis: Redis, token_lifetime: timedelta) -> None:
        self._redis = redis
        self._kept = token_lifetime + _MARGIN

    async def revoke_sessions(self, session_ids: Sequence[str]) -> None:
        """Void the tokens of these sessions; Unavailable where Redis does not answer."""
        if session_ids:
            await self._write(
                {session_key(each): 1 for each in session_ids},
                [f"session:{each}" for each in session_ids],
            )

    async def revoke_user(self, user_id: str, before: datetime) -> None:
        """Void the user's tokens of the seconds before; Unavailable where Redis does not answer.

        Tokens tell the time of their issue in whole seconds. So those of the very second are
        left alone, as some may be newer; the sessions of the older ones are revoked by name.
        """
        await self._write({user_key(user_id): int(before.timestamp()) * 1000}, [f"user:{user_id}"])

    async def _write(self, values: dict[str, int], published: Sequence[str]) -> None:
        try:
            async with self._redis.pipeline(transaction=True) as pipeline:
                for key, value in values.items():
                    pipeline.set(key, value, px=self._kept)
                for message in published:
                    pipeline.publish(CHANNEL, message)
                await pipeline.execute()
        except RedisError as error:
            raise Unavailable("Sessions can not be revoked right now.") from error
