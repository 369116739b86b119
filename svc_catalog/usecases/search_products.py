"""What searches mean, and the vocabulary that says it."""

from dataclasses import dataclass

import structlog

from svc_catalog.model.products import ProductFields
from svc_catalog.model.search import Search, terms
from svc_catalog.model.vocabulary import Reading, lookup_of, readings_of
from svc_catalog.model.words import query_words
from svc_catalog.usecases.ports import ProductStore, Vocabulary

log = structlog.get_logger(__name__)

# More words than anyone looks for.
MAX_WORDS = 12
_BATCH = 100


@dataclass(frozen=True)
class Understood:
    """What a query is taken for.

    Attributes:
        search: What to look for.
        corrected: The query with its slips corrected; empty where there were none.
    """

    search: Search
    corrected: str = ""


class SearchProducts:
    """Understands queries by the words that products have.

    Args:
        vocabulary: These words.
        language: Of words in Latin letters, as `svc_catalog.model.words.stems` has it.
    """

    def __init__(self, vocabulary: Vocabulary, language: str) -> None:
        self._vocabulary = vocabulary
        self._language = language

    async def understand(self, query: str) -> Understood:
        """What `query` stands for; nothing matches where it has no words."""
        typed = query_words(query)[:MAX_WORDS]
        if not typed:
            return Understood(Search(()))
        entries = await self._vocabulary.find(lookup_of(typed, self._language))
        readings = readings_of(typed, entries, self._language)
        return Understood(Search(tuple(readings)), _corrected(typed, readings))

    async def learn(self, fields: ProductFields) -> None:
        """Have the words of a product in the vocabulary; before it can be found by them."""
        await self._vocabulary.add(terms(fields))

    async def analyse_again(self, products: ProductStore) -> None:
        """Bring up to date what was derived from products, and from words, in another way."""
        while outdated := await products.outdated(_BATCH):
            for product in outdated:
                await self.learn(product.fields)
                # Where it has changed meanwhile, it is found again.
                await products.derive(product)
            log.info("products derived again", number=len(outdated))
        while words := await self._vocabulary.outdated(_BATCH):
            await self._vocabulary.add(words)


def _corrected(typed: list[str], readings: list[Reading]) -> str:
    """The words as they were meant; empty where another reading needs no correction."""
    meant = [
        concept.wide[0] if concept.is_corrected and concept.wide else word
        for word, concept in zip(typed, readings[0], strict=True)
    ]
    return " ".join(meant) if meant != typed and len(readings) == 1 else ""
