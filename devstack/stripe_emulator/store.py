"""The emulator's SQLite file: objects, remembered replies, webhook deliveries.

All calls are made on the event loop's thread. A request's work is a few row operations, far below a
millisecond, so that requests are simply serialised; no lock is needed and none is taken.
WAL with `synchronous=NORMAL` keeps every committed transaction through a kill of the process.
"""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from .shapes import JsonObject

SCHEMA = """
CREATE TABLE IF NOT EXISTS objects (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    created INTEGER NOT NULL,
    body TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS objects_by_kind ON objects (kind, seq);
CREATE INDEX IF NOT EXISTS objects_by_payment_intent
    ON objects (kind, json_extract(body, '$.payment_intent'));
CREATE INDEX IF NOT EXISTS objects_by_charge ON objects (kind, json_extract(body, '$.charge'));
CREATE INDEX IF NOT EXISTS objects_by_payment_method
    ON objects (kind, json_extract(body, '$.payment_method'));
CREATE TABLE IF NOT EXISTS replies (
    key TEXT PRIMARY KEY,
    path TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    request_id TEXT NOT NULL,
    status INTEGER NOT NULL,
    body TEXT NOT NULL,
    created INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS deliveries (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    event_id TEXT NOT NULL,
    queued REAL NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    due REAL,
    outcome TEXT NOT NULL DEFAULT 'waiting'
);
CREATE INDEX IF NOT EXISTS deliveries_due ON deliveries (due) WHERE due IS NOT NULL;
"""

# Fields that lists can be narrowed by. Each has an index above, whose expression must be repeated
# literally for SQLite to use it.
FILTERS = {
    "payment_intent": "json_extract(body, '$.payment_intent') = :value",
    "charge": "json_extract(body, '$.charge') = :value",
    "payment_method": "json_extract(body, '$.payment_method') = :value",
    "type": "json_extract(body, '$.type') = :value",
}
PAGE = """
SELECT body FROM objects
WHERE kind = :kind AND created BETWEEN :since AND :until
  AND (:after IS NULL OR seq < (SELECT seq FROM objects WHERE id = :after))
  AND (:before IS NULL OR seq > (SELECT seq FROM objects WHERE id = :before))
"""


@dataclass(frozen=True)
class Page:
    """Which part of a list is wanted; newest first. Times are Unix seconds, both included."""

    limit: int = 10
    after: str | None = None
    before: str | None = None
    since: int = 0
    until: int = 2**53


@dataclass(frozen=True)
class SavedReply:
    """What was answered to the first request with an idempotency key."""

    key: str
    path: str
    fingerprint: str
    request_id: str
    status: int
    body: str
    created: int


@dataclass(frozen=True)
class Delivery:
    """One event on its way to the webhook endpoint. Times are Unix seconds."""

    id: int
    event_id: str
    queued: float
    attempts: int


class Store:
    """Opens the file (or `:memory:`) and makes its tables."""

    def __init__(self, path: Path | str) -> None:
        self._db = sqlite3.connect(path, isolation_level=None, timeout=5)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")
        self._db.executescript(SCHEMA)

    def close(self) -> None:
        """Close the file; what was committed stays."""
        self._db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All writes inside are kept together, or none where the block raises."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    def put(self, body: JsonObject) -> None:
        """Insert an object, or replace the one with the same id."""
        self._db.execute(
            "INSERT INTO objects (id, kind, created, body) VALUES (?, ?, ?, ?) "
            "ON CONFLICT (id) DO UPDATE SET body = excluded.body",
            (body["id"], body["object"], body["created"], json.dumps(body)),
        )

    def get(self, object_id: str) -> JsonObject | None:
        """The object with this id, of whatever kind."""
        row = self._db.execute("SELECT body FROM objects WHERE id = ?", (object_id,)).fetchone()
        return None if row is None else _body(row)

    def page(self, kind: str, page: Page, **where: str) -> list[JsonObject]:
        """Up to `page.limit` objects, newest first; with `before`, those just newer than it.

        Args:
            kind: the objects' `object` field.
            page: the part of the list.
            where: at most one of `FILTERS` and its value.
        """
        field, value = next(iter(where.items()), (None, None))
        sql = PAGE if field is None else f"{PAGE} AND {FILTERS[field]}"
        sql += f" ORDER BY seq {'ASC' if page.before else 'DESC'} LIMIT :limit"
        rows = self._db.execute(sql, {"kind": kind, "value": value, **vars(page)}).fetchall()
        bodies = [_body(row) for row in rows]
        return bodies[::-1] if page.before else bodies

    def everything(self, kind: str) -> Iterator[JsonObject]:
        """All objects of a kind, oldest first."""
        rows = self._db.execute("SELECT body FROM objects WHERE kind = ? ORDER BY seq", (kind,))
        return map(_body, rows)

    def reply(self, key: str) -> SavedReply | None:
        """What was answered under an idempotency key."""
        row = self._db.execute(
            "SELECT key, path, fingerprint, request_id, status, body, created "
            "FROM replies WHERE key = ?",
            (key,),
        ).fetchone()
        return None if row is None else SavedReply(*row)

    def save_reply(self, reply: SavedReply) -> None:
        """Remember an answer; a forgotten one under the same key gives way."""
        self._db.execute(
            "INSERT OR REPLACE INTO replies "
            "(key, path, fingerprint, request_id, status, body, created) "
            "VALUES (:key, :path, :fingerprint, :request_id, :status, :body, :created)",
            vars(reply),
        )

    def forget_replies(self, before: int) -> None:
        """Drop the answers older than this."""
        self._db.execute("DELETE FROM replies WHERE created < ?", (before,))

    def enqueue(self, event_id: str, now: float, due: float) -> None:
        """Have an event delivered at `due`."""
        self._db.execute(
            "INSERT INTO deliveries (event_id, queued, due) VALUES (?, ?, ?)", (event_id, now, due)
        )

    def due(self, now: float, limit: int) -> list[Delivery]:
        """The deliveries whose time has come, the longest waiting first."""
        rows = self._db.execute(
            "SELECT id, event_id, queued, attempts FROM deliveries "
            "WHERE due <= ? ORDER BY due, id LIMIT ?",
            (now, limit),
        )
        return [Delivery(*row) for row in rows]

    def next_due(self) -> float | None:
        """When the next delivery's time comes."""
        row = self._db.execute("SELECT min(due) FROM deliveries WHERE due IS NOT NULL").fetchone()
        due: float | None = row[0]
        return due

    def record_attempt(self, delivery_id: int, due: float | None, outcome: str) -> None:
        """Count an attempt and say how it went; `due` is None when there will be no other."""
        self._db.execute(
            "UPDATE deliveries SET attempts = attempts + 1, due = ?, outcome = ? WHERE id = ?",
            (due, outcome, delivery_id),
        )

    def delivery_counts(self) -> dict[str, int]:
        """How many deliveries are `waiting`, `delivered` or `abandoned`."""
        row = self._db.execute(
            "SELECT count(due), count(*) FILTER (WHERE outcome = 'delivered'), "
            "count(*) FILTER (WHERE outcome = 'abandoned') FROM deliveries"
        ).fetchone()
        return dict(zip(("waiting", "delivered", "abandoned"), row, strict=True))


def _body(row: tuple[str]) -> JsonObject:
    body: JsonObject = json.loads(row[0])
    return body
