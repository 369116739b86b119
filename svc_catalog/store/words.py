"""The port Vocabulary on MongoDB.

    {_id: word, stems: [word], endings: [word], shortened: [word], analysed_by}

Words that no product has any more stay: they find nothing, and a shop never has many.
"""

import asyncio
from collections.abc import Iterable, Sequence

from pymongo import UpdateOne
from pymongo.asynchronous.database import AsyncDatabase

from chassis.mongo.client import Document, Index
from svc_catalog.model.vocabulary import Entry, Lookup, entry_of

WORDS = "words"

# Raised when entries are made otherwise; the old ones are made again.
ANALYSIS = 1

WORD_INDEXES = tuple(
    Index(WORDS, ((field, 1),)) for field in ("stems", "endings", "shortened", "analysed_by")
)

# More words than anyone could mean, and a bound of what a search reads.
_MOST = 500
_BEGUN = 200
# Words that this process need not write again: a few MB.
_REMEMBERED = 50_000


class MongoVocabulary:
    """The vocabulary in its collection.

    Args:
        database: The catalog's.
        language: Of words in Latin letters, as `svc_catalog.model.words.stems` has it.
    """

    def __init__(self, database: AsyncDatabase[Document], language: str) -> None:
        self._words = database[WORDS]
        self._language = language
        self._analysed_by = f"{ANALYSIS} {language}"
        self._written: set[str] = set()

    async def add(self, words: Iterable[str]) -> None:
        """See Vocabulary."""
        new = set(words) - self._written
        if not new:
            return
        await self._words.bulk_write([self._write(each) for each in new], ordered=False)
        if len(self._written) > _REMEMBERED:
            self._written.clear()
        self._written |= new

    async def find(self, lookup: Lookup) -> Sequence[Entry]:
        """See Vocabulary."""
        found = await asyncio.gather(
            self._look_up(lookup), *(self._begun(each) for each in lookup.beginnings)
        )
        return list({each.word: each for some in found for each in some}.values())

    async def outdated(self, limit: int) -> Sequence[str]:
        """See Vocabulary."""
        other = [{"analysed_by": {way: self._analysed_by}} for way in ("$lt", "$gt")]
        return [each["_id"] async for each in self._words.find({"$or": other}).limit(limit)]

    async def _look_up(self, lookup: Lookup) -> list[Entry]:
        words, stems = list(lookup.words), list(lookup.stems)
        query = {
            "$or": [
                {"_id": {"$in": words}},
                {"stems": {"$in": stems}},
                {"endings": {"$in": words}},
                {"shortened": {"$in": list(lookup.shortened)}},
            ]
        }
        return [_entry(each) async for each in self._words.find(query).limit(_MOST)]

    async def _begun(self, beginning: str) -> list[Entry]:
        # A normalised word has letters, marks and digits only, so nothing in it is special.
        query = {"_id": {"$regex": f"^{beginning}"}}
        return [_entry(each) async for each in self._words.find(query).limit(_BEGUN)]

    def _write(self, word: str) -> UpdateOne:
        entry = entry_of(word, self._language)
        fields = {
            "stems": sorted(entry.stems),
            "endings": sorted(entry.endings),
            "shortened": sorted(entry.shortened),
            "analysed_by": self._analysed_by,
        }
        return UpdateOne({"_id": word}, {"$set": fields}, upsert=True)


def _entry(document: Document) -> Entry:
    fields = ("stems", "endings", "shortened")
    return Entry(document["_id"], *(frozenset(document[name]) for name in fields))
